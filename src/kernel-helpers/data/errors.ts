import { LimpidError } from "../../explainers/errors.js";

/** A data set is not here, or cannot be fetched. */
export class DataSetError extends LimpidError {
  constructor(
    /** The data set's name. */
    readonly dataSet: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
