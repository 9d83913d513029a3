import { LimpidError, TargetError } from "../../explainers/errors.js";

/** No model of that name, path or URL. */
export class ModelNotFoundError extends LimpidError {}

/** A model's file is there but cannot be read: damaged, cut short, not numbers, or of another format. */
export class ModelFileError extends LimpidError {}

/** A model has a layer that TensorFlow.js does not know; `layerClass` and `layerName` say which. */
export class UnknownLayerError extends LimpidError {
  constructor(
    readonly layerClass: string,
    readonly layerName: string,
    file: string,
  ) {
    super(
      `${file}: layer "${layerName}" is a ${layerClass}, which TensorFlow.js does not have. ` +
        `Register a class of that name with tf.serialization.registerClass before loading, or save the model without it.`,
    );
  }
}

/** A target that is no class of the model, or a name that fits several classes; `candidates` lists those. */
export class TargetNameError extends TargetError {
  constructor(
    message: string,
    readonly candidates: { index: number; name: string }[] = [],
  ) {
    super(message);
  }
}
