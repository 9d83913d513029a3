import { isBinary } from "./buffers.js";

/** What a reference to a model begins with on the wire; its id follows. */
export const MODEL_REFERENCE = "IPY_MODEL_";

/** The ids of the models that a state refers to, at any depth. */
export function referredModels(state: unknown): Set<string> {
  const ids = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.startsWith(MODEL_REFERENCE)) ids.add(value.slice(MODEL_REFERENCE.length));
    } else if (Array.isArray(value)) value.forEach(visit);
    else if (value !== null && typeof value === "object" && !isBinary(value)) Object.values(value).forEach(visit);
  };
  visit(state);
  return ids;
}
