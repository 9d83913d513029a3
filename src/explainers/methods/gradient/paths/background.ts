import type { Tensor } from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import type { Recording } from "../../../network/index.js";
import { choice, tensorOf, type ValuesOf, whole } from "../../../parameters.js";
import { colors, noise } from "../../reference.js";

/** The parameters of methods that average over many references. */
export const background = {
  background: choice(
    ["colors", "noise"],
    "colors",
    "The reference inputs, where none are given: even colors from black to white, or uniform noise",
  ),
  count: whole(8, "How many of them", { least: 1, label: "References", span: { from: 1, to: 32, step: 1 } }),
  references: tensorOf("The reference inputs themselves, [count, …sample]", "optional"),
};

/**
 * The references `[count, …sample]`; a new tensor.
 *
 * @throws ParameterError for references of another shape than the input, or noise without bounds
 */
export function backgroundRows(
  { background: kind, count, references }: ValuesOf<typeof background>,
  seed: number,
  context: Context,
  { inputs: [input, ...others] }: Recording,
): Tensor {
  if (others.length > 0) {
    throw new ParameterError("model", `${others.length + 1} inputs`, "a model of one input: references are one tensor");
  }
  if (references !== undefined) {
    const [rows, ...sample] = references.shape;
    if (rows === 0 || String(sample) !== String(input!.shape.slice(1))) {
      throw new ParameterError(
        "references",
        `a tensor of shape [${references.shape.join(", ")}]`,
        `a tensor of shape [count, ${input!.shape.slice(1).join(", ")}]`,
      );
    }
    return references.clone();
  }
  if (kind === "colors") return colors(count, context, input!);
  const bounds = boundsOf(context);
  if (bounds === undefined) {
    throw new ParameterError("background", kind, "colors or a tensor: the bounds of this model's input are not known");
  }
  return noise(count, seed, bounds, input!);
}
