import { seededRandom } from "../numerics/random.js";

/** How the weights of a random net are drawn. */
export const initializations = ["he", "he-uniform", "glorot", "looks-linear"] as const;
export type Initialization = (typeof initializations)[number];

interface Layer {
  seed: number;
  /** Any whole number that no other layer of the net has. */
  layer: number;
  inputs: number;
  outputs: number;
  /** Whether the layer's input comes from a ReLU, which halves its mean square. */
  rectified: boolean;
  initialization: Initialization;
}

/**
 * Draws a layer's weights `[inputs, outputs]` and biases `[outputs]`, the biases with the weights' variance.
 *
 * - `he`: normal, variance 2 / inputs behind a ReLU, 1 / inputs elsewhere (He 2015).
 * - `he-uniform`: uniform of the same variance.
 * - `glorot`: normal, variance 2 / (inputs + outputs) (Glorot & Bengio 2010).
 * - `looks-linear`: units in pairs of opposite sign, so that ReLUs cancel and the net starts out linear (Balduzzi 2017,
 *   section 5).
 *
 * Draws of the same arguments are kept, because a slider that adds a layer needs all others again.
 */
export function drawWeights(layer: Layer): { weights: Float32Array; bias: Float32Array } {
  const key = JSON.stringify(layer, Object.keys(layer).sort());
  const known = drawn.get(key);
  if (known) return known;
  const made = draw(layer);
  if (drawn.size >= KEPT) drawn.delete(drawn.keys().next().value!);
  drawn.set(key, made);
  return made;
}

/** 128 layers of 200 × 200 weights are 20 MB. */
const KEPT = 128;
const drawn = new Map<string, ReturnType<typeof draw>>();

function draw({ seed, layer, inputs, outputs, rectified, initialization }: Layer) {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ (layer + 1));
  const pairs = initialization === "looks-linear";
  const fanIn = pairs && rectified ? inputs / 2 : inputs;
  // A pair ρ(u), ρ(−u) carries the whole of u², so nothing is halved.
  const variance = initialization === "glorot" ? 2 / (inputs + outputs) : (rectified && !pairs ? 2 : 1) / fanIn;
  const deviation = Math.sqrt(variance);
  const reach = Math.sqrt(3) * deviation;
  const number =
    initialization === "he-uniform" ? () => (2 * random.uniform() - 1) * reach : () => random.gaussian() * deviation;

  if (!pairs) return { weights: fill(inputs * outputs, number), bias: fill(outputs, number) };
  const half = { inputs: rectified ? inputs / 2 : inputs, outputs: outputs > 1 ? outputs / 2 : outputs };
  const core = fill(half.inputs * half.outputs, number);
  const weights = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const sign = (i >= half.inputs ? -1 : 1) * (o >= half.outputs ? -1 : 1);
      weights[i * outputs + o] = sign * core[(i % half.inputs) * half.outputs + (o % half.outputs)]!;
    }
  }
  const bias = fill(half.outputs, number);
  const mirrored = Float32Array.from({ length: outputs }, (_, o) =>
    o >= half.outputs ? -bias[o - half.outputs]! : bias[o]!,
  );
  return { weights, bias: mirrored };
}

function fill(length: number, number: () => number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = number();
  return values;
}
