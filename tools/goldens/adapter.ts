import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { GoldenCase, GoldenModel } from "./format.js";
import type { StoredTensor } from "./safetensors.js";

/** What an adapter is given to compute one case. */
export interface CaseContext {
  readonly golden: GoldenCase;
  readonly description: GoldenModel;
  /** The model, built when first asked for. */
  readonly model: () => LayersModel;
  /** The model's input; freed with the case. */
  readonly input: () => Tensor;
  /** A stored tensor by its role in the case; freed with the case. */
  readonly tensor: (role: string) => Tensor;
  /** A stored tensor by its key in the model's file. */
  readonly stored: (key: string) => StoredTensor;
}

/** Our numbers for the case, by role, e.g. `{ relevance }`; each is compared with the stored tensor of that role. */
interface CaseResult {
  readonly [role: string]: Float32Array;
}

/** A result by role, and by layer where the case lists layers. */
export interface Computed {
  readonly roles: CaseResult;
  readonly layers?: Readonly<Record<string, Float32Array>>;
}

/** Computes a case with our method of the same name. `undefined`: this variant is not there yet. */
export type Adapter = (context: CaseContext) => Promise<Computed | undefined>;

/** Adapters of one peer, by the peer's name for the method. */
export type Adapters = Readonly<Record<string, Adapter>>;
