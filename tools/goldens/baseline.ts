import type { Tensor } from "@tensorflow/tfjs-core";
import type { CaseContext } from "./adapter.js";
import { GoldensError } from "./safetensors.js";

/** captum's baseline: a number, zeros, or a stored tensor. */
export function baselineOf({ golden, tensor }: CaseContext): number | Tensor {
  const said = golden.params["baseline"];
  if (golden.tensors["baseline"] !== undefined) return tensor("baseline");
  if (typeof said === "number") return said;
  if (said == null || said === "zero") return 0;
  throw new GoldensError(`The parameter baseline is ${String(said)}, of which no tensor is stored.`);
}
