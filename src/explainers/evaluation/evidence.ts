import type { Tensor } from "@tensorflow/tfjs-core";
import { InputShapeError, LimpidError } from "../errors.js";
import type { Attribution, Explain } from "../explanation.js";
import type { Input, Model } from "../network/index.js";
import { sameShape } from "../network/shapes.js";
import type { InputKind } from "../parameters.js";
import type { Target } from "../target.js";

/** What a measure may need beyond a batch and its attribution. */
export type Need = "explainer" | "masks" | "model";

/** What is measured: a batch, its explanation, and what else is at hand. */
export interface Evidence {
  /** The batch that was explained, `[batch, …sample]`; of a model of several inputs a list. */
  readonly x: Input;
  /** The explanation of that batch. */
  readonly attribution: Attribution;
  /** The same method for any model, for measures that explain other inputs or a model with other weights. */
  readonly explain?: (model: Model) => Explain;
  /** Where the thing is that should be found: not 0 inside, `[batch, …positions]`, or with a last axis of 1. */
  readonly masks?: Tensor;
  /** A second model for measures that compare two: trained on random labels, on other data … */
  readonly model?: Model;
  /** What was explained; by default the indices in `attribution.target`. */
  readonly target?: Target;
  /** Which of the model's outputs was explained; default 0. */
  readonly output?: number;
}

/** A measure needs what it was not given. */
export class MissingEvidenceError extends LimpidError {
  constructor(
    readonly measure: string,
    readonly missing: Need | "target",
    advice: string,
  ) {
    super(`${measure} needs ${missing === "explainer" ? "the explainer" : missing}: ${advice}`);
  }
}

const given: Readonly<Record<Need, { readonly key: "explain" | "masks" | "model"; readonly advice: string }>> = {
  explainer: {
    key: "explain",
    advice: "give explain, e.g. { x, attribution, explain: (model) => lrp(model) }.",
  },
  masks: { key: "masks", advice: "give masks, a tensor [batch, …positions] that is not 0 where the thing is." },
  model: { key: "model", advice: "give model, the second one." },
};

/**
 * Checks that all is there that a measure needs and that it belongs together.
 *
 * @throws MissingEvidenceError; InputShapeError where attribution or masks belong to another batch
 */
export function checkEvidence(measure: string, needs: readonly Need[], evidence: Evidence): void {
  for (const need of needs) {
    const { key, advice } = given[need];
    if (evidence[key] === undefined) throw new MissingEvidenceError(measure, need, advice);
  }
  const { x, attribution, masks } = evidence;
  const inputs = inputsOf(x);
  attribution.inputs.forEach(({ shape, relevance }, index) => {
    const size = shape.reduce((product, side) => product * side, 1);
    if (relevance.length !== size) {
      throw new InputShapeError(`[${shape}] as the attribution says`, `${relevance.length} values`);
    }
    const input = inputs[index];
    if (input !== undefined && shape[0] !== input.shape[0]) {
      throw new InputShapeError(`[${shape}], as the attribution`, `[${input.shape}]`);
    }
  });
  if (masks !== undefined) {
    const positions = positionsOf(inputs[0]!.shape);
    const batch = inputs[0]!.shape[0]!;
    if (!sameShape(masks.shape, [batch, ...positions]) && !sameShape(masks.shape, [batch, ...positions, 1])) {
      throw new InputShapeError(`masks [${[batch, ...positions]}]`, `masks of [${masks.shape}]`);
    }
  }
}

/** What batches of each kind look like. */
const forms: Readonly<Record<InputKind, string>> = {
  image: "pictures [batch, …positions, channels]",
  sequence: "sequences [batch, steps] or [batch, steps, entries]",
  table: "tables [batch, columns]",
};

/**
 * Checks that a batch is of a kind that a measure is made for, as far as its rank tells: rows of numbers may be tables or texts.
 *
 * @throws InputShapeError
 */
export function checkInputs(measure: string, kinds: readonly InputKind[], { x }: Evidence): void {
  const { shape, rank } = inputsOf(x)[0]!;
  const possible: readonly InputKind[] =
    rank > 3 ? ["image"] : rank === 3 ? ["sequence", "image"] : ["table", "sequence"];
  if (possible.some((kind) => kinds.includes(kind))) return;
  throw new InputShapeError(`${kinds.map((kind) => forms[kind]).join(" or ")} for ${measure}`, `[${shape}]`);
}

/** All inputs of the model. */
export const inputsOf = (x: Input): readonly Tensor[] => (Array.isArray(x) ? (x as readonly Tensor[]) : [x as Tensor]);

/** The positions of a sample: its axes without that of the channels, of which rows and words have none. */
export const positionsOf = (shape: readonly number[]): number[] =>
  shape.length > 2 ? shape.slice(1, -1) : shape.slice(1);
