import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { InputShapeError, ParameterError } from "../../explainers/errors.js";
import { errorAt } from "../../explainers/failures.js";
import { record, release, trace } from "../../explainers/network/index.js";
import { packageFile } from "../platform/files.js";
import { tensorflow } from "../tensorflow/backend.js";
import { readBeside } from "./beside.js";
import { ModelFileError, ModelNotFoundError } from "./errors.js";
import { type InputOptions, type ModelInput, modelInput } from "./input.js";
import { loadKeras } from "./keras/load.js";
import { type ModelSource, openSource } from "./source.js";
import { loadTfjs } from "./tfjs.js";
import { parseJson } from "./weights.js";

/** A network as a function of its input tensor(s); it may use any TensorFlow.js operation. */
export type TensorFunction = (x: Tensor, ...more: Tensor[]) => Tensor;

/** The networks that explainers take. */
type Net = LayersModel | GraphModel | TensorFunction;

/** A network with what is needed to feed it and to read it. */
export interface LoadedModel<N extends Net = Net> {
  name: string;
  /** The network itself: what explainers take. */
  net: N;
  /** What it takes: shape, normalization, bounds. `loadImage(photo, model.input)` follows it. */
  input: ModelInput;
  /** Whether the output is scores before the softmax, or probabilities; unsaid, read from what the net computes. */
  readonly output: "logits" | "probabilities";
  /** Names of the classes, by index, where known. */
  classNames?: string[];
  /** Words that it takes the numbers of, by number, where known. */
  words?: readonly string[];
  /**
   * The output for a batch `[batch, …input.shape]`; of a net with several outputs, the one chosen by `select`, else the first.
   * @throws InputShapeError
   */
  predict(x: Tensor | Tensor[]): Tensor;
  /** Frees the weights; of a function, its `dispose` option. */
  dispose(): void;
}

/** What a model's file does not say and the caller knows. Each overrides what the file says. */
export interface ModelOptions {
  name?: string;
  /** Normalization (`mean`, `scale`), `crop`, and for functions the `shape` of one sample. */
  input?: InputOptions;
  output?: "logits" | "probabilities";
  classNames?: string[];
  /** Words that it takes the numbers of, by number. */
  words?: readonly string[];
  /** Which output of a net that has several: its node's name (graph models) or index. */
  select?: string | number;
  /** Called by `dispose()` of a model that is a function, to free what it closes over. */
  dispose?: () => void;
}

/** Names of the models inside this package. */
export const builtInModels = [
  "efficientnet-lite0",
  "mnist-cnn",
  "mnist-mlp",
  "mnist-decoder",
  "planted-objects",
  "planted-scenes",
  "planted-watermark",
  "planted-repaired",
  "char-lstm",
  "char-gru",
  "ecg-beats",
  "eeg-finger-movements",
  "eeg-self-regulation",
  "motion-shoulder-exercises",
  "movie-svm",
  "movie-cnn",
  "movie-lstm",
  "fmri-objects",
  "histology-nuclei",
  "histology-clear-cases",
] as const;

/** The name of a built-in model, completed in a cell, or any other text. */
type ModelName = (typeof builtInModels)[number] | (string & {});

/**
 * Loads a network and learns what it takes and gives.
 *
 * @param model A built-in name ("efficientnet-lite0"); a path or URL of a TensorFlow.js model.json (layers or graph), of a
 *   directory that holds one, of a Keras `.h5`/`.hdf5` or a Keras 3 `.keras`; or a function of tensors.
 * @param options What the file does not say; pixels enter as 0…1 and outputs count as probabilities where what the net computes
 *   ends in a softmax or sigmoid, as logits elsewhere, unless stated here or in the file's `userDefinedMetadata.limpid`. Beside a
 *   model.json, Teachable Machine's `metadata.json` and Hugging Face's `config.json` are read: names of classes, range of pixels.
 * @throws ModelNotFoundError, ModelFileError, UnknownLayerError; ParameterError for anything else
 * @example const model = await loadModel("efficientnet-lite0");
 */
export async function loadModel<F extends TensorFunction>(model: F, options?: ModelOptions): Promise<LoadedModel<F>>;
export async function loadModel(model: ModelName, options?: ModelOptions): Promise<LoadedModel>;
export async function loadModel(model: string | TensorFunction, options: ModelOptions = {}): Promise<LoadedModel> {
  if (typeof model === "function") return fromFunction(model, options);
  if (typeof model !== "string") {
    const names = builtInModels.join(", ");
    throw new ParameterError(
      "model",
      model,
      `the name of a built-in one (${names}), a path or URL, or a function of tensors`,
    );
  }
  const builtIn = (builtInModels as readonly string[]).includes(model);
  const source = await openSource(builtIn ? packageFile("models", model) : model).catch((error: unknown) => {
    const isName = !/^https?:|[/\\]/i.test(model);
    throw error instanceof ModelNotFoundError && isName
      ? ModelNotFoundError.notBuiltIn("model", model, builtInModels)
      : error;
  });
  switch (source.extension) {
    case ".json":
      return fromTfjs(source, options);
    case ".h5":
    case ".hdf5":
    case ".keras":
      return finish(await loadKeras(source), { name: source.name, ...options });
    default:
      throw new ModelFileError(
        `${source.location}: models are read from model.json (TensorFlow.js), .h5, .hdf5 or .keras files, not "${source.extension}"`,
      );
  }
}

async function fromTfjs(source: ModelSource, options: ModelOptions): Promise<LoadedModel> {
  const { net, metadata } = await loadTfjs(source);
  const stated = (metadata["limpid"] ?? {}) as Omit<ModelOptions, "classNames" | "words"> & {
    classNames?: string | string[];
    words?: string | string[];
  };
  const { classNames, words } = stated;
  const beside = await readBeside(source, net.outputs[0]?.shape?.at(-1));
  const names = typeof classNames === "string" ? parseJson(classNames, await source.read(classNames)) : classNames;
  return finish(net, {
    name: source.name,
    ...stated,
    ...options,
    input: { ...beside.input, ...stated.input, ...options.input },
    classNames: options.classNames ?? (names as string[] | undefined) ?? beside.classNames,
    words: options.words ?? (typeof words === "string" ? words.split(" ") : words),
  });
}

async function fromFunction(net: TensorFunction, options: ModelOptions): Promise<LoadedModel> {
  await tensorflow();
  return finish(net, { name: net.name || "function", ...options });
}

async function finish(loaded: Net, options: ModelOptions & { name: string }): Promise<LoadedModel> {
  const tf = await tensorflow();
  const net = options.select === undefined ? loaded : selectOutput(tf, loaded, options.select, options.name);
  const shapes = typeof loaded === "function" ? undefined : loaded.inputs.map(({ shape }) => sampleShape(shape));
  const input = modelInput(shapes?.[0] ?? [], options.input);
  const expected = shapes ?? (options.input?.shape ? [input.shape] : undefined);
  let kind = options.output;
  let disposed = false;
  return {
    name: options.name,
    net,
    input,
    get output() {
      kind ??= outputKind(tf, net, expected);
      return kind;
    },
    classNames: options.classNames,
    words: options.words,
    predict(x) {
      const tensors = [x].flat() as Tensor[];
      if (expected) checkShapes(options.name, tensors, expected);
      try {
        return tf.tidy(() => {
          const result = run(net, tensors);
          return Array.isArray(result) ? result[0]! : result;
        });
      } catch (error) {
        throw errorAt(placed(error, net, tensors), { method: `The prediction of ${options.name}` });
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      release(net);
      if (typeof loaded === "function") options.dispose?.();
      else if (isGraphModel(loaded)) loaded.dispose();
      else {
        // TensorFlow.js counts the uses of a nested model, and keeps its weights when there is more than one.
        const weights = loaded.weights.map((weight) => weight.read());
        loaded.dispose();
        tf.dispose(weights);
      }
    },
  };
}

function run(net: Net, tensors: Tensor[]): Tensor | Tensor[] {
  if (typeof net === "function") return net(tensors[0]!, ...tensors.slice(1));
  const inputs = tensors.length === 1 ? tensors[0]! : tensors;
  if (isGraphModel(net)) return net.execute(inputs);
  // One pass over the whole batch: the default would split it and join the parts again.
  return net.predict(inputs, { batchSize: tensors[0]!.shape[0] || 1 });
}

/** The same error with its layer: it is run once more, layer by layer. */
function placed(error: unknown, net: Net, tensors: Tensor[]): unknown {
  try {
    trace(net, tensors).pool.dispose();
    return error;
  } catch (again) {
    return again;
  }
}

type TensorFlow = Awaited<ReturnType<typeof tensorflow>>;

function selectOutput(tf: TensorFlow, net: Net, select: string | number, name: string): Net {
  if (typeof net === "function") throw new ModelFileError(`${name}: a function has one output, nothing to select`);
  const names = net.outputs.map((output) => output.name);
  const index = typeof select === "number" ? select : names.indexOf(select);
  if (net.outputs[index] === undefined) {
    throw new ModelFileError(`${name} has no output ${JSON.stringify(select)}; its outputs are ${names.join(", ")}`);
  }
  if (isGraphModel(net)) {
    // The same graph, seen with one output: explainers find its nodes' names and weights as before.
    const view = { outputs: { value: [net.outputs[index]] }, outputNodes: { value: [names[index]] } };
    return Object.create(net, view) as GraphModel;
  }
  return tf.model({ inputs: net.inputs, outputs: net.outputs[index]! });
}

function isGraphModel(net: LayersModel | GraphModel): net is GraphModel {
  return "executor" in net;
}

/** Drops the batch axis; sizes that are free come as null, -1 or undefined. */
function sampleShape(shape: readonly (number | null)[] | undefined): (number | null)[] {
  return (shape ?? []).slice(1).map((size) => (size === null || size === undefined || size < 0 ? null : size));
}

function checkShapes(name: string, tensors: Tensor[], expected: (number | null)[][]): void {
  if (tensors.length !== expected.length) {
    throw new InputShapeError(`as many tensors as ${name} has inputs, ${expected.length}`, `${tensors.length}`);
  }
  tensors.forEach(({ shape }, index) => {
    const wanted = expected[index]!;
    // A graph model may leave its input's shape open altogether.
    if (wanted.length === 0) return;
    const fits =
      shape.length === wanted.length + 1 && wanted.every((size, axis) => size === null || size === shape[axis + 1]);
    if (!fits) {
      const text = ["batch", ...wanted.map((size) => size ?? "any")].join(", ");
      throw new InputShapeError(`[${text}] (${name})`, `[${shape.join(", ")}]`);
    }
  });
}

/** Probabilities where what the net computes ends in a softmax or a sigmoid, however deep in it; logits where that cannot be seen. */
function outputKind(tf: TensorFlow, net: Net, shapes: (number | null)[][] | undefined): "logits" | "probabilities" {
  if (shapes === undefined || shapes.some((shape) => shape.length === 0)) return "logits";
  const dtypes =
    typeof net === "function" ? [] : net.inputs.map(({ dtype }) => (dtype === "int32" ? dtype : "float32"));
  // Where any size goes, the smallest that the net takes.
  for (const size of shapes.flat().includes(null) ? [1, 8, 32, 128] : [1]) {
    const inputs = shapes.map((shape, index) => tf.zeros([1, ...shape.map((known) => known ?? size)], dtypes[index]));
    try {
      const recording = record(net, inputs.length === 1 ? inputs[0]! : inputs);
      const tail = recording.graph.tails[0];
      recording.dispose();
      return tail === "softmax" || tail === "sigmoid" ? "probabilities" : "logits";
    } catch {
      // Another size, or the explanation that follows says what is wrong.
    } finally {
      tf.dispose(inputs);
    }
  }
  return "logits";
}
