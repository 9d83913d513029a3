/**
 * The kernel's debugger: answers Jupyter's `debug_request`, which carries the Debug Adapter Protocol, by asking the engine of the main thread.
 * It runs in the worker thread, so it answers also while the main thread is stopped.
 */
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { MimeBundle } from "../../comms/host.js";
import type { JsonObject } from "../../comms/message.js";
import { breakpoints } from "./breakpoints.js";
import { connectEngine, type Engine, type Remote } from "./engine.js";
import { evaluate } from "./evaluate.js";
import { exceptions, FILTERS } from "./exceptions.js";
import { described, frameOf, STOP_GROUP, scopesOf } from "./frames.js";
import {
  DebugError,
  type DebugRequest,
  debugRequest,
  numberOf,
  pathOf,
  type SendEvent,
  THREAD,
  textOf,
} from "./protocol.js";
import { references as makeReferences } from "./references.js";
import { HASH, INTERNALS, LIBRARIES, scripts as makeScripts } from "./scripts.js";
import { stops as makeStops } from "./stops.js";

/** What is listed while nothing is stopped lives until it is listed anew. */
const LIST_GROUP = "limpid-list";
const PREFIX = `${join(tmpdir(), `limpid_${process.pid}`)}${sep}`;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

export type KernelDebugger = ReturnType<typeof kernelDebugger>;

/** The debugger of a kernel whose notebook lies in `folder`; `send` publishes a `debug_event`. */
export function kernelDebugger(folder: string, send: SendEvent) {
  let connected: Engine | undefined;
  let isAttached = false;
  /** JupyterLab shows in the place of a value its type, where it has one that is none of Python's. */
  let showsTypes = true;

  const engine = (): Engine => {
    connected ??= connectEngine({ paused: (pause) => stops.paused(pause), parsed: scripts.add });
    return connected;
  };
  const scripts = makeScripts(engine, folder, PREFIX);
  const points = breakpoints(engine, scripts);
  const errors = exceptions(engine, scripts);
  const references = makeReferences(engine, () => showsTypes);
  const stops = makeStops({
    ...{ engine, scripts, points, errors, references, send },
    async holds(call, condition) {
      try {
        return isTrue(await evaluate(engine(), condition, STOP_GROUP, call));
      } catch {
        // What cannot be worked out does not hold; a reader who wrote it wrong sees it stop nowhere.
        return false;
      }
    },
  });

  async function attach(args: JsonObject): Promise<void> {
    const all = args["justMyCode"] === false;
    stops.showAllCode(all);
    await engine().ask("Debugger.enable");
    await engine().ask("Debugger.setBlackboxPatterns", { patterns: all ? INTERNALS : LIBRARIES });
    if (!isAttached) {
      const instrumentation = "beforeScriptWithSourceMapExecution";
      await engine().ask("Debugger.setInstrumentationBreakpoint", { instrumentation });
    }
    isAttached = true;
    send("initialized", {});
  }

  function detach(): void {
    const was = isAttached;
    isAttached = false;
    points.forget();
    errors.forget();
    stops.forget();
    scripts.forget();
    // With its session all that the engine was asked for ends, also a stop.
    connected?.close();
    connected = undefined;
    if (was) send("terminated", {});
  }

  function attached(): void {
    if (!isAttached) throw new DebugError("The debugger is not attached: send initialize and attach first");
  }

  /** The call that a request speaks of; without a number, the innermost one that is stopped. */
  function callOf(args: JsonObject) {
    const { frameId } = args;
    if (!stops.isStopped()) return undefined;
    return frameId === undefined || frameId === null ? stops.frames()[0]?.call : frameOf(stops.frames(), frameId).call;
  }

  const groupOf = (call: unknown): string => (call ? STOP_GROUP : LIST_GROUP);

  async function variablesNow(): Promise<JsonObject[]> {
    await references.release(LIST_GROUP);
    const { objectId } = await engine().supportObject("variables", LIST_GROUP);
    return references.variables(references.add(LIST_GROUP, { objects: [objectId as string] }));
  }

  async function forms(value: Remote): Promise<MimeBundle> {
    const argument = value.objectId === undefined ? primitive(value) : { objectId: value.objectId };
    return engine().show(argument);
  }

  /** What each command answers with. */
  const commands: Record<string, (args: JsonObject) => Promise<JsonObject> | JsonObject> = {
    initialize({ clientID }) {
      showsTypes = clientID !== "jupyterlab";
      return {
        supportsConfigurationDoneRequest: true,
        supportsConditionalBreakpoints: true,
        supportsHitConditionalBreakpoints: true,
        supportsEvaluateForHovers: true,
        supportsModulesRequest: true,
        exceptionBreakpointFilters: FILTERS,
      };
    },
    async attach(args) {
      await attach(args);
      return {};
    },
    async configurationDone() {
      return {};
    },
    disconnect() {
      detach();
      return {};
    },
    debugInfo: () => ({
      isStarted: isAttached,
      hashMethod: HASH.method,
      hashSeed: HASH.seed,
      tmpFilePrefix: PREFIX,
      tmpFileSuffix: ".ts",
      breakpoints: points.list(),
      stoppedThreads: stops.isStopped() ? [THREAD] : [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    }),
    dumpCell: (args) => ({ sourcePath: scripts.keep(textOf(args, "code")) }),
    async setBreakpoints(args) {
      attached();
      const { breakpoints: asked, lines } = args;
      const old = Array.isArray(lines) ? lines.map((line) => ({ line })) : [];
      return { breakpoints: await points.set(pathOf(args), Array.isArray(asked) ? asked : old) };
    },
    async setExceptionBreakpoints({ filters }) {
      attached();
      await errors.set(Array.isArray(filters) ? filters : []);
      return {};
    },
    source: (args) => ({ content: scripts.sourceOf(pathOf(args)), mimeType: "text/typescript" }),
    threads: () => ({ threads: [{ id: THREAD, name: "Notebook" }] }),
    async stackTrace({ startFrame = 0, levels = 0 }) {
      attached();
      const all = stops.frames();
      const from = Number(startFrame);
      const shown = all.slice(from, Number(levels) > 0 ? from + Number(levels) : undefined);
      const stackFrames = await Promise.all(shown.map((frame) => described(engine(), frame)));
      return { stackFrames, totalFrames: all.length };
    },
    async scopes(args) {
      return { scopes: await scopesOf(engine(), references, frameOf(stops.frames(), args["frameId"])) };
    },
    async variables(args) {
      const reference = numberOf(args, "variablesReference");
      return {
        variables: await references.variables(reference, Number(args["start"] ?? 0), Number(args["count"] ?? 0)),
      };
    },
    async evaluate(args) {
      const call = callOf(args);
      const value = await evaluate(engine(), textOf(args, "expression"), groupOf(call), call);
      const { name: _, value: result, ...rest } = references.variable(groupOf(call), "", value);
      return { result: result as string, ...rest };
    },
    async continue() {
      await stops.release("resume");
      return { allThreadsContinued: true };
    },
    next: () => step("stepOver"),
    stepIn: () => step("stepInto"),
    stepOut: () => step("stepOut"),
    async pause() {
      attached();
      await stops.pause();
      return {};
    },
    modules() {
      attached();
      const modules = scripts.modules(stops.showsAllCode());
      return { modules, totalModules: modules.length };
    },
    async inspectVariables() {
      return { variables: await variablesNow() };
    },
    async richInspectVariables(args) {
      const call = callOf(args);
      const value = await evaluate(engine(), identifier(args, "variableName"), groupOf(call), call);
      return { data: (await forms(value)) as JsonObject, metadata: {} };
    },
    async copyToGlobals(args) {
      const { call } = frameOf(stops.frames(), args["srcFrameId"]);
      const name = identifier(args, "dstVariableName");
      const value = await evaluate(engine(), identifier(args, "srcVariableName"), STOP_GROUP, call);
      await engine().assign(name, value.objectId === undefined ? primitive(value) : { objectId: value.objectId });
      return { name };
    },
  };

  async function step(method: "stepOver" | "stepInto" | "stepOut"): Promise<JsonObject> {
    await stops.release(method);
    return {};
  }

  let latest: Promise<unknown> = Promise.resolve();
  let count = 0;

  async function answer(request: DebugRequest): Promise<JsonObject> {
    const { seq, command, args } = request;
    count += 1;
    const reply = { type: "response", seq: count, request_seq: seq, command };
    try {
      const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
      if (!run) throw new DebugError(`The debugger of this kernel does not know the command ${command}`);
      return { ...reply, success: true, body: await run(args) };
    } catch (error) {
      return { ...reply, success: false, message: (error as Error).message, body: {} };
    }
  }

  return {
    /** Content of the `debug_reply` to a request, one after the other. */
    async reply(content: JsonObject): Promise<JsonObject> {
      let request: DebugRequest;
      try {
        request = debugRequest(content);
      } catch (error) {
        return {
          type: "response",
          seq: 0,
          request_seq: 0,
          success: false,
          command: "",
          message: (error as Error).message,
          body: {},
        };
      }
      const answered = latest.then(() => answer(request));
      latest = answered;
      return answered;
    },
    isStopped: (): boolean => stops.isStopped(),
    /** An interrupt ends a stop: the code goes on, or ends at this very place. Nothing stops while a cell that was interrupted unwinds. */
    interrupt(how: { isEnded: boolean; isCell: boolean }): void {
      if (isAttached) void stops.end(how).catch(() => {});
    },
    /** A cell has ended. */
    cellEnded(): void {
      if (isAttached) void stops.begin().catch(() => {});
    },
    /** Before the process exits, which would wait for the engine's session. */
    close: detach,
  };
}

function identifier(args: JsonObject, name: string): string {
  const value = textOf(args, name);
  if (!IDENTIFIER.test(value))
    throw new DebugError(`${name} must be the name of a variable; it is ${JSON.stringify(value)}`);
  return value;
}

const isTrue = ({ type, subtype, value, unserializableValue }: Remote): boolean => {
  if (type === "object") return subtype !== "null";
  if (unserializableValue !== undefined) return !/^(-0|NaN|0n)$/.test(unserializableValue);
  return type === "function" || type === "symbol" || Boolean(value);
};

/** A value without an object, as an argument of the engine's. */
const primitive = ({ value, unserializableValue }: Remote): object =>
  unserializableValue === undefined ? { value } : { unserializableValue };
