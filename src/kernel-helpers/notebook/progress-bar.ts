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

export interface ProgressOptions {
  signal?: AbortSignal;
  /** Milliseconds before the bar appears; default 300. */
  after?: number;
}

/** A bar below the cell, from when the work takes longer than it may without one; the work says how far it is and how it ends. */
export interface ProgressBar {
  report(share: number, note?: string): void;
  readonly signal: AbortSignal;
  /** Puts a line with the time in its place. */
  end(how: string): void;
}

export function progressBar(title: string, { signal: outer, after = 300 }: ProgressOptions): ProgressBar {
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

  return {
    signal,
    report(to, at = "") {
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
    },
    end(how) {
      clearTimeout(timer);
      if (shown === undefined) return;
      const seconds = formatFixed((performance.now() - started) / 1000, 1);
      shown.handle.update(`${title}: ${how}${how === "done" ? "" : ` at ${percent(share)}`} after ${seconds} s`);
      for (const widget of [shown.box, shown.bar, shown.label, shown.button]) widget.close();
    },
  };
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
