import { formatNumber } from "../../comms/format.js";
import { notebookRecorder } from "../../comms/recording.js";
import { LimpidError, ParameterError } from "../../explainers/errors.js";

/** A value is not what a cell expects. */
export class ExpectationError extends LimpidError {
  constructor(
    readonly value: number,
    readonly expected: number,
    readonly tolerance: number,
  ) {
    super(
      `The value is ${value}, expected was ${expected} ± ${tolerance}: it is off by ${formatNumber(Math.abs(value - expected))}. ` +
        "Look at what the cell computes it from, or state the tolerance that it has.",
    );
  }
}

/**
 * States what a number has to be: the cell fails where it is further off than `tolerance` (absolute, in units of the value). A report
 * keeps it, and `limpid report --verify` allows the value that tolerance instead of its own.
 *
 * @throws ExpectationError where it is further off, or not a number; ParameterError for a tolerance below 0
 * @example expectClose(accuracy, 0.97, 0.01);
 */
export function expectClose(value: number, expected: number, tolerance: number): void {
  if (typeof value !== "number") throw new ParameterError("value", value, "a number");
  if (!Number.isFinite(expected)) throw new ParameterError("expected", expected, "a finite number");
  if (!(tolerance >= 0)) throw new ParameterError("tolerance", tolerance, "a number, 0 or more");
  notebookRecorder()?.expected({ value, expected, tolerance });
  if (!(Math.abs(value - expected) <= tolerance)) throw new ExpectationError(value, expected, tolerance);
}
