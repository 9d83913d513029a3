import { ParameterError } from "../errors.js";
import { checked, choice, type OptionsOf, real, whole } from "../parameters.js";
import { drawWeights, initializations } from "./initialization.js";
import type { LineNet, Step } from "./net.js";

/** The architectures of Balduzzi et al. 2017. */
export const architectures = ["plain", "mean-centered", "batch-norm", "residual"] as const;
export type Architecture = (typeof architectures)[number];

const parameters = {
  depth: whole(24, "Hidden ReLU layers; residual blocks of one ReLU layer each in a residual net", {
    least: 1,
    most: 1000,
  }),
  width: whole(200, "Units of each hidden layer", { least: 1, most: 4096 }),
  architecture: choice(architectures, "plain", "What becomes of a layer's values before they are rectified"),
  beta: real(0.1, "Share of a block in the sum x + β·block(x) of a residual net", { least: 0, open: true }),
  initialization: choice(initializations, "he", "How weights are drawn"),
  bias: real(1, "Standard deviation of a plain net's biases, in units of its weights'", { least: 0 }),
  seed: whole(1, "Layers are drawn one by one, so a deeper net of the same seed begins with the same layers"),
};

export type RandomNetOptions = OptionsOf<typeof parameters>;

/**
 * Draws a rectifier net from ℝ to ℝ: the input is embedded into `width` units, `depth` ReLU layers follow, and a linear
 * readout.
 *
 * - `plain`: `h ← W ρ(h) + b`.
 * - `mean-centered`: as plain, with the mean over the grid taken from every pre-activation.
 * - `batch-norm`: as mean-centered, divided by the standard deviation over the grid.
 * - `residual`: `h ← h + β W ρ(BN(h))` (Balduzzi 2017, equation 2, without its overall scale, which cancels).
 *
 * The embedding is not rectified, so its weights have variance 1 where He's rule gives the others 2 / width. Biases are
 * drawn as the weights are, and only in plain nets: a normalization would take them away again.
 *
 * @throws ParameterError for a depth, width, β or bias out of range.
 * @see Balduzzi, Frean, Leary, Lewis, Ma & McWilliams 2017, "The shattered gradients problem"
 * @example
 * const net = randomNet({ architecture: "residual", depth: 50, beta: 0.1, seed: 3 });
 */
export function randomNet(options: RandomNetOptions = {}): LineNet {
  const { depth, width, architecture, beta, initialization, bias, seed } = checked("a random net", parameters, options);
  if (initialization === "looks-linear" && width % 2 !== 0) {
    throw new ParameterError("width", width, 'even for "looks-linear", which pairs the units');
  }

  const residual = architecture === "residual";
  const normalize = architecture === "mean-centered" ? "center" : architecture === "plain" ? "none" : "batch";
  const step = (layer: number, shape: Pick<Step, "inputs" | "outputs">, rest: Partial<Step>): Step => {
    const drawn = drawWeights({ seed, layer, initialization, rectified: rest.rectify ?? false, ...shape });
    return {
      ...shape,
      weights: drawn.weights,
      bias: architecture === "plain" && shape.outputs > 1 && bias > 0 ? drawn.bias.map((value) => value * bias) : null,
      gain: 1,
      rectify: false,
      normalize: "none",
      skip: false,
      ...rest,
    };
  };
  const steps = [step(0, { inputs: 1, outputs: width }, {})];
  const hidden = residual ? depth : depth - 1;
  for (let layer = 1; layer <= hidden; layer++) {
    const square = { inputs: width, outputs: width };
    steps.push(step(layer, square, { rectify: true, normalize, skip: residual, gain: residual ? beta : 1 }));
  }
  // The readout keeps one number for itself, so that a deeper net has the same readout.
  const readout = residual ? {} : ({ rectify: true, normalize } as const);
  steps.push(step(-1, { inputs: width, outputs: 1 }, readout));
  return { steps };
}
