import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../../errors.js";
import type { Kind, Values } from "./parts/kind.js";

/** Rows of a batch that go through the same operation with weights of their own. */
interface StackedPart {
  readonly rows: number;
  readonly forward: (inputs: readonly Tensor[]) => Tensor;
  readonly vjp: (dy: Tensor, values: Values) => Tensor[];
}

/**
 * One operation in several states of a model's weights, whose rows lie one behind the other in the batch. No kernel becomes one: graphs of
 * several states are put together from those of each.
 */
export interface Stacked {
  readonly kind: "stacked";
  readonly parts: readonly StackedPart[];
}

/** Each part with its rows of some tensors. */
function byPart<T>(
  { parts }: Stacked,
  tensors: readonly Tensor[],
  use: (part: StackedPart, rows: readonly Tensor[]) => T,
): T[] {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const other = tensors.find(({ shape }) => shape[0] !== total);
  // Which state a row is in is known of all rows together only.
  if (other !== undefined) throw new InputShapeError(`${total} rows, those of all states`, `${other.shape[0]}`);
  let begin = 0;
  return parts.map((part) => {
    const from = begin;
    begin += part.rows;
    const own = (tensor: Tensor) => tf.slice(tensor, [from], [part.rows]);
    return use(part, parts.length === 1 ? tensors : tensors.map(own));
  });
}

const joined = (tensors: readonly Tensor[]): Tensor => (tensors.length === 1 ? tensors[0]! : tf.concat([...tensors]));

export const stacked: Kind<Stacked> = {
  kind: "stacked",
  translate: {},
  forward: (operation, inputs) => joined(byPart(operation, inputs, (part, rows) => part.forward(rows))),
  vjp(operation, dy, { inputs, output }) {
    const found = byPart(operation, [dy, output, ...inputs], (part, [own, value, ...given]) =>
      part.vjp(own!, { inputs: given, output: value! }),
    );
    return inputs.map((_, index) => joined(found.map((parts) => parts[index]!)));
  },
  facts: () => ({}),
  relevance: () => "unknown",
};
