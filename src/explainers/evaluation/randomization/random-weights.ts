import type { CopiedWeight } from "../../network/copy/copied.js";
import type { Random } from "../../numerics/random.js";

/** How a layer's weights are randomized: drawn anew as before training, or its own entries shuffled. */
export type WeightDraw = "reinitialized" | "permuted";

// What tfjs-layers keeps of an initializer.
interface Initializer {
  readonly scale?: number;
  readonly mode?: "fanIn" | "fanOut" | "fanAvg";
  readonly distribution?: "normal" | "uniform" | "truncatedNormal";
  readonly mean?: number;
  readonly stddev?: number;
  readonly minval?: number;
  readonly maxval?: number;
  readonly value?: number;
  getClassName?(): string;
}

/** What weights are before training that are no kernels. */
const fixed: Readonly<Record<string, number>> = {
  bias: 0,
  gamma: 1,
  beta: 0,
  moving_mean: 0,
  moving_variance: 1,
};

/**
 * Random values for a weight. Anew they come from its layer's own initializer: variance scaling (Glorot, He, LeCun), normal, uniform, constant.
 * Where that is not known (graph models), kernels come from Glorot's uniform distribution, biases are 0, and batch norms change nothing. What else
 * an initializer makes (orthogonal, identity) is shuffled.
 */
export function randomWeight(weight: CopiedWeight, draw: WeightDraw, random: Random): Float32Array {
  const own = (): Float32Array => shuffled(weight.original().dataSync<"float32">(), random);
  if (draw === "permuted") return own();
  const { name, shape, initializer } = weight;
  const size = shape.reduce((product, length) => product * length, 1);
  if (initializer === undefined) {
    const constant = fixed[name];
    return constant === undefined ? scaled(shape, size, glorot, random) : new Float32Array(size).fill(constant);
  }
  const known = initializer as Initializer;
  switch (known.getClassName?.()) {
    case "Zeros":
      return new Float32Array(size);
    case "Ones":
      return new Float32Array(size).fill(1);
    case "Constant":
      return new Float32Array(size).fill(known.value ?? 0);
    case "RandomUniform":
      return uniform(size, known.minval ?? -0.05, known.maxval ?? 0.05, random);
    case "RandomNormal":
      return random.gaussians(size).map((value) => (known.mean ?? 0) + (known.stddev ?? 0.05) * value);
    case "TruncatedNormal":
      return truncated(size, random).map((value) => (known.mean ?? 0) + (known.stddev ?? 0.05) * value);
  }
  const isScaling = known.scale !== undefined && known.mode !== undefined && known.distribution !== undefined;
  return isScaling ? scaled(shape, size, known as typeof glorot, random) : own();
}

const glorot = { scale: 1, mode: "fanAvg", distribution: "uniform" } as const satisfies Initializer;

/** Variance `scale / fan`: Glorot and Bengio 2010, He 2015. */
function scaled(
  shape: readonly number[],
  size: number,
  { scale, mode, distribution }: Required<Pick<Initializer, "scale" | "mode" | "distribution">>,
  random: Random,
): Float32Array {
  const [fanIn, fanOut] = fansOf(shape);
  const fan = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
  const variance = scale / Math.max(1, fan);
  if (distribution === "uniform") {
    const limit = Math.sqrt(3 * variance);
    return uniform(size, -limit, limit, random);
  }
  return times(truncated(size, random), Math.sqrt(variance));
}

/** How many entries a unit of a kernel sees, and by how many it is seen. */
function fansOf(shape: readonly number[]): [number, number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = shape.slice(0, -2).reduce((product, length) => product * length, 1);
  return [shape.at(-2)! * field, shape.at(-1)! * field];
}

const uniform = (size: number, low: number, high: number, random: Random): Float32Array =>
  times(random.uniforms(size), high - low, low);

/** `factor · values + shift`, in place: kernels have millions of entries. */
function times(values: Float32Array, factor: number, shift = 0): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = shift + factor * values[i]!;
  return values;
}

/** Standard normal numbers, those beyond 2 drawn again. */
function truncated(size: number, random: Random): Float32Array {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    let value = random.gaussian();
    while (Math.abs(value) > 2) value = random.gaussian();
    values[i] = value;
  }
  return values;
}

function shuffled(values: Float32Array, random: Random): Float32Array {
  const order = random.permutation(values.length);
  return Float32Array.from(values, (_, index) => values[order[index]!]!);
}
