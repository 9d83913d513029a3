import type { Debugger } from "node:inspector";
import type { JsonObject } from "../../comms/message.js";
import { CELL, isMade } from "../cell.js";
import type { Engine } from "./engine.js";
import { DebugError } from "./protocol.js";
import type { References } from "./references.js";
import type { Place, Script, Scripts } from "./scripts.js";

/** What front ends are told of a stop lives until the code goes on. */
export const STOP_GROUP = "limpid-stop";

/** A call that its reader is to see. */
export interface Frame {
  id: number;
  call: Debugger.CallFrame;
  script: Script;
  place: Place;
}

async function namesIn(engine: Engine, objectId: string | undefined): Promise<string[]> {
  if (objectId === undefined) return [];
  const { result } = await engine.ask<{ result: { name: string }[] }>("Runtime.getProperties", {
    objectId,
    ownProperties: true,
  });
  return result.map(({ name }) => name);
}

/** Whether a call is that of a cell's own code, not of a function in it. */
async function isCellItself(engine: Engine, { call, script }: Frame): Promise<boolean> {
  if (!script.isCell || call.functionName !== "") return false;
  const local = call.scopeChain.find(({ type }) => type === "local");
  return (await namesIn(engine, local?.object.objectId)).includes(CELL);
}

/** The calls of a stop that are of code which its reader wrote, or asked to see. */
export async function framesOf(scripts: Scripts, calls: readonly Debugger.CallFrame[], all: boolean): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (const [id, call] of calls.entries()) {
    const script = await scripts.of(call.location.scriptId);
    if (!script || !(all || scripts.isAuthors(script))) continue;
    frames.push({ id: id + 1, call, script, place: scripts.near(script, call.location) });
  }
  return frames;
}

export function frameOf(frames: readonly Frame[], id: unknown): Frame {
  const frame = frames.find((one) => one.id === id);
  if (frame) return frame;
  throw new DebugError(
    frames.length === 0 ? "No code is stopped" : `There is no frame ${JSON.stringify(id)} in the stack that is stopped`,
  );
}

/** A frame as the protocol describes it. */
export async function described(engine: Engine, frame: Frame): Promise<JsonObject> {
  const { id, call, script, place } = frame;
  const isCell = await isCellItself(engine, frame);
  const name = isCell ? script.label : call.functionName || "(anonymous)";
  return { id, name, source: { name: script.label, path: script.path }, line: place.line, column: place.column };
}

const LOCAL = new Set(["local", "block", "catch", "with", "eval"]);

/** The scopes of a frame: what it declares, what encloses it, and the variables of the notebook. */
export async function scopesOf(engine: Engine, references: References, frame: Frame): Promise<JsonObject[]> {
  const { call, script } = frame;
  const itself = await isCellItself(engine, frame);
  const innermost = call.scopeChain.findIndex(({ type }) => type === "local" || type === "module");
  const locals = call.scopeChain.slice(0, innermost + 1).filter(({ type }) => LOCAL.has(type));
  const scope = (name: string, objects: string[], isCell = script.isCell): JsonObject => ({
    name,
    variablesReference: references.add(STOP_GROUP, { objects, isCell }),
    expensive: false,
  });
  const idsOf = (parts: typeof locals) => parts.map(({ object }) => object.objectId as string);

  const notebook = (await engine.supportObject("variables", STOP_GROUP)).objectId as string;
  // What a cell declares in its blocks is seen with the variables that it declares for all.
  if (itself) return [scope("Notebook", [...idsOf(locals.slice(0, -1)), notebook])];
  const scopes = [scope("Locals", idsOf(locals))];
  const closures = itself
    ? []
    : call.scopeChain.slice(innermost + 1).filter(({ type }) => type === "closure" || type === "block");
  const names = await Promise.all(closures.map(({ object }) => namesIn(engine, object.objectId)));
  // What encloses a cell's functions is mostly the compiler's.
  const written = closures.filter((_, at) => !script.isCell || names[at]!.some((name) => !isMade(name)));
  if (written.length > 0) scopes.push(scope("Closure", idsOf(written)));
  const module = call.scopeChain.filter(({ type }) => type === "module");
  if (module.length > 0) scopes.push(scope("Module", idsOf(module)));
  scopes.push(scope("Notebook", [notebook], false));
  return scopes;
}
