import { formatFixed, formatRemaining } from "../../comms/format.js";
import { currentHost } from "../../comms/host.js";
import { HBox } from "../controls/boxes.js";
import { Button } from "../controls/buttons.js";
import { FloatProgress } from "../controls/progress-bars.js";
import { Label } from "../controls/texts.js";
import { type DisplayHandle, display } from "./display.js";

/** The reader pressed the stop button. */
export class StoppedError extends Error {
  override name = "StoppedError";
}

/** What the work gets to say how far it is, and to hear that it should end. */
export interface ProgressHandle {
  /**
   * Says how far the work is, 0 to 1, and optionally at what. Also sees a click on "Stop" when the work is a synchronous
   * loop; throws `StoppedError` then.
   */
  report(share: number, note?: string): void;
  /** Aborted by the stop button, with a `StoppedError` as its reason, or by the caller's own signal. */
  signal: AbortSignal;
}

export interface ProgressOptions {
  signal?: AbortSignal;
  /** Milliseconds before the bar appears. */
  after?: number;
}

/**
 * Runs `work`; if it takes longer than 300 ms a bar and a stop button appear below the cell.
 *
 * When the work is done a line with its time remains. Rejects with what `work` throws, `StoppedError` when it was stopped.
 *
 * @example
 * const maps = await progress("Explaining", async ({ report, signal }) => {
 *   const maps = [];
 *   for (const [i, photo] of photos.entries()) {
 *     maps.push(await explain(photo, { signal }));
 *     report((i + 1) / photos.length, photo.name);
 *   }
 *   return maps;
 * });
 */
export async function progress<T>(
  title: string,
  work: (progress: ProgressHandle) => T | PromiseLike<T>,
  { signal: outer, after = 300 }: ProgressOptions = {},
): Promise<T> {
  outer?.throwIfAborted();
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const started = performance.now();
  let share = 0;
  let note = "";
  let shown: { handle: DisplayHandle; bar: FloatProgress; label: Label; box: HBox; button: Button } | undefined;

  const show = () => {
    if (shown !== undefined) return;
    clearTimeout(timer);
    const bar = new FloatProgress({
      max: 1,
      value: share,
      description: title,
      style: { description_width: "initial" },
    });
    const label = new Label({ value: note });
    const button = new Button({ description: "Stop", icon: "stop", tooltip: `Stop: ${title}` });
    button.on("click", () => stop.abort(new StoppedError(`${title} was stopped at ${percent(share)}`)));
    const box = new HBox([bar, button, label]);
    shown = { handle: display(box), bar, label, box, button };
  };
  const timer = setTimeout(show, after);

  const report = (to: number, at = "") => {
    share = Math.min(Math.max(to, 0), 1);
    const left = formatRemaining((performance.now() - started) / 1000, share);
    note = [percent(share), left, at].filter((part) => part !== "").join(" · ");
    if (performance.now() - started > after) show();
    if (shown !== undefined) {
      shown.bar.value = share;
      shown.label.value = note;
      // A synchronous loop gives the event loop no chance to bring the click.
      currentHost()?.poll();
    }
    signal.throwIfAborted();
  };

  let end = "failed";
  try {
    const result = await work({ report, signal });
    end = "done";
    return result;
  } catch (error) {
    if (signal.aborted) end = "stopped";
    throw error;
  } finally {
    clearTimeout(timer);
    if (shown !== undefined) {
      const seconds = formatFixed((performance.now() - started) / 1000, 1);
      shown.handle.update(`${title}: ${end}${end === "done" ? "" : ` at ${percent(share)}`} after ${seconds} s`);
      for (const widget of [shown.box, shown.bar, shown.label, shown.button]) widget.close();
    }
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
