import { LimpidError } from "../explainers/errors.js";

/** A notebook's file cannot be read, or is none that a report can be made of. */
export class NotebookFileError extends LimpidError {
  constructor(
    readonly file: string,
    /** What is wrong with it, as it follows its name. */
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file} ${reason}`, options);
  }
}

/** A parameter cannot be given: its name is unknown, or its value is of another type. */
export class ReportParameterError extends LimpidError {
  constructor(
    readonly parameter: string,
    message: string,
  ) {
    super(message);
  }
}

/** A cell threw, was interrupted at its time limit, or ended the kernel. */
export class CellError extends LimpidError {
  constructor(
    /** How messages name the cell: `cell 3 (load)`. */
    readonly cell: string,
    message: string,
    /** What the kernel says of it, line by line, with colors. */
    readonly traceback: readonly string[] = [],
  ) {
    super(message);
  }
}

/** A cell took longer than it may. */
export class CellTimeoutError extends CellError {}

/** The kernel did not start, or ended by itself. */
export class KernelError extends LimpidError {}

/** A report's file cannot be read, or is none that can be asked. */
export class ReportFileError extends LimpidError {
  constructor(
    readonly file: string,
    /** What is wrong with it, as it follows its name. */
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file} ${reason}`, options);
  }
}
