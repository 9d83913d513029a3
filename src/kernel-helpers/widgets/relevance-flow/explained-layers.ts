import { ParameterError } from "../../../explainers/errors.js";
import {
  type Attribution,
  type Explain,
  hasLedger,
  type Ledger,
  type RunOptions,
} from "../../../explainers/explanation.js";
import type { Method } from "../../../explainers/method.js";
import type { MethodId } from "../../../explainers/methods.js";
import type { Recording } from "../../../explainers/network/index.js";
import type { Target } from "../../../explainers/target.js";
import { biasWords } from "../explorer/explorer-methods.js";
import { labelOf, resultLabel } from "../method-grid/compared.js";

/** What is explained, where a model is given. */
export interface FlowSettings {
  /** A method that sends relevance back from layer to layer; default `"lrp"`. */
  method?: MethodId;
  /** Its parameters as far as they are not the defaults. */
  parameters?: Readonly<Record<string, unknown>>;
  /** A class by index or name; default the most probable. */
  target?: Target;
}

/** A result with the books of its layers. */
export type Booked = Attribution & Ledger & Partial<Disposable>;

/**
 * Explains with the relevance of all layers kept.
 *
 * @throws ParameterError for a method that has no layers; what the method throws
 */
export async function explainedLayers(
  explain: Explain,
  recording: Recording,
  id: MethodId,
  run: RunOptions,
): Promise<Booked> {
  const result = await explain(recording, { ...run, keepLayers: true });
  if (hasLedger(result)) return result;
  throw new ParameterError("method", id, "one that sends relevance back from layer to layer, such as lrp");
}

/** What is being explained, for a heading: `LRP, ε-plus for tabby`. */
export function askedWords(
  method: Method,
  { parameters = {}, target }: FlowSettings,
  classNames: readonly string[],
): string {
  const aim = typeof target === "number" ? targetWords(target, classNames) : target;
  return `${labelOf(method, parameters)}${typeof aim === "string" && aim !== "top1" ? ` for ${aim}` : ""}`;
}

/** The class of that index; empty where there is none. */
export const targetWords = (index: number | null, classNames: readonly string[]): string =>
  index === null ? "" : (classNames[index]?.split(",")[0] ?? `output ${index}`);

/** How a result was made: `LRP, ε-plus · biases absorb`. */
export function madeWords(result: Attribution): string {
  const bias = biasWords[result.parameters["bias"] as keyof typeof biasWords] ?? "";
  return [resultLabel(result), bias].filter((part) => part !== "").join(" · ");
}
