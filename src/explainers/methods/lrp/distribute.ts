import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { isAffine, isCompiling, type Node } from "../../network/index.js";
import { sameShape } from "../../network/shapes.js";
import type { Layer } from "./layer.js";
import type { Shares, Term } from "./rule.js";

/** What a rule did with `R`, where all of `R` is accounted for. */
export interface Complete {
  readonly inputs: readonly (Tensor | null)[];
  /** `undefined`: what `inputs` and `constant` lack of `R`. */
  readonly terms: readonly Term[] | undefined;
  /** What inputs would have that are made of conditions alone, as masks are: it stays, as a bias's share does. */
  readonly constant: readonly Tensor[];
}

/**
 * The shares of a rule; with `"distribute"` together with all that the rule could not pass on. Runs inside `tf.tidy`.
 *
 * @param isSilent which inputs are made of conditions alone: they get nothing
 */
export function complete(layer: Layer, R: Tensor, shares: Shares, isSilent: readonly boolean[]): Complete {
  const { inputs, terms } = shared(layer, R, shares);
  const constant = inputs.filter((part, index): part is Tensor => isSilent[index]! && part !== null);
  if (constant.length === 0) return { inputs, terms, constant };
  const passed = inputs.map((part, index) => (isSilent[index] ? null : part));
  if (layer.bias !== "distribute") return { inputs: passed, terms, constant };
  const [only, ...others] = passed.flatMap((part, index) => (part === null ? [] : [index]));
  // Entry by entry where there is one that can have it.
  const takes = others.length === 0 && only !== undefined && sameShape(layer.inputs[only]!.shape, R.shape);
  const whole = takes ? passed.map((part) => part && R) : recoverAll(R, passed, layer.inputs);
  return { inputs: whole, terms: [], constant: [] };
}

function shared(layer: Layer, R: Tensor, { inputs: given, terms, of = layer }: Shares): Omit<Complete, "constant"> {
  const inputs = given instanceof tf.Tensor ? [given] : given;
  if (layer.bias !== "distribute" || terms?.length === 0) return { inputs, terms };
  // Units of one contribution pass all on, also where it cancels with the bias and a quotient would be rounded away.
  if (layer.node.operation.kind === "scale" && sameShape(layer.a.shape, R.shape)) return { inputs: [R], terms: [] };
  const contributions = terms && contributionsOf(of);
  if (contributions === undefined) return { inputs: recoverAll(R, inputs, layer.inputs), terms: [] };
  const leftover = terms!
    .map(({ s, bias, stabilizer }) => tf.mul(s, bias === null ? stabilizer : tf.add(bias, stabilizer)))
    .reduce((total, part) => tf.add(total, part));
  const extra = distribute(leftover, contributions);
  const all = inputs.map((part, index) => (part === null ? extra[index]! : tf.add(part, extra[index]!)));
  return { inputs: of.hasBlindUnits ? [recover(R, all[0]!, layer.a)] : all, terms: [] };
}

/** The magnitudes `|z_ij|` of contributions, and plain counts of them, as linear maps by which a leftover is shared. */
interface Contributions {
  /** `Σ_i |z_ij|` of every output. */
  total(): Tensor;
  /** What outputs `s` send back to each input: `Σ_j |z_ij| s_j`. */
  back(s: Tensor): Tensor[];
  /** How many contributions every output has. */
  count(): Tensor;
  /** `Σ_j s_j` over the outputs that an input contributes to. */
  evenly(s: Tensor): Tensor[];
}

/** The contributions to an affine layer, a sum, an average or a matrix product; `undefined` where there are none to speak of. */
function contributionsOf(layer: Layer): Contributions | undefined {
  const { node, inputs } = layer;
  const { operation } = node;
  if (isAffine(operation)) {
    const { shape } = layer.a;
    return {
      total: () => layer.total,
      back: (s) => [tf.mul(layer.magnitude, layer.wAbs.vjp(s, shape))],
      count: () => tf.maximum(layer.inputsSeen, 1),
      evenly: (s) => [layer.one.vjp(s, shape)],
    };
  }
  if (!multilinear.has(operation.kind)) return undefined;
  // Σ_i a_i ∂z/∂a_i is z for what is linear in all its inputs together, 2z for a product of two.
  const degree = operation.kind === "matmul" ? 2 : 1;
  const signless: Node =
    operation.kind === "sum" ? { ...node, operation: { ...operation, signs: operation.signs.map(() => 1) } } : node;
  const of = (values: readonly Tensor[]) => {
    const like = layer.like(signless, values);
    return {
      sum: () => (degree === 1 ? like.z : tf.mul(like.z, degree)),
      back: (s: Tensor) => like.vjp(s).map((part, index) => tf.mul(part, values[index]!)),
    };
  };
  const byMagnitude = of(inputs.map((input) => tf.abs(input)));
  let counted: ReturnType<typeof of> | undefined;
  const byCount = () => {
    counted ??= of(inputs.map((input) => tf.onesLike(input)));
    return counted;
  };
  return {
    total: byMagnitude.sum,
    back: byMagnitude.back,
    count: () => byCount().sum(),
    evenly: (s) => byCount().back(s),
  };
}

/** Operations that are linear in each of their inputs, with weights that are not negative but for the signs of a sum. */
const multilinear: ReadonlySet<string> = new Set(["sum", "pool", "reduce", "resize", "matmul"]);

/**
 * Shares `leftover`, the relevance that units could not pass on by their rule, over the inputs: in proportion to
 * `|z_ij|`, and evenly where all of a unit's contributions are zero.
 */
function distribute(leftover: Tensor, contributions: Contributions): Tensor[] {
  const total = contributions.total();
  // Units without any contribution are rare; looking for one costs less than providing for them, except in a program.
  if (!isCompiling() && tf.min(total).dataSync()[0]! > 0) return contributions.back(tf.div(leftover, total));
  const empty = tf.cast(tf.equal(total, 0), "float32");
  // Where the total is 0 the first summand sends 0 / 1.
  const proportional = contributions.back(tf.div(tf.mul(leftover, tf.sub(1, empty)), tf.add(total, empty)));
  const even = contributions.evenly(tf.div(tf.mul(leftover, empty), contributions.count()));
  return proportional.map((part, index) => tf.add(part, even[index]!));
}

/** Shares what of `R` is not in `passed` over the entries of all inputs that got something, likewise. */
function recoverAll(R: Tensor, passed: readonly (Tensor | null)[], inputs: readonly Tensor[]): (Tensor | null)[] {
  const receivers = inputs.flatMap((input, index) => (passed[index] == null ? [] : [{ input, part: passed[index] }]));
  if (receivers.length === 0) return [...passed];
  const [batch = 1] = R.shape;
  if (receivers.length === 1 && R.rank > 1 && receivers[0]!.input.rank > 1 && receivers[0]!.input.shape[0] === batch) {
    const { input, part } = receivers[0]!;
    const whole = recover(R, part, input);
    return passed.map((part) => (part === null ? null : whole));
  }
  const samples = receivers.every(({ input }) => input.shape[0] === batch) ? batch : 1;
  const flat = (x: Tensor): Tensor => tf.reshape(x, [samples, -1]);
  const all = (tensors: Tensor[]): Tensor => (tensors.length === 1 ? tensors[0]! : tf.concat(tensors, 1));
  const whole = recover(
    flat(R),
    all(receivers.map(({ part }) => flat(part))),
    all(receivers.map(({ input }) => flat(input))),
  );
  const parts = tf.split(
    whole,
    receivers.map(({ input }) => input.size / samples),
    1,
  );
  return inputs.map((input, index) => (passed[index] === null ? null : tf.reshape(parts.shift()!, input.shape)));
}

/**
 * Shares what of `R` is not in `passed`, as padding got it, over all entries of the sample's input `a`: in proportion to
 * their magnitude, and evenly where all are zero.
 */
function recover(R: Tensor, passed: Tensor, a: Tensor): Tensor {
  const axes = a.shape.slice(1).map((_, axis) => axis + 1);
  const lost = tf.sub(
    tf.sum(
      R,
      R.shape.slice(1).map((_, axis) => axis + 1),
    ),
    tf.sum(passed, axes),
  );
  const magnitude = tf.abs(a);
  const [extra] = distribute(tf.reshape(lost, [-1, ...axes.map(() => 1)]), {
    total: () => tf.sum(magnitude, axes, true),
    back: (s) => [tf.mul(s, magnitude)],
    count: () => tf.scalar(a.size / a.shape[0]!),
    evenly: (s) => [tf.mul(s, tf.onesLike(a))],
  });
  return tf.add(passed, extra!);
}
