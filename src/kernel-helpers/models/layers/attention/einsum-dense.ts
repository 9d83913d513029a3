import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { defineLayer, type Shape } from "../define-layer.js";
import { einsum } from "../einsum.js";

interface Settings {
  equation: string;
  outputShape: number | null | (number | null)[];
  biasAxes?: string | null;
  activation?: unknown;
}

interface Labels {
  input: string;
  kernel: string;
  output: string;
}

function labelsOf({ equation }: Settings): Labels {
  const [left, output] = equation.replaceAll(" ", "").split("->") as [string, string];
  const [input, kernel] = left.split(",") as [string, string];
  return { input, kernel, output };
}

/** Sizes by label: of a shape whose labels may have "…" at one end. */
function sizes(labels: string, shape: Shape): Map<string, number | null> {
  const named = [...labels.replace("...", "")];
  const axes = labels.startsWith("...") ? shape.slice(-named.length) : shape;
  return new Map(named.map((label, axis) => [label, axes[axis] ?? null]));
}

/** The sizes of what is learned: those of the input where it has the label, else those that the setting states. */
function learned(input: Shape, settings: Settings): Map<string, number | null> {
  const labels = labelsOf(settings);
  const stated = [settings.outputShape].flat();
  const shape = labels.output.startsWith("...") ? stated : [null, ...stated];
  const known = sizes(labels.output, shape);
  for (const [label, size] of sizes(labels.input, input)) if (size !== null) known.set(label, size);
  return known;
}

/** `EinsumDense`: Einstein's sum of the input and a kernel, a bias along some of the output's axes, an activation. */
export const einsumDense = defineLayer<Settings>({
  className: "EinsumDense",
  weights(input, settings) {
    const { kernel, output } = labelsOf(settings);
    const known = learned(input, settings);
    const named = [...output.replace("...", "")];
    const { biasAxes } = settings;
    const first = biasAxes ? Math.min(...[...biasAxes].map((label) => named.indexOf(label))) : 0;
    const bias = named.slice(first).map((label) => (biasAxes?.includes(label) ? known.get(label)! : 1));
    return { kernel: [...kernel].map((label) => known.get(label)!), ...(biasAxes && { bias }) };
  },
  call(x, { equation, activation }, { kernel, bias }) {
    const y = einsum(equation, x, kernel!);
    return activate(activation, bias ? tf.add(y, bias) : y);
  },
  outputShape: "computed",
});
