import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import {
  type Attribution,
  findMethod,
  LimpidError,
  type LrpAttribution,
  type Method,
  methods,
  ParameterError,
  parseValue,
} from "../explainers/index.js";
import {
  findClass,
  heatmapPng,
  type LoadedModel,
  loadImage,
  loadModel,
  relevanceMap,
  tensorflow,
} from "../kernel-helpers/index.js";
import type { Action } from "./action.js";
import { collectParameter } from "./methods.js";
import { followed } from "./progress.js";
import { number, percent, table } from "./table.js";

interface Options {
  model: string;
  method: string;
  composite?: string;
  epsilon?: number;
  gamma?: number;
  bias?: string;
  param?: Record<string, string>;
  target: string;
  out?: string;
  json?: boolean;
}

/** What `limpid explain --json` prints. */
export interface Explanation {
  model: string;
  photo: string;
  method: string;
  parameters: { readonly [name: string]: unknown };
  target: { index: number; name: string };
  /** The explained output; a logit, also where the model ends in a softmax. */
  output: number;
  top5: { index: number; name: string; output: number; probability: number }[];
  /** All relevance of the pixels. */
  relevanceSum: number;
  /** All that biases kept; null for methods that do not propagate relevance. */
  biasRelevance: number | null;
  /** All that was kept by units with nothing to pass on to; null likewise. */
  emptyRelevance: number | null;
  /** From the input to the output: relevance at each layer, and what it kept. */
  layers: {
    name: string;
    shape: readonly number[];
    sum: number;
    rule: string | null;
    absorbedByBias: number;
    absorbedByEmpty: number;
  }[];
  shape: readonly number[];
  /** From the photo's tensor to its relevance: forward pass and propagation, without loading. */
  milliseconds: number;
}

const forImages = methods.filter(({ inputs, parameters }) => {
  return inputs.includes("image") && !Object.values(parameters).some(({ required }) => required);
});
const compositeNames = findMethod("lrp").parameters["composite"]!.choices!.join(", ");

/** `limpid explain PHOTO …`: what a notebook does, without a notebook. */
export function registerExplain(program: Command, run: (action: Action) => void): void {
  program
    .command("explain")
    .description("explain what a model sees in a photograph")
    .argument("<photo>", "path or URL of a picture, or the name of a bundled one (chelsea.png)")
    .option("--model <model>", "name, path or URL of a model", "efficientnet-lite0")
    .option("--method <method>", `one of ${forImages.map(({ id }) => id).join(", ")}`, "lrp")
    .option(
      "--param <name=value>",
      "a parameter of the method (limpid methods METHOD lists them); repeatable",
      collectParameter,
    )
    .option("--composite <composite>", `LRP's composite: ${compositeNames}`)
    .option("--epsilon <number>", "ε of the composite", numeric)
    .option("--gamma <number>", "γ of the composite", numeric)
    .option("--bias <choice>", "what biases do with their share: absorb, ignore or distribute")
    .option("--target <class>", "what to explain: an index, a class name, or top1", "top1")
    .option("--out <file.png>", "write the heatmap")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample: limpid explain chelsea.png --target tabby --out heatmap.png")
    .action((photo: string, options: Options) => run(() => explain(photo, options)));
}

async function explain(file: string, options: Options): Promise<number> {
  const method = findMethod(options.method);
  if (!forImages.includes(method)) throw new ParameterError("method", method.id, "one that explains pictures");
  const parameters = parametersOf(method, options);
  const model = await loadModel(options.model);
  const run = method.make(model.net, parameters, model.input);
  const photo = await loadImage(file, model.input);
  const outputs = await read(model, photo.tensor);
  const target =
    options.target === "top1" ? outputs.ranked[0]! : findClass(options.target, model.classNames, outputs.ranked.length);

  const start = performance.now();
  const result = await followed(method.name, (runOptions) =>
    run(photo.tensor, { target: target.index, ...runOptions }),
  );
  const milliseconds = performance.now() - start;

  if (options.out) {
    if (result.shape.length !== 4)
      throw new LimpidError(`A heatmap needs positions; the layer's units have the shape [${result.shape.slice(1)}]`);
    const png = heatmapPng({ image: photo, relevance: relevanceMap(result), signed: method.signed });
    await writeFile(options.out, png).catch((cause: Error) => {
      throw new LimpidError(`${options.out} cannot be written: ${cause.message}`, { cause });
    });
  }
  const explanation: Explanation = {
    model: model.name,
    photo: photo.name,
    method: result.method,
    parameters: result.parameters,
    target: { index: target.index, name: target.name },
    output: result.output[0]!,
    top5: outputs.ranked.slice(0, 5),
    ...propagated(result),
    shape: result.shape,
    milliseconds,
  };
  console.log(options.json ? JSON.stringify(explanation) : inWords(explanation, options));
  return 0;
}

/** What the options say about the method's parameters. */
function parametersOf(
  method: Method,
  { composite, epsilon, gamma, bias, param = {} }: Options,
): Record<string, unknown> {
  const written = Object.entries(param).map(([name, value]) => {
    const parameter = Object.hasOwn(method.parameters, name) ? method.parameters[name] : undefined;
    if (parameter?.type === "tensor") throw new ParameterError(name, value, "left out: a command line has no tensors");
    return [name, parameter === undefined ? value : parseValue(parameter, value)];
  });
  const own = { composite, epsilon, gamma, bias };
  const stated = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(stated), ...Object.fromEntries(written) };
}

/** Every class with its output and probability, the largest first. */
async function read(model: LoadedModel, x: Parameters<LoadedModel["predict"]>[0]) {
  const tf = await tensorflow();
  const [values, probabilities] = tf.tidy(() => {
    const y = model.predict(x);
    if (y.rank !== 2)
      throw new LimpidError(`${model.name} gives an output of shape [${y.shape.join(", ")}], not one value a class`);
    return [y.dataSync(), (model.output === "logits" ? y.softmax() : y).dataSync()];
  });
  const ranked = Array.from(values, (output, index) => ({
    ...findClass(index, model.classNames, values.length),
    output,
    probability: probabilities[index]!,
  })).sort((a, b) => b.output - a.output);
  return { ranked };
}

function propagated(
  result: Attribution | LrpAttribution,
): Pick<Explanation, "relevanceSum" | "biasRelevance" | "emptyRelevance" | "layers"> {
  if (!("layers" in result)) {
    const relevanceSum = result.relevance.reduce((sum, value) => sum + value, 0);
    return { relevanceSum, biasRelevance: null, emptyRelevance: null, layers: [] };
  }
  // Activations and reshapes pass on what they get: their numbers are their neighbors'.
  const layers = result.layers.filter(({ kind }) => kind !== "activation" && kind !== "rearrange");
  return {
    relevanceSum: result.relevanceSum,
    biasRelevance: result.biasRelevance,
    emptyRelevance: result.emptyRelevance,
    layers: layers.map(({ name, shape, sum, rule, absorbedByBias, absorbedByEmpty }) => ({
      name,
      shape,
      sum,
      rule: rule ?? null,
      absorbedByBias,
      absorbedByEmpty,
    })),
  };
}

function inWords(explanation: Explanation, { out }: Options): string {
  const { target, output, relevanceSum, layers } = explanation;
  const parameters = Object.entries(explanation.parameters).map(([name, value]) => `${name} ${shown(value)}`);
  const top = explanation.top5.map(({ index, name, output: value, probability }) => [
    String(index),
    name,
    number(value),
    percent(probability),
  ]);
  const parts = [
    `${explanation.photo}: ${target.name} (class ${target.index}), output ${number(output)}`,
    `${explanation.model}, ${[explanation.method, ...parameters].join(", ")}`,
    "",
    table([["class", "name", "output", "probability"], ...top]),
    "",
  ];
  if (layers.length > 0) {
    const rows = layers.map(({ name, shape, rule, sum, absorbedByBias, absorbedByEmpty }) => [
      name,
      shape.slice(1).join(" × "),
      rule ?? "",
      number(sum),
      number(absorbedByBias),
      number(absorbedByEmpty),
    ]);
    parts.push(table([["layer", "shape", "rule", "relevance", "kept by biases", "kept by empty parts"], ...rows]), "");
    parts.push(balance(explanation));
  } else {
    parts.push(`sum of all values ${number(relevanceSum)}`);
  }
  parts.push(`explained in ${Math.round(explanation.milliseconds)} ms`);
  if (out) parts.push(`heatmap written to ${out}`);
  return parts.join("\n");
}

function balance({ output, relevanceSum, biasRelevance, emptyRelevance }: Explanation): string {
  return (
    `output ${number(output)} = pixels ${number(relevanceSum)} + biases ${number(biasRelevance!)} ` +
    `+ empty parts ${number(emptyRelevance!)}`
  );
}

function shown(value: unknown): string {
  if (Number.isInteger(value)) return String(value);
  if (typeof value === "number")
    return Math.abs(value) < 1e-3 ? value.toExponential() : String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function numeric(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
}
