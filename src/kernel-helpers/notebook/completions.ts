import { addCompleter, type StringPlace } from "../../comms/host.js";
import { composites } from "../../explainers/methods/lrp/index.js";
import { methods } from "../../explainers/methods.js";

/** What names a text may be, by the property whose value it becomes. */
const NAMES: { readonly [property: string]: ((place: StringPlace) => readonly string[]) | undefined } = {
  target: classesAt,
  class: classesAt,
  layer: layersAt,
  layers: layersAt,
  activationLayer: layersAt,
  composite: () => composites.map(({ id }) => id),
  method: () => methods.map(({ id }) => id),
};

addCompleter((place) => NAMES[place.property]?.(place) ?? []);

/** Names of the classes of the nearest model, or widget of one; else of all that the notebook has. */
function classesAt({ beside, all }: StringPlace): readonly string[] {
  return namesOf(beside, all, (value) => (value as { classNames?: unknown }).classNames);
}

/** Names of the layers of the nearest layers model. */
function layersAt({ beside, all }: StringPlace): readonly string[] {
  return namesOf(beside, all, (value) => {
    const { net = value } = value as { net?: unknown };
    const { layers } = net as { layers?: readonly { readonly name: string }[] };
    return Array.isArray(layers) ? layers.map(({ name }) => name) : undefined;
  });
}

function namesOf(beside: readonly unknown[], all: readonly unknown[], read: (value: object) => unknown): string[] {
  const found = (values: readonly unknown[]) =>
    values
      .filter((value): value is object => (typeof value === "object" || typeof value === "function") && value !== null)
      .map(read)
      .filter((names): names is string[] => Array.isArray(names) && names.length > 0 && typeof names[0] === "string");
  return found(beside)[0] ?? [...new Set(found(all).flat())];
}
