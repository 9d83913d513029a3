import type { CallArguments, Place } from "../layers/call-arguments.js";

/** A tensor as a file refers to it: an output of a call of a layer. */
export type Reference = [layer: string, call: number, tensor: number];

/** One call of a layer as Python made it, with each tensor replaced by its place in `tensors`, where each stands once. */
export interface Call extends CallArguments {
  tensors: Reference[];
}

type Part = { class_name?: string; config?: { [key: string]: unknown } };

/** Reads a call as Keras 2 (lists) or Keras 3 (`{ args, kwargs }`) stores it. */
export function readCall(call: unknown): Call {
  const tensors: Reference[] = [];
  const place = (reference: Reference): Place => {
    const known = tensors.findIndex((tensor) => String(tensor) === String(reference));
    return { tensor: known < 0 ? tensors.push(reference) - 1 : known };
  };
  return Array.isArray(call) ? { ...readLists(call, place), tensors } : { ...readArguments(call, place), tensors };
}

type Placer = (reference: Reference) => Place;

function readArguments(call: unknown, place: Placer): CallArguments {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value;
    const { class_name: kind, config } = value as Part;
    switch (kind) {
      case "__keras_tensor__":
        return place((config as { keras_history: Reference }).keras_history);
      case "__tensor__":
      case "__numpy__":
        return config!["value"];
      case "__tuple__":
      case "__list__":
        return (config!["value"] as unknown[]).map(read);
      case "__slice__":
      case "slice":
        return { slice: config };
      case "__ellipsis__":
        return { ellipsis: true };
      default:
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, read(inner)]));
    }
  };
  const { args, kwargs } = call as { args?: unknown[]; kwargs?: object };
  return { positional: (args ?? []).map(read), named: read(kwargs ?? {}) as CallArguments["named"] };
}

/** `[layer, call, tensor, { … }]`: the first argument; or a list of such, what an argument that is a list holds. */
function readLists(call: unknown[], place: Placer): CallArguments {
  const isReference = (value: unknown): value is Reference =>
    Array.isArray(value) &&
    (value.length === 3 || value.length === 4) &&
    typeof value[0] === "string" &&
    typeof value[1] === "number";
  const read = (value: unknown): unknown => {
    if (isReference(value)) {
      return value[0] === "_CONSTANT_VALUE" ? value[2] : place(value.slice(0, 3) as Reference);
    }
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value;
    if ("start" in value || "step" in value) return { slice: value };
    if ((value as Part).class_name === "__ellipsis__" || (value as Part).class_name === "Ellipsis") {
      return { ellipsis: true };
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, read(inner)]));
  };
  // A list of one is the one.
  const first = read(!isReference(call) && call.length === 1 ? call[0] : call);
  const entry = isReference(call) ? call : (call as unknown[]).find(isReference);
  const named = (entry as unknown as unknown[] | undefined)?.[3] ?? {};
  return { positional: [first], named: read(named) as CallArguments["named"] };
}
