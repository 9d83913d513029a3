/** What a notebook says to the report that `limpid report` makes of it. */
import { notebookRecorder } from "../../comms/recording.js";
import { ParameterError } from "../../explainers/errors.js";
import { Widget } from "../widgets/base/widget.js";

/** The most probable classes of an explorer (`top`). */
export interface TopClasses {
  readonly top: number;
}

/** The values of settings by their names: of a method's parameter (`gamma`), or of a widget's own trait (`target`, `value`). */
export interface PrecomputeAxes {
  readonly [setting: string]: readonly unknown[] | TopClasses;
}

export interface PrecomputeOptions {
  /** Settings of which every combination is computed; of others, one is moved while the rest stay as shown. */
  readonly together?: readonly (readonly string[])[];
  /** The most that the states may take in the file, 10 unless given. */
  readonly megabytes?: number;
  /** The longest that computing them may take, 60 unless given. */
  readonly seconds?: number;
}

/**
 * Evenly spaced values from `from` to `to`, both among them.
 *
 * @param count how many, 2 at least
 * @throws ParameterError
 * @example steps(0, 1, 21) // 0, 0.05, … 1
 */
export function steps(from: number, to: number, count: number): number[] {
  if (!Number.isFinite(from)) throw new ParameterError("from", from, "a finite number");
  if (!Number.isFinite(to)) throw new ParameterError("to", to, "a finite number");
  if (!Number.isInteger(count) || count < 2) throw new ParameterError("count", count, "a whole number from 2 on");
  // Rounded to twelve digits: 0.15000000000000002 is no value that anybody means.
  return Array.from({ length: count }, (_, at) =>
    at === count - 1 ? to : Number((from + ((to - from) * at) / (count - 1)).toPrecision(12)),
  );
}

/**
 * The `count` most probable classes, as values of `target`.
 *
 * @throws ParameterError
 * @example report.precompute(explorer, { target: top(5) })
 */
export function top(count: number): TopClasses {
  if (!Number.isInteger(count) || count < 1) throw new ParameterError("count", count, "a whole number from 1 on");
  return { top: count };
}

function precompute(axes: PrecomputeAxes, options?: PrecomputeOptions): void;
function precompute(widget: Widget, axes: PrecomputeAxes, options?: PrecomputeOptions): void;
function precompute(
  ...given: [PrecomputeAxes, PrecomputeOptions?] | [Widget, PrecomputeAxes, PrecomputeOptions?]
): void {
  const [widget, axes, options = {}] =
    given[0] instanceof Widget
      ? (given as [Widget, PrecomputeAxes, PrecomputeOptions?])
      : ([undefined, ...given] as [undefined, PrecomputeAxes, PrecomputeOptions?]);
  const { together = [], megabytes = 10, seconds = 60 } = options;
  const names = Object.keys(axes ?? {});
  if (names.length === 0)
    throw new ParameterError("axes", axes, "settings with their values: { gamma: steps(0, 1, 21) }");
  for (const name of names) {
    const values = axes[name]!;
    const isTop = !Array.isArray(values) && Number.isInteger((values as TopClasses | null)?.top);
    if (!isTop && !(Array.isArray(values) && values.length > 0)) {
      throw new ParameterError(name, values, "a list of values: steps(from, to, count), top(count) or [a, b, c]");
    }
  }
  for (const name of together.flat()) {
    if (!names.includes(name)) throw new ParameterError("together", name, `names of ${names.join(", ")}`);
  }
  for (const [name, value] of Object.entries({ megabytes, seconds })) {
    if (!(value > 0)) throw new ParameterError(name, value, "a number above 0");
  }
  const recorder = notebookRecorder();
  if (recorder?.wished === undefined) {
    console.log(
      `Noted for limpid report, which computes these states when it makes the report's file: ${names.join(", ")}`,
    );
    return;
  }
  const wished = names.map((name) => ({ name, values: axes[name]! }));
  recorder.wished({ widget, axes: wished, together, megabytes, seconds });
}

/** What a notebook says to the report that `limpid report` makes of it. */
export const report = {
  /**
   * Has the report hold states of a widget that its page cannot compute, for its reader to choose among: for each setting the values
   * listed, the other settings as shown. In an ordinary notebook it only notes that, and says so.
   *
   * @param widget what has the settings; without it each displayed widget that has them all
   * @throws ParameterError
   * @example report.precompute(explorer, { gamma: steps(0, 1, 21), target: top(5) })
   */
  precompute,
} as const;
