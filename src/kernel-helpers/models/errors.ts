import { LimpidError } from "../../explainers/errors.js";
import { didYouMean, nearest } from "../../explainers/suggestions.js";

/** No model of that name, path or URL; `candidates` are built-in ones that may have been meant. */
export class ModelNotFoundError extends LimpidError {
  constructor(
    message: string,
    readonly candidates: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** None of the built-in ones of that kind has this name. */
  static notBuiltIn(
    kind: "model" | "density" | "layer inverter",
    name: string,
    builtIn: readonly string[],
  ): ModelNotFoundError {
    const candidates = nearest(name, builtIn);
    const message = `There is no ${kind} "${name}"; built in: ${builtIn.join(", ")}`;
    return new ModelNotFoundError(candidates.length > 0 ? `${message}.${didYouMean(candidates)}` : message, candidates);
  }
}

/** A model's file is there but cannot be read: damaged, cut short, not numbers, or of another format. */
export class ModelFileError extends LimpidError {}

/** A model has a layer or operation that is not known here; `layerClass` and `layerName` say which. */
export class UnknownLayerError extends LimpidError {
  /** @param advice Why, and what to do, where more is known than that there is no such class. */
  constructor(
    readonly layerClass: string,
    readonly layerName: string,
    file: string,
    advice?: string,
  ) {
    super(`${file}: layer "${layerName}" is ${withArticle(layerClass)}, which ${advice ?? adviceOn(layerClass)}.`);
  }
}

/** "a Dense", "an Embedding". */
export const withArticle = (className: string): string => `${/^[AEIO]/.test(className) ? "an" : "a"} ${className}`;

function adviceOn(layerClass: string): string {
  return /^(tf|keras\.ops)\./.test(layerClass)
    ? "is not among the operations that are known here; build the model with others, give it the old weights (set_weights) and save it again"
    : "TensorFlow.js does not have; register a class of that name with tf.serialization.registerClass before loading, or save the model without it";
}
