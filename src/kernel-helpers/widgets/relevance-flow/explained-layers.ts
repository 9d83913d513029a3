import { ParameterError } from "../../../explainers/errors.js";
import { type Attribution, hasLedger, type Ledger } from "../../../explainers/explanation.js";
import type { Method } from "../../../explainers/method.js";
import { findMethod, type MethodId } from "../../../explainers/methods.js";
import type { Model, Recording } from "../../../explainers/network/index.js";
import type { Target } from "../../../explainers/target.js";
import { isInterrupted } from "../base/interrupted.js";
import type { LatestWins } from "../base/latest-wins.js";
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

/** A widget that tells how far its explanation is. */
interface Telling {
  readonly closed: boolean;
  progress: number | null;
  stopped: string;
  set(told: { running: boolean; progress: number | null; stopped?: string }): void;
}

/** One explanation of a widget, and what becomes of it. */
interface LayersRun {
  model: Model;
  recording: Recording;
  settings: Required<FlowSettings>;
  classNames: readonly string[];
  runs: LatestWins;
  signal: AbortSignal;
  /** Has the result, which is the taker's to dispose of. */
  take: (result: Booked) => void;
  /** There is no result; `asked` is what was being explained, in words. */
  fail: (asked: string, error: string) => void;
}

/** Explains with the relevance of all layers kept, and has the widget tell how far it is and whether it was stopped. */
export async function explainLayers(widget: Telling, run: LayersRun): Promise<void> {
  const { model, recording, settings, runs, signal } = run;
  const { method: id, parameters, target } = settings;
  const method = findMethod(id);
  const asked = askedWords(method, settings, run.classNames);
  widget.set({ running: true, progress: null, stopped: "" });
  try {
    // The page sees that it begins, and is heard, ahead of what may block.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const result: Attribution & Partial<Disposable> = await method(model, parameters)(recording, {
      ...{ target, signal, keepLayers: true },
      onProgress: ({ done, total }) => {
        if (isInterrupted()) runs.stop();
        if (!widget.closed) widget.progress = done / total;
      },
    });
    if (widget.closed) return void result[Symbol.dispose]?.();
    if (!hasLedger(result))
      throw new ParameterError("method", id, "one that sends relevance back from layer to layer, such as lrp");
    run.take(result);
  } catch (error) {
    if (widget.closed) return;
    if (!signal.aborted) run.fail(asked, (error as Error).message);
    else if (!runs.superseded) widget.stopped = asked;
  } finally {
    if (!widget.closed) widget.set({ running: false, progress: null });
  }
}

/** What is being explained, for a heading: `LRP, ε-plus for tabby`. */
function askedWords(method: Method, { parameters = {}, target }: FlowSettings, classNames: readonly string[]): string {
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
