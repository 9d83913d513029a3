import { type CallArguments, callSetting } from "../call-arguments.js";
import { operations } from "./table.js";
import { functions } from "./tensorflow.js";

/** What a layer `KerasOperation` is made from. */
interface Stored {
  operation: string;
  options: string;
  call: string;
}

/** Text whose words TensorFlow.js does not write in camel case. */
const asText = (value: unknown): string => JSON.stringify(value).replaceAll("_", "\\u005f");

/** Whether an operation is computed here with what it is given: nothing that is set may be ignored. */
function isKnown(name: string, given: { readonly [parameter: string]: unknown }): boolean {
  const operation = operations[name];
  if (!operation) return false;
  const { parameters, settings = [], accepts } = operation;
  const isHeeded = (key: string) => parameters.includes(key) || settings.includes(key);
  const isUnset = (value: unknown) => value === null || value === undefined || value === false;
  const ignored = Object.entries(given).some(([key, value]) => !isUnset(value) && !isHeeded(key));
  return !ignored && (accepts?.(given) ?? true);
}

/** An operation of Keras 3 as a layer's settings, or undefined where it is not known here. */
export function storedOperation(name: string, config: object, call: CallArguments): Stored | undefined {
  if (!isKnown(name, { ...config, ...call.named })) return undefined;
  return { operation: name, options: asText(config), call: callSetting(call) };
}

/** A function of TensorFlow as Keras 2 stores its call, as a layer's settings, or undefined where it is not known here. */
export function storedFunction(name: string, call: CallArguments): Stored | undefined {
  const known = functions[name];
  if (!known) return undefined;
  const given: { [parameter: string]: unknown } = {};
  const first = Object.values(known.parameters)[0]!;
  if (call.positional.length > 0) given[first] = call.positional[0];
  for (const [parameter, value] of Object.entries(call.named)) {
    const ours = known.parameters[parameter];
    if (ours !== undefined) given[ours] = value;
    // A name, and settings that are not set, change nothing.
    else if (value !== null && value !== false && !["name", "num", "batch_dims"].includes(parameter)) return undefined;
    else if (parameter === "batch_dims" && value !== 0) return undefined;
  }
  if (!isKnown(known.operation, given)) return undefined;
  return { operation: known.operation, options: "{}", call: callSetting({ positional: [], named: given }) };
}
