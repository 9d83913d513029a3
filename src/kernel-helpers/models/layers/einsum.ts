import * as tf from "@tensorflow/tfjs-core";

/**
 * Einstein's sum over one or two tensors, as transposes, reshapes and one matrix product, which explanation methods know. Labels are
 * letters, each once in a tensor; "..." stands for the axes that are not named.
 */
export function einsum(equation: string, ...tensors: tf.Tensor[]): tf.Tensor {
  const [left, right] = equation.replaceAll(" ", "").split("->") as [string, string | undefined];
  const operands = left.split(",").map((labels, index) => named(labels, tensors[index]!.rank));
  const all = operands.join("");
  const unsaid = [...new Set(all)].filter((label) => all.split(label).length === 2).sort();
  const longest = tensors.map(({ rank }, index) => unnamed(left.split(",")[index]!, rank));
  const output = right === undefined ? unsaid.join("") : right.replace("...", DOTS.slice(-Math.max(...longest, 1)));
  const wanted = right?.includes("...") && Math.max(...longest) === 0 ? right.replace("...", "") : output;
  let [value, labels] = summed(tensors[0]!, operands[0]!, wanted + operands.slice(1).join(""));
  for (let index = 1; index < tensors.length; index++) {
    const rest = wanted + operands.slice(index + 1).join("");
    const [other, otherLabels] = summed(tensors[index]!, operands[index]!, rest + labels);
    [value, labels] = product(value, labels, other, otherLabels, rest);
  }
  return ordered(value, labels, wanted);
}

/** Labels for the axes of "...", the last ones first used. */
const DOTS = "①②③④⑤⑥";

const unnamed = (labels: string, rank: number): number =>
  labels.includes("...") ? rank - labels.replace("...", "").length : 0;

const named = (labels: string, rank: number): string => {
  const count = unnamed(labels, rank);
  return labels.replace("...", count === 0 ? "" : DOTS.slice(-count));
};

/** `x` summed over the axes whose labels nobody else has. */
function summed(x: tf.Tensor, labels: string, needed: string): [tf.Tensor, string] {
  const axes = [...labels].flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  if (axes.length === 0) return [x, labels];
  return [tf.sum(x, axes), [...labels].filter((label) => needed.includes(label)).join("")];
}

function product(a: tf.Tensor, inA: string, b: tf.Tensor, inB: string, kept: string): [tf.Tensor, string] {
  const shared = [...inA].filter((label) => inB.includes(label));
  const batch = shared.filter((label) => kept.includes(label)).join("");
  const contracted = shared.filter((label) => !kept.includes(label)).join("");
  const freeA = [...inA].filter((label) => !inB.includes(label)).join("");
  const freeB = [...inB].filter((label) => !inA.includes(label)).join("");
  const sizes = new Map([...inA].map((label, axis) => [label, a.shape[axis]!]));
  for (const [axis, label] of [...inB].entries()) sizes.set(label, b.shape[axis]!);
  const size = (labels: string) => [...labels].reduce((all, label) => all * sizes.get(label)!, 1);
  const left = ordered(a, inA, batch + freeA + contracted);
  const rightMatrix = ordered(b, inB, batch + contracted + freeB);
  const front = batch === "" ? [] : [size(batch)];
  const y = tf.matMul(
    tf.reshape(left, [...front, size(freeA), size(contracted)]),
    tf.reshape(rightMatrix, [...front, size(contracted), size(freeB)]),
  );
  const labels = batch + freeA + freeB;
  return [
    tf.reshape(
      y,
      [...labels].map((label) => sizes.get(label)!),
    ),
    labels,
  ];
}

function ordered(x: tf.Tensor, labels: string, wanted: string): tf.Tensor {
  return labels === wanted
    ? x
    : tf.transpose(
        x,
        [...wanted].map((label) => labels.indexOf(label)),
      );
}
