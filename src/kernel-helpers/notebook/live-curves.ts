import { formatNumber } from "../../comms/format.js";
import { VBox } from "../controls/boxes.js";
import { type Plot, plot } from "../widgets/plot/plot.js";
import { display } from "./display.js";
import { type ProgressBar, progressBar } from "./progress-bar.js";
import { whenTrained } from "./training-end.js";

/** What `model.fit` says of a batch or an epoch. */
type Logs = Readonly<Record<string, number>>;

export interface LiveCurvesOptions {
  /** How many epochs there will be, as `fit` is told; without it, how long it takes is not said. */
  epochs?: number;
  /** What the bar is called; default "Training". */
  title?: string;
  /** Ends the training when it aborts, as the stop button does. */
  signal?: AbortSignal;
}

/** The callbacks of `model.fit`, and how far it has come. */
export interface LiveCurves {
  /** The values of each epoch, by the names that TensorFlow.js gives them: `loss`, `val_loss`, `acc`. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  onTrainBegin(): void;
  onBatchEnd(batch: number, logs?: Logs): void;
  onEpochEnd(epoch: number, logs?: Logs): void;
  onTrainEnd(): void;
}

/** Milliseconds between two words on a batch. */
const EVERY = 100;

const isLoss = (name: string) => name.endsWith("loss");

/**
 * Callbacks for `model.fit` that draw loss and measures epoch by epoch below the cell, beside a bar whose button stops the training: the model
 * keeps what it has learned, and `fit` gives its history as far as that.
 *
 * @param model The model that is trained.
 * @example
 * await model.fit(x, y, { epochs: 20, validationSplit: 0.1, callbacks: liveCurves(model, { epochs: 20 }) });
 */
export function liveCurves(
  model: { stopTraining: boolean },
  { epochs, title = "Training", signal }: LiveCurvesOptions = {},
): LiveCurves {
  const history: Record<string, number[]> = {};
  let [bar, how, done, told]: [ProgressBar | undefined, string, number, number] = [undefined, "done", 0, 0];
  let shown: { losses: Plot | undefined; measures: Plot | undefined } | undefined;

  const report = (note: string) => {
    try {
      bar?.report(epochs === undefined ? 0 : done / epochs, note);
    } catch {
      // The stop button, or the caller's signal.
      how = "stopped";
      model.stopTraining = true;
    }
  };
  const curves = (loss: boolean, y: string) => {
    const chosen = Object.entries(history).filter(([name, values]) => isLoss(name) === loss && values.length > 0);
    if (chosen.length === 0) return undefined;
    const series = chosen.map(([name, values]) => ({ name, y: values, x: values.map((_, i) => i + 1) }));
    return plot(series, { x: "epoch", y, height: 220 });
  };
  const draw = () => {
    const [losses, measures] = [curves(true, "loss"), curves(false, "measure")];
    if (shown === undefined) {
      shown = { losses, measures };
      display(new VBox([losses, measures].filter((one) => one !== undefined)));
      return;
    }
    for (const [old, next] of [
      [shown.losses, losses],
      [shown.measures, measures],
    ]) {
      if (old && next && !old.closed) old.series = next.series;
      next?.close();
    }
  };

  const end = (as: string) => {
    bar?.end(as);
    bar = undefined;
  };

  return {
    history,
    onTrainBegin() {
      bar = progressBar(title, signal === undefined ? {} : { signal });
      whenTrained(model, () => end("failed"));
    },
    onBatchEnd(batch, logs = {}) {
      const now = performance.now();
      if (now - told < EVERY && how === "done") return;
      told = now;
      report(`epoch ${done + 1} · batch ${batch + 1} · loss ${formatNumber(logs["loss"] ?? Number.NaN)}`);
    },
    onEpochEnd(epoch, logs = {}) {
      done = epoch + 1;
      for (const [name, value] of Object.entries(logs)) {
        history[name] ??= [];
        history[name].push(value);
      }
      draw();
      const values = Object.entries(logs).map(([name, value]) => `${name} ${formatNumber(value)}`);
      report([`epoch ${done}${epochs === undefined ? "" : ` of ${epochs}`}`, ...values].join(" · "));
    },
    onTrainEnd() {
      end(how);
    },
  };
}
