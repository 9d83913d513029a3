import type { Tensor } from "@tensorflow/tfjs-core";

/** What a layer was called with, where that is more than its inputs in a row: Python's arguments, with the tensors in their places. */
export interface CallArguments {
  positional: unknown[];
  named: { [name: string]: unknown };
}

/** The place of a layer's input number `tensor` among its arguments. */
export interface Place {
  tensor: number;
}

const isPlace = (value: object): value is Place => "tensor" in value;

/** As a layer's setting `call`: text, whose words TensorFlow.js would write in camel case otherwise. */
export const callSetting = (call: CallArguments): string => JSON.stringify(call).replaceAll("_", "\\u005f");

/** The call as the setting has it, with places instead of tensors. */
export function storedCall(settings: object): CallArguments | undefined {
  const { call } = settings as { call?: string };
  return call === undefined ? undefined : (JSON.parse(call) as CallArguments);
}

/** The arguments that a layer's setting `call` describes, or undefined where it has none. */
export function callArguments(settings: object, inputs: readonly Tensor[]): CallArguments | undefined {
  const call = storedCall(settings);
  if (!call) return undefined;
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== "object" || value === null) return value;
    if (isPlace(value)) return inputs[value.tensor];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  };
  return filled(call) as CallArguments;
}
