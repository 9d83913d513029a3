import { ParameterError } from "../../errors.js";

/** An evaluation cannot be resumed here. */
export class ResumeError extends ParameterError {
  constructor(expected: string) {
    super("resume", "another evaluation", expected);
  }
}
