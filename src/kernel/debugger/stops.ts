import type { Debugger } from "node:inspector";
import { log } from "../log.js";
import type { Breakpoint, Breakpoints } from "./breakpoints.js";
import type { Engine } from "./engine.js";
import type { exceptions as Exceptions } from "./exceptions.js";
import { type Frame, framesOf, STOP_GROUP } from "./frames.js";
import { DebugError, type SendEvent, THREAD } from "./protocol.js";
import type { References } from "./references.js";
import type { Place, Scripts } from "./scripts.js";

type Pause = Debugger.PausedEventDataType;
type Step = "stepOver" | "stepInto" | "stepOut";

/** So many places without a line of their own a step passes at most. */
const PASSED = 1000;

interface Parts {
  engine: () => Engine;
  scripts: Scripts;
  points: Breakpoints;
  errors: ReturnType<typeof Exceptions>;
  references: References;
  send: SendEvent;
  /** Whether a condition of a breakpoint holds at a call. */
  holds(call: Debugger.CallFrame, condition: string): Promise<boolean>;
}

/** Decides at which of the engine's pauses the reader's code is stopped, and lets it go on. */
export function stops({ engine, scripts, points, errors, references, send, holds }: Parts) {
  /** The calls that are stopped, as long as they are. */
  let stopped: Frame[] | undefined;
  let isPaused = false;
  let stepping: { step: Step; from: Place | undefined; depth: number; passed: number } | undefined;
  let isPauseAsked = false;
  let allCode = false;
  /** Nothing stops while what was interrupted unwinds. */
  let isEnding = false;

  const go = (method: Step | "resume", options: object = {}): Promise<unknown> => {
    isPaused = false;
    return engine().ask(`Debugger.${method}`, options);
  };

  function hold(frames: Frame[], reason: string, body: Record<string, string> = {}): void {
    stopped = frames;
    stepping = undefined;
    isPauseAsked = false;
    send("stopped", { reason, threadId: THREAD, allThreadsStopped: true, ...body });
  }

  /** A script is about to run for the first time: its breakpoints must be there. */
  async function prepare(scriptId: string): Promise<void> {
    const script = await scripts.of(scriptId);
    if (!script) return;
    for (const { id, line } of await points.apply(script)) {
      send("breakpoint", {
        reason: "changed",
        breakpoint: { id, line, verified: true, source: { path: script.path } },
      });
    }
  }

  async function isMet(call: Debugger.CallFrame, point: Breakpoint): Promise<boolean> {
    if (point.condition !== undefined && !(await holds(call, point.condition))) return false;
    point.met += 1;
    return point.met >= point.hits;
  }

  async function take(pause: Pause): Promise<unknown> {
    const { callFrames, reason, data, hitBreakpoints = [] } = pause;
    if (reason === "instrumentation") {
      await prepare((data as { scriptId: string }).scriptId);
      return go("resume");
    }
    const top = callFrames[0] as Debugger.CallFrame;
    const frames = isEnding ? [] : await framesOf(scripts, callFrames, allCode);
    if (frames.length === 0) {
      // What was stepped through has ended.
      stepping = undefined;
      return go("resume");
    }
    if (reason === "exception" || reason === "promiseRejection") {
      if (!(await errors.matter(pause))) return go("resume");
      const text = String((data as { description?: string } | undefined)?.description ?? "").split(
        "\n    at ",
      )[0] as string;
      return hold(frames, "exception", { description: "Paused on exception", text });
    }
    const hit = points.of(hitBreakpoints);
    for (const point of hit) if (await isMet(top, point)) return hold(frames, "breakpoint");
    if (stepping) return pass(frames, top);
    if (isPauseAsked) return frames[0]?.call === top ? hold(frames, "pause") : go("stepOut");
    // What is left is a statement `debugger`, or a step whose cell has ended.
    return (await scripts.isDebuggerStatement(top.location)) ? hold(frames, "breakpoint") : go("resume");
  }

  /** Ends a step where it has come to another place that its reader wrote, or goes on. */
  async function pass(frames: Frame[], top: Debugger.CallFrame): Promise<unknown> {
    const { step, from, depth, passed } = stepping!;
    const place = await scripts.placeOf(top.location);
    // Calls in a line are places of their own for the engine; a loop in one line comes back to where it began.
    const isOn = frames.length === depth && isFurther(place, from);
    if (passed < PASSED && (frames[0]?.call !== top || !place || isOn)) {
      stepping = { ...stepping!, passed: passed + 1 };
      return go(step === "stepOut" ? "stepOver" : step);
    }
    return hold(frames, "step");
  }

  async function release(method: Step | "resume"): Promise<void> {
    if (!stopped) throw new DebugError("No code is stopped");
    const from = stopped[0]?.place;
    stepping = method === "resume" ? undefined : { step: method, from, depth: stopped.length, passed: 0 };
    await leave(method);
  }

  async function leave(method: Step | "resume", options: object = {}): Promise<void> {
    stopped = undefined;
    send("continued", { threadId: THREAD, allThreadsContinued: true });
    await references.release(STOP_GROUP);
    await go(method, options);
  }

  return {
    paused(pause: Pause): void {
      isPaused = true;
      take(pause).catch((error: Error) => {
        log(`the debugger lets the code go on: ${error.message}`);
        go("resume").catch(() => {});
      });
    },
    release,
    frames: (): readonly Frame[] => stopped ?? [],
    isStopped: (): boolean => stopped !== undefined,
    /** Stops at the next statement. */
    async pause(): Promise<void> {
      if (stopped) return;
      isPauseAsked = true;
      await engine().ask("Debugger.pause");
    },
    showsAllCode: (): boolean => allCode,
    showAllCode(all: boolean): void {
      allCode = all;
    },
    async end({ isEnded, isCell }: { isEnded: boolean; isCell: boolean }): Promise<void> {
      stepping = undefined;
      isPauseAsked = false;
      if (isCell) {
        isEnding = true;
        await engine().ask("Debugger.setSkipAllPauses", { skip: true });
      }
      if (stopped) await leave("resume", isEnded ? { terminateOnResume: true } : {});
      else if (isPaused) await go("resume");
    },
    /** What was interrupted has ended. */
    async begin(): Promise<void> {
      stepping = undefined;
      if (!isEnding) return;
      isEnding = false;
      await engine().ask("Debugger.setSkipAllPauses", { skip: false });
    },
    forget(): void {
      stopped = stepping = undefined;
      isPaused = isPauseAsked = isEnding = allCode = false;
    },
  };
}

/** Whether a place is further on in the line of another. */
const isFurther = (place: Place | undefined, from: Place | undefined): boolean =>
  place !== undefined && from !== undefined && place.line === from.line && place.column >= from.column;
