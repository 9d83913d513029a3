import { cast, equal, mul, range, sub, type Tensor, tensor2d } from "@tensorflow/tfjs-core";
import type { Target } from "../../src/explainers/index.js";
import type { CaseContext } from "./adapter.js";
import { GoldensError } from "./safetensors.js";

/** What a case sends back from its target: the output there, or 1. `undefined`: the seed itself is stored, or unsaid. */
export function seedOf({ golden }: CaseContext): "output" | "one" | undefined {
  if (golden.tensors["seed"] !== undefined || golden.seedIs === undefined) return undefined;
  if (golden.seedIs === "onehot(target)*output") return "output";
  if (golden.seedIs === "onehot(target)") return "one";
  throw new GoldensError(`seedIs is ${golden.seedIs}; known are onehot(target)*output and onehot(target).`);
}

/** The case's target, or the relevance that it gives at the output. */
export function targetOf(context: CaseContext): Target {
  const { golden } = context;
  if (golden.tensors["seed"] !== undefined) return (): Tensor => sub(context.tensor("seed"), 0);
  if (golden.target === undefined) throw new GoldensError("The case has neither a seed nor a target.");
  return [...golden.target];
}

/** As `targetOf`, for methods that send back 1 unless told otherwise. */
export function gradientTargetOf(context: CaseContext): Target {
  const { golden } = context;
  if (seedOf(context) !== "output") return targetOf(context);
  const { target } = golden;
  if (target === undefined) throw new GoldensError("The case has no target.");
  return (output: Tensor): Tensor => {
    const isTarget = equal(tensor2d([...target], [target.length, 1]), range(0, output.shape[1]!));
    return mul(cast(isTarget, "float32"), output);
  };
}
