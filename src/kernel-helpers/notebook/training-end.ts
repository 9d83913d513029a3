/** A model as TensorFlow.js trains it; a sequential one has another within. */
interface Trained {
  isTraining?: boolean;
  model?: Trained;
}

/**
 * Calls `ended` when the training that a model is in is over, also by an error, of which TensorFlow.js tells no callback: it only notes
 * on the model that it trains no longer.
 */
export function whenTrained(model: object, ended: () => void): void {
  const whole = model as Trained;
  const trained = whole.model ?? whole;
  if (trained.isTraining !== true) return;
  Object.defineProperty(trained, "isTraining", {
    configurable: true,
    enumerable: true,
    get: () => true,
    set(value: boolean) {
      Object.defineProperty(trained, "isTraining", { value, writable: true, configurable: true, enumerable: true });
      if (!value) ended();
    },
  });
}
