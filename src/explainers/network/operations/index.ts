import type { Tensor } from "@tensorflow/tfjs-core";
import { activation } from "./activation.js";
import { conv2d } from "./affine/conv2d.js";
import { conv2dTranspose } from "./affine/conv2d-transpose.js";
import { conv3d } from "./affine/conv3d.js";
import { conv3dTranspose } from "./affine/conv3d-transpose.js";
import { dense } from "./affine/dense.js";
import { depthwise } from "./affine/depthwise.js";
import { groupedConv2d } from "./affine/grouped-conv2d.js";
import { scale } from "./affine/scale.js";
import { cast } from "./cast.js";
import { concat } from "./concat.js";
import { cumulative } from "./cumulative.js";
import { maximum, minimum } from "./extremum.js";
import { input } from "./input.js";
import { lookup } from "./lookup.js";
import { matmul } from "./matmul.js";
import type { AffineKind, Facts, Kind, Relevance } from "./parts/kind.js";
import type { LinearMap, Owner } from "./parts/linear-map.js";
import { pool } from "./pool.js";
import { pool3d } from "./pool3d.js";
import { product } from "./product.js";
import { quotient } from "./quotient.js";
import { rearrange } from "./rearrange.js";
import { reduce } from "./reduce.js";
import { resize } from "./resize.js";
import { select } from "./select.js";
import { softmax } from "./softmax.js";
import { stacked } from "./stacked.js";
import { sum } from "./sum.js";
import { unknown } from "./unknown.js";

/** The kinds `z = w·a + b`. */
export const affineKinds = [
  conv2d,
  groupedConv2d,
  depthwise,
  conv2dTranspose,
  conv3d,
  conv3dTranspose,
  dense,
  scale,
] as const;

/** All kinds of operation. Of several that can translate a kernel, the first one does. */
export const kinds = [
  input,
  ...affineKinds,
  activation,
  pool,
  pool3d,
  reduce,
  sum,
  cumulative,
  product,
  quotient,
  maximum,
  minimum,
  matmul,
  softmax,
  lookup,
  concat,
  rearrange,
  resize,
  select,
  cast,
  stacked,
  unknown,
] as const;

type OperationsOf<K extends { facts: (operation: never) => unknown }> = Parameters<K["facts"]>[0];

/** `z = weights · a + bias` */
export type Affine = OperationsOf<(typeof affineKinds)[number]>;
export type Operation = OperationsOf<(typeof kinds)[number]>;
export type OperationOf<Name extends Operation["kind"]> = Extract<Operation, { kind: Name }>;

const byName = new Map<string, unknown>(kinds.map((kind) => [kind.kind, kind]));
const affineNames: ReadonlySet<string> = new Set(affineKinds.map(({ kind }) => kind));

/** All that is known about the kind of an operation. */
export const kindOf = <O extends Operation>(operation: O): Kind<O> => byName.get(operation.kind) as Kind<O>;

export const affineKindOf = <O extends Affine>(operation: O): AffineKind<O> =>
  byName.get(operation.kind) as AffineKind<O>;

/** Whether an operation is `z = w·a + b`. */
export const isAffine = (operation: Operation): operation is Affine => affineNames.has(operation.kind);

const known = new WeakMap<Operation, Facts>();

/** What is known about an operation without looking at values. */
export function factsOf(operation: Operation): Facts {
  let facts = known.get(operation);
  if (facts === undefined) {
    facts = kindOf(operation).facts(operation);
    known.set(operation, facts);
  }
  return facts;
}

/** The name of the way that relevance takes through an operation by default. */
export const relevanceOf = (operation: Operation): Relevance => kindOf(operation).relevance(operation);

/** The operation's name for a user: the kernel's where no more is known. */
export const nameOf = (operation: Operation): string =>
  operation.kind === "unknown" ? operation.kernel : operation.kind;

/** The linear map of `operation` with `weights` in place of its own; `owner` owns what it prepares. */
export const linearMap = (operation: Affine, weights: Tensor, owner: Owner): LinearMap =>
  affineKindOf(operation).map(operation, weights, owner);

/** What an operation that is linear but for a constant does to differences. */
export const linearPart = <O extends Operation>(operation: O): O =>
  kindOf(operation).linearPart?.(operation) ?? operation;

export { activate, derivative } from "./activation.js";
export { type ActivationFunction, type ActivationRow, activations } from "./activations.js";
export type { Facts, Relevance, Values } from "./parts/kind.js";
export type { LinearMap } from "./parts/linear-map.js";
export type { Padding, Window } from "./parts/window.js";
