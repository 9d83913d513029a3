import { LimpidError } from "../../explainers/errors.js";

/** A picture cannot be found or decoded. */
export class ImageError extends LimpidError {}
