import type { JsonObject } from "../../comms/message.js";
import { isMade } from "../cell.js";
import type { Engine, Remote } from "./engine.js";
import { DebugError } from "./protocol.js";
import { elementCount, typeText, valueText } from "./values.js";

/** What a reference that a front end holds stands for: an object, or several scopes seen as one, the inner first. */
interface Referred {
  objects: string[];
  /** The elements of a list that it means. */
  part?: Part | undefined;
  /** The scope of a cell's own code holds what the compiler put there. */
  isCell?: boolean;
}

interface Part {
  from: number;
  to: number;
}

interface Property {
  name: string;
  value?: Remote;
  get?: Remote;
  symbol?: Remote;
}

interface Properties {
  result: Property[];
  internalProperties?: Property[];
  privateProperties?: Property[];
}

/** So many elements of a list are shown at once; more stand in parts. */
const PART = 100;
/** What the engine keeps beside the properties of a value, and is worth to be seen. */
const INTERNAL = /^\[\[(Entries|PrimitiveValue|PromiseState|PromiseResult)\]\]$/;
const ELEMENTS = `function (from, to) {
  const part = {};
  for (let at = from; at < to; at += 1) if (at in this) part[at] = this[at];
  return part;
}`;

export type References = ReturnType<typeof references>;

/** The values that front ends have been told of and may look into, by number. All of a group end together. */
export function references(engine: () => Engine, showsTypes: () => boolean) {
  const referred = new Map<number, Referred & { group: string }>();
  let count = 0;

  function add(group: string, what: Referred): number {
    count += 1;
    referred.set(count, { ...what, group });
    return count;
  }

  /** A variable as the protocol describes it. */
  function variable(group: string, name: string, value: Remote): JsonObject {
    const count = elementCount(value);
    const part = count === undefined ? undefined : { from: 0, to: count };
    return {
      name,
      value: valueText(value),
      ...(showsTypes() && { type: typeText(value) }),
      variablesReference: value.objectId === undefined ? 0 : add(group, { objects: [value.objectId], part }),
      ...(count !== undefined && { indexedVariables: count }),
    };
  }

  /** The elements of a list, or where they are many the parts of it. */
  async function elements(group: string, objectId: string, { from, to }: Part): Promise<JsonObject[]> {
    if (to - from > PART) {
      let size = PART;
      while (size * PART < to - from) size *= PART;
      return Array.from({ length: Math.ceil((to - from) / size) }, (_, index) => {
        const part = { from: from + index * size, to: Math.min(to, from + (index + 1) * size) };
        const variablesReference = add(group, { objects: [objectId], part });
        return { name: `[${part.from} … ${part.to - 1}]`, value: "", type: "", variablesReference };
      });
    }
    const { result } = await engine().ask<{ result: Remote }>("Runtime.callFunctionOn", {
      ...{ objectId, objectGroup: group, functionDeclaration: ELEMENTS, silent: true },
      arguments: [{ value: from }, { value: to }],
    });
    return own(group, await propertiesOf(result.objectId as string));
  }

  const propertiesOf = (objectId: string): Promise<Properties> =>
    engine().ask("Runtime.getProperties", { objectId, ownProperties: true, generatePreview: true });

  const own = (group: string, { result, privateProperties = [] }: Properties): JsonObject[] =>
    [...result, ...privateProperties].flatMap(({ name, value, get, symbol }) => {
      if (symbol) return [];
      if (value) return [variable(group, name, value)];
      // What has no value yet, a `const` before its line, is undefined to its reader.
      const text = get === undefined ? "undefined" : "(getter)";
      return get?.type === "undefined" ? [] : [{ name, value: text, variablesReference: 0 }];
    });

  async function variables(reference: number, start = 0, length = 0): Promise<JsonObject[]> {
    const found = referred.get(reference);
    if (!found)
      throw new DebugError("This value is not there any more: the code went on, or variables were listed anew");
    const { group, objects, part, isCell = false } = found;
    if (part) {
      const [from, to] =
        length > 0 ? [part.from + start, Math.min(part.to, part.from + start + length)] : [part.from, part.to];
      return elements(group, objects[0] as string, { from, to });
    }
    const listed = new Map<string, JsonObject>();
    for (const objectId of objects) {
      const properties = await propertiesOf(objectId);
      for (const one of own(group, properties)) {
        const name = one["name"] as string;
        if (!listed.has(name) && !(isCell && isMade(name))) listed.set(name, one);
      }
      for (const { name, value } of properties.internalProperties ?? []) {
        if (value && objects.length === 1 && INTERNAL.test(name)) listed.set(name, variable(group, name, value));
      }
    }
    const all = [...listed.values()];
    return length > 0 ? all.slice(start, start + length) : all;
  }

  return { add, variable, variables, release };

  /** Ends what a front end was told of in a group. */
  async function release(group: string): Promise<void> {
    for (const [reference, one] of referred) if (one.group === group) referred.delete(reference);
    await engine().ask("Runtime.releaseObjectGroup", { objectGroup: group });
  }
}
