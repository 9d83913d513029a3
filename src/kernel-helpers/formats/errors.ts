import { LimpidError } from "../../explainers/index.js";

/** A file of numbers cannot be found, read or written. */
export class DataFileError extends LimpidError {
  constructor(
    readonly file: string,
    /** What is wrong with it, as it follows its name. */
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file} ${reason}`, options);
  }
}
