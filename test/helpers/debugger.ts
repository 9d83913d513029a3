/** A front end's side of the debugger, for tests: what JupyterLab sends and hears. */
import type { JsonObject } from "../../src/comms/message.js";
import { type Client, typeOf } from "./kernel.js";

export interface Variable extends JsonObject {
  name: string;
  value: string;
  type: string;
  variablesReference: number;
}

interface Frame extends JsonObject {
  id: number;
  name: string;
  line: number;
  source: { path: string; name: string };
}

export type Debugging = ReturnType<typeof debugging>;

export function debugging(kernel: Client) {
  let seq = 0;
  /** Events that were waited for already. */
  let heard = 0;

  async function ask(command: string, args: JsonObject = {}): Promise<JsonObject> {
    seq += 1;
    return kernel.request("debug_request", { type: "request", seq, command, arguments: args }, "control");
  }

  /** The body of the answer to a request that must succeed. */
  async function tell<Body = JsonObject>(command: string, args: JsonObject = {}): Promise<Body> {
    const reply = await ask(command, args);
    if (reply["success"] !== true) throw new Error(`${command}: ${reply["message"]}`);
    return reply["body"] as Body;
  }

  const events = () => kernel.received.iopub.filter((message) => typeOf(message) === "debug_event");

  /** The next event of this name. */
  async function event(name: string): Promise<JsonObject> {
    const [at, body] = await kernel.until(() => {
      const index = events().findIndex((one, place) => place >= heard && one.content["event"] === name);
      return index < 0 ? undefined : ([index, events()[index]!.content["body"] as JsonObject] as const);
    }, `the event ${name}`);
    heard = at + 1;
    return body;
  }

  const stack = async () => (await tell<{ stackFrames: Frame[] }>("stackTrace", { threadId: 1 })).stackFrames;

  return {
    ask,
    tell,
    event,
    events,
    stack,
    async start(): Promise<void> {
      await tell("initialize", { clientID: "test", adapterID: "limpid" });
      await tell("attach");
    },
    /** Sets breakpoints in the text of a cell, and returns the path by which it is known. */
    async breakIn(code: string, ...lines: number[]): Promise<string> {
      const { sourcePath: path } = await tell<{ sourcePath: string }>("dumpCell", { code });
      await tell("setBreakpoints", { source: { path }, breakpoints: lines.map((line) => ({ line })) });
      await tell("configurationDone");
      return path;
    },
    /** Waits for a stop and says where it is: function and line of each call. */
    async stopped(): Promise<{ reason: string; at: string[]; body: JsonObject }> {
      const body = await event("stopped");
      const at = (await stack()).map(
        ({ name, line, source }) => `${source.name === name ? "" : `${name} in `}${source.name}:${line}`,
      );
      return { reason: String(body["reason"]), at, body };
    },
    async step(command: "next" | "stepIn" | "stepOut"): Promise<string> {
      await tell(command, { threadId: 1 });
      return (await this.stopped()).at[0] as string;
    },
    /** What a test that failed may have left does not stop the next. */
    async clear(): Promise<void> {
      const info = await tell<{ isStarted: boolean; breakpoints: { source: string }[]; stoppedThreads: number[] }>(
        "debugInfo",
      );
      if (!info.isStarted) return;
      for (const { source: path } of info.breakpoints)
        await tell("setBreakpoints", { source: { path }, breakpoints: [] });
      await tell("setExceptionBreakpoints", { filters: [] });
      if (info.stoppedThreads.length > 0) await tell("continue", { threadId: 1 });
      heard = events().length;
    },
    resume: () => tell("continue", { threadId: 1 }),
    /** The variables of a scope of the innermost call: its names and texts. */
    async scope(name: string, frame = 0): Promise<Record<string, string>> {
      const { id } = (await stack())[frame] as Frame;
      const { scopes } = await tell<{ scopes: Variable[] }>("scopes", { frameId: id });
      const found = scopes.find((one) => one.name === name);
      if (!found) throw new Error(`No scope ${name} among ${scopes.map((one) => one.name).join(", ")}`);
      return texts(await this.children(found.variablesReference));
    },
    async children(variablesReference: number): Promise<Variable[]> {
      return (await tell<{ variables: Variable[] }>("variables", { variablesReference })).variables;
    },
  };
}

export const texts = (variables: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));
