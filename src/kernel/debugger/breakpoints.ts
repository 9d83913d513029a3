import type { JsonObject } from "../../comms/message.js";
import type { Engine } from "./engine.js";
import { DebugError, numberOf } from "./protocol.js";
import type { Script, Scripts } from "./scripts.js";

/** A breakpoint that a front end set in a cell or a file. */
export interface Breakpoint {
  id: number;
  /** Where it stops, or where it was asked for until the code is there; from 1. */
  line: number;
  column?: number | undefined;
  isBound: boolean;
  /** An expression that must hold. */
  condition?: string | undefined;
  /** It stops from this time on that it is met. */
  hits: number;
  met: number;
}

export type Breakpoints = ReturnType<typeof breakpoints>;

/** Breakpoints by path, and what the engine was asked for because of them, in every script that comes of the path. */
export function breakpoints(engine: () => Engine, scripts: Scripts) {
  const byPath = new Map<string, Breakpoint[]>();
  /** What the engine calls them, in each script. */
  const bound = new Map<string, { point: Breakpoint; path: string; script: string }>();
  let count = 0;

  async function bind(script: Script, point: Breakpoint): Promise<void> {
    const stop = await scripts.stopAt(script, point.line, point.column);
    if (!stop) return;
    // A line without code moves to the next that has some, for good.
    point.line = stop.line;
    point.isBound = true;
    const found = [...bound].find(([, one]) => one.script === script.id && one.point.line === stop.line);
    if (found && found[1].point.column === point.column) return;
    const { breakpointId } = await engine().ask<{ breakpointId: string }>("Debugger.setBreakpoint", {
      location: stop.location,
    });
    bound.set(breakpointId, { point, path: script.path, script: script.id });
  }

  async function unbind(path: string): Promise<void> {
    for (const [breakpointId, one] of bound) {
      if (one.path !== path) continue;
      bound.delete(breakpointId);
      await engine().ask("Debugger.removeBreakpoint", { breakpointId });
    }
  }

  function parsed(asked: unknown): Breakpoint {
    const one = asked as JsonObject;
    const { column, condition, hitCondition } = one;
    const hits =
      typeof hitCondition === "string" && hitCondition.trim() !== ""
        ? Number(hitCondition.replace(/^\s*>?=+\s*/, ""))
        : 1;
    if (!Number.isSafeInteger(hits) || hits < 1) {
      throw new DebugError(`hitCondition must be a count, such as "3"; it is ${JSON.stringify(hitCondition)}`);
    }
    const line = numberOf(one, "line");
    if (line < 1) throw new DebugError(`line counts from 1; it is ${line}`);
    count += 1;
    return {
      ...{ id: count, line, isBound: false, hits, met: 0 },
      column: typeof column === "number" && column > 1 ? column : undefined,
      condition: typeof condition === "string" && condition.trim() !== "" ? condition : undefined,
    };
  }

  return {
    /** Puts these in the place of all that the path had. */
    async set(path: string, asked: readonly unknown[]): Promise<JsonObject[]> {
      const points = asked.map(parsed);
      await unbind(path);
      if (points.length > 0) byPath.set(path, points);
      else byPath.delete(path);
      const there = points.length > 0 ? await scripts.at(path) : [];
      for (const script of there) for (const point of points) await bind(script, point);
      return points.map(({ id, line, isBound }) => ({
        ...{ id, line, verified: isBound, source: { path } },
        ...(!isBound && {
          message: there.length > 0 ? "There is no code from this line on" : "It is set as soon as this code runs",
        }),
      }));
    },
    /** Sets in a script, before it runs, what its path has. */
    async apply(script: Script): Promise<Breakpoint[]> {
      const points = byPath.get(script.path) ?? [];
      const waiting = points.filter(({ isBound }) => !isBound);
      for (const point of points) await bind(script, point);
      return waiting.filter(({ isBound }) => isBound);
    },
    of: (breakpointIds: readonly string[]): Breakpoint[] =>
      breakpointIds.flatMap((id) => {
        const found = bound.get(id);
        return found ? [found.point] : [];
      }),
    list: (): JsonObject[] =>
      [...byPath].map(([source, points]) => ({
        source,
        breakpoints: points.map(({ line, condition }) => ({ line, ...(condition !== undefined && { condition }) })),
      })),
    forget(): void {
      byPath.clear();
      bound.clear();
    },
  };
}
