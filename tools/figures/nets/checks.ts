import type { Tensor } from "@tensorflow/tfjs-core";
import {
  type Attribution,
  composites,
  deepLift,
  featureAblation,
  gradients,
  gradientTimesInput,
  integratedGradients,
  type LrpAttribution,
  lrp,
  type Method,
  record,
  release,
  UnsupportedOperationError,
} from "../../../src/explainers/index.js";
import { type Built, build, type Net } from "./nets.js";
import type { Tf } from "./sketch.js";

/** Composites that send on what comes to a layer; the contrastive one sends two relevances of which one counts negatively. */
const ledgers = composites.map(({ id }) => id).filter((id) => id !== "contrastive-excitation-backprop");

/** What does not hold for a net. */
export class Broken extends Error {}

/** Where what is compared was computed in another order, relative to the largest value. */
const ROUNDING = 1e-4;

/** Values below this share of the output are rounded as it is. */
const FLOOR = 1e-3;

/** What a sum of float32 numbers loses of its largest parts, as a share of `ROUNDING`. */
const ROUNDING_OF_PARTS = 2 ** -20 / ROUNDING;

/** Checks all that must hold for a net; gives what was refused by name. */
export async function check(tf: Tf, net: Net): Promise<string[]> {
  const before = tf.memory().numTensors;
  const built = build(tf, net);
  const [x, more] = [built.draw(2, 0), built.draw(3, 50)];
  const refused: string[] = [];
  try {
    if (!runs(tf, built, x, refused)) return refused;
    predicts(tf, built, x);
    predicts(tf, built, more);
    if (!built.words) differentiates(tf, built, x, net);
    const target = net.tail === "one sigmoid" ? 0 : 1;
    const context = { net: built.model, input: built.words ? { low: 0, high: 6 } : { low: -1, high: 1 } };
    const explainer = async (method: Method, options: Record<string, unknown>, input: Tensor[]) =>
      method(context, options)(input.length === 1 ? input[0]! : input, { target, output: net.outputs - 1 });
    const tried = async (what: string, work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        if (!(error instanceof UnsupportedOperationError)) throw error;
        refused.push(`${what}: ${error.operation}`);
      }
    };
    for (const composite of new Set([ledgers[net.seed % ledgers.length]!, "epsilon-plus"])) {
      for (const bias of ["distribute", "absorb"] as const) {
        await tried(`lrp, ${composite}`, () =>
          conserves(context, composite, bias, x, { target, output: net.outputs - 1 }),
        );
      }
    }
    await tried("deeplift", () => completes(explainer, deepLift as Method, {}, x));
    if (!built.jumps) await integrates(explainer, x);
    const methods: [Method, Record<string, unknown>][] = [
      [gradientTimesInput as Method, {}],
      [integratedGradients as Method, { steps: 6 }],
      [deepLift as Method, {}],
      [lrp as Method, { composite: "epsilon-plus", bias: "distribute" }],
      ...(net.seed % 4 === 0 && isForAblation(x)
        ? [[featureAblation as Method, {}] as [Method, Record<string, unknown>]]
        : []),
    ];
    for (const [method, options] of methods) {
      await tried(method.id, () =>
        keepsSamplesApart(tf, (input) => explainer(method, options, input), method.id, more),
      );
    }
    if (net.seed % 5 === 0) {
      await tried("lrp", () =>
        repeats((input) => explainer(lrp as Method, { composite: "epsilon-plus" }, input), "lrp", x),
      );
      await tried("gradient-times-input", () =>
        repeats((input) => explainer(gradientTimesInput as Method, {}, input), "gradient-times-input", x),
      );
    }
  } finally {
    release(built.model);
    tf.dispose([x, more]);
    built.dispose();
  }
  const left = tf.memory().numTensors - before;
  if (left > 0) throw new Broken(`${left} tensors are left behind`);
  return refused;
}

const inputOf = (x: Tensor[]): Tensor | Tensor[] => (x.length === 1 ? x[0]! : x);

/** Features of several inputs can be hidden together where all are rows. */
const isForAblation = (x: Tensor[]): boolean => x.length === 1 || x.every(({ rank }) => rank === 2);

const listOf = (y: Tensor | Tensor[]): Tensor[] => (Array.isArray(y) ? y : [y]);

const numbersOf = (tensor: Tensor): Float32Array => tensor.dataSync<"float32">();

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function compare(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale: number,
  tolerance: number,
  what: string,
): void {
  if (actual.length !== expected.length) throw new Broken(`${what}: ${actual.length} numbers, not ${expected.length}`);
  for (let i = 0; i < actual.length; i++) {
    const off = Math.abs(actual[i]! - expected[i]!);
    if (!(off <= tolerance * scale)) {
      throw new Broken(
        `${what}, entry ${i}: ${actual[i]} instead of ${expected[i]}, ${(off / scale).toExponential(1)} of the largest`,
      );
    }
  }
}

/** Whether TensorFlow.js can run the net at all. */
function runs(tf: Tf, { model }: Built, x: Tensor[], refused: string[]): boolean {
  try {
    tf.dispose(model.predict(inputOf(x)));
    return true;
  } catch (error) {
    refused.push(`TensorFlow.js: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** The recording's outputs are the model's. */
function predicts(tf: Tf, { model, logits }: Built, x: Tensor[]): void {
  const recording = record(model, inputOf(x));
  try {
    tf.tidy(() => {
      const batch = { batchSize: x[0]!.shape[0]! };
      const expected = listOf(logits.predict(inputOf(x), batch));
      const probabilities = listOf(model.predict(inputOf(x), batch));
      recording.outputs.forEach((output, index) => {
        const own = numbersOf(expected[index]!);
        const what = `output ${index} of ${x[0]!.shape[0]} samples`;
        compare(numbersOf(output), own, Math.max(1e-3, largest(own)), ROUNDING, what);
        const tail = recording.graph.tails[index]!;
        const link = { linear: (z: Tensor) => z, softmax: tf.softmax, logSoftmax: tf.logSoftmax, sigmoid: tf.sigmoid }[
          tail
        ] as (z: Tensor) => Tensor;
        compare(
          numbersOf(link(output)),
          numbersOf(probabilities[index]!),
          Math.max(1, largest(own)),
          ROUNDING,
          `${what} after its ${tail}`,
        );
      });
    });
  } finally {
    recording.dispose();
  }
}

/** Distances at which differences are taken: far enough for rounding, near enough for bends. */
const DISTANCES = [2e-2, 4e-3, 5e-4, 5e-5];

/**
 * The gradient lies between the differences to both sides; where the function bends between, they are not one. Of differences at
 * several distances one must agree.
 */
function differentiates(tf: Tf, { model, logits }: Built, x: Tensor[], net: Net): void {
  const recording = record(model, inputOf(x));
  const output = net.outputs - 1;
  const seeds = tf.tidy(() => tf.randomUniform(recording.outputs[output]!.shape, 0.5, 1.5, "float32", net.seed));
  let found: Map<number, Tensor> | undefined;
  try {
    found = gradients(recording, new Map([[recording.graph.outputs[output]!, seeds]]));
    const score = (inputs: Tensor[], rows: number[]): Float32Array =>
      tf.tidy(() => {
        const y = listOf(logits.predict(inputOf(inputs), { batchSize: rows.length }))[output]!;
        const weights = tf.gather(seeds, tf.tensor1d(rows, "int32"));
        return Float32Array.from(numbersOf(tf.sum(tf.mul(y, weights), 1)));
      });
    const gradientsOf = recording.graph.inputs.map((id, index) =>
      found!.has(id) ? numbersOf(found!.get(id)!) : new Float32Array(x[index]!.size),
    );
    const scale = Math.max(...gradientsOf.map(largest));
    const batch = x[0]!.shape[0]!;
    for (let sample = 0; sample < batch; sample++) {
      const own = x.map((input) => tf.slice(input, sample, 1));
      const [here] = score(own, [sample]);
      x.forEach((input, index) => {
        const size = input.size / batch;
        const gradient = gradientsOf[index]!.subarray(sample * size, (sample + 1) * size);
        // A masked step does not stay one when it is moved.
        const values = numbersOf(own[index]!);
        const open = new Set([...gradient.keys()].filter((entry) => net.start !== "masked" || values[entry] !== 0));
        let last = "";
        for (const distance of DISTANCES) {
          if (open.size === 0) break;
          const [above, below] = [distance, -distance].map((step) => {
            const moved = own.map((one, other) =>
              tf.tidy(() => {
                const rows = tf.tile(one, [size, ...one.shape.slice(1).map(() => 1)]);
                return other === index ? tf.add(rows, tf.reshape(tf.mul(tf.eye(size), step), rows.shape)) : rows;
              }),
            );
            const scores = score(moved, Array<number>(size).fill(sample));
            tf.dispose(moved);
            return scores;
          });
          const noise = (30 * 2 ** -24 * Math.max(1, largest(above!))) / distance;
          const tolerance = 2e-2 * scale + noise;
          for (const entry of open) {
            const right = (above![entry]! - here!) / distance;
            const left = (here! - below![entry]!) / distance;
            const value = gradient[entry]!;
            if (value >= Math.min(left, right) - tolerance && value <= Math.max(left, right) + tolerance)
              open.delete(entry);
            else
              last = `sample ${sample}, input ${index}, entry ${entry}: gradient ${value}, differences ${left} and ${right}`;
          }
        }
        if (open.size > 0) throw new Broken(`${last}; ${open.size} of ${size} entries; largest ${scale}`);
      });
      tf.dispose(own);
    }
  } finally {
    tf.dispose([seeds, ...(found?.values() ?? [])]);
    recording.dispose();
  }
}

const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const flow = (values: ArrayLike<number>): number => sumOf(Array.from(values, Math.abs));

/** LRP's books: what comes to a layer goes on or is kept; under `distribute` nothing is kept. */
async function conserves(
  model: object,
  composite: string,
  bias: "distribute" | "absorb",
  x: Tensor[],
  run: { target: number; output: number },
): Promise<void> {
  const result: LrpAttribution = await lrp(model, { composite, bias })(inputOf(x), { ...run, keepLayers: true });
  const name = `${composite}, ${bias}`;
  const sizes = result.layers.map((layer) => flow(layer.relevance()));
  const most = Math.max(...sizes);
  try {
    for (const [index, layer] of result.layers.entries()) {
      if (layer.kind === "input") continue;
      // Parts that cancel are rounded as they are, not as their sum.
      const size = sizes[index]! + ROUNDING_OF_PARTS * most;
      const kept = layer.absorbedByBias + layer.absorbedByEmpty;
      const where = `${name}, ${layer.kind} "${layer.name}" (${layer.rule})`;
      if (!(Math.abs(layer.sum - layer.passedOn - kept) <= ROUNDING * size)) {
        throw new Broken(`${where}: ${layer.sum} came, ${layer.passedOn} went on, ${kept} was kept`);
      }
      if (bias === "distribute" && !(Math.abs(kept) <= ROUNDING * size)) {
        throw new Broken(`${where}: ${kept} of ${layer.sum} was kept`);
      }
    }
    const isOwn = /excitation/.test(composite);
    const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
    const seed = sumOf(result.output);
    if (!isOwn && !(Math.abs(accounted - seed) <= ROUNDING * Math.max(most, Math.abs(seed)))) {
      throw new Broken(`${name}: ${accounted} accounted for, of ${seed}`);
    }
  } finally {
    result.dispose();
  }
}

type Explainer = (method: Method, options: Record<string, unknown>, x: Tensor[]) => Promise<Attribution>;

const gapOf = (result: Attribution): { gap: number; scale: number } => {
  const { completenessGap, baselineOutput } = result as Attribution & {
    completenessGap: number[];
    baselineOutput: number[];
  };
  const sizes = result.inputs.map(({ relevance }) => flow(relevance));
  return {
    gap: largest(completenessGap),
    scale: Math.max(sumOf(sizes), largest(result.output), largest(baselineOutput), 1e-3),
  };
};

async function completes(
  explain: Explainer,
  method: Method,
  options: Record<string, unknown>,
  x: Tensor[],
): Promise<void> {
  const { gap, scale } = gapOf(await explain(method, options, x));
  if (!(gap <= 10 * ROUNDING * scale))
    throw new Broken(`${method.id}: the sum lacks ${gap}, values add up to ${scale}`);
}

/** Integrated gradients sum to the difference, the better the more steps. */
async function integrates(explain: Explainer, x: Tensor[]): Promise<void> {
  let said = "";
  for (const steps of [24, 200, 1600]) {
    const { gap, scale } = gapOf(await explain(integratedGradients as Method, { steps }, x));
    if (gap <= 2e-2 * scale) return;
    said = `integrated-gradients with ${steps} steps: the sum lacks ${gap}, values add up to ${scale}`;
  }
  throw new Broken(said);
}

/** A batch is explained as its samples are, one by one. */
async function keepsSamplesApart(
  tf: Tf,
  explain: (x: Tensor[]) => Promise<Attribution>,
  name: string,
  x: Tensor[],
): Promise<void> {
  const together = await explain(x);
  const batch = x[0]!.shape[0]!;
  for (let sample = 0; sample < batch; sample++) {
    const own = x.map((input) => tf.slice(input, sample, 1));
    const alone = await explain(own).finally(() => tf.dispose(own));
    const scale = Math.max(
      ...alone.inputs.map(({ relevance }) => largest(relevance)),
      FLOOR * largest(alone.output),
      1e-6,
    );
    alone.inputs.forEach(({ relevance }, input) => {
      const all = together.inputs[input]!.relevance;
      const part = all.subarray(sample * relevance.length, (sample + 1) * relevance.length);
      compare(part, relevance, scale, 10 * ROUNDING, `${name}, sample ${sample} of ${batch}, input ${input}`);
    });
  }
}

/** The sixth time, when it runs as a program, says what the first did. */
async function repeats(explain: (x: Tensor[]) => Promise<Attribution>, name: string, x: Tensor[]): Promise<void> {
  const first = await explain(x);
  let last = first;
  for (let call = 1; call < 6; call++) last = await explain(x);
  first.inputs.forEach(({ relevance }, input) => {
    const scale = Math.max(largest(relevance), FLOOR * largest(first.output), 1e-6);
    compare(last.inputs[input]!.relevance, relevance, scale, ROUNDING, `${name}, sixth call, input ${input}`);
  });
}
