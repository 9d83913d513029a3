import { type Debugger, type InspectorNotification, Session } from "node:inspector";
import type { MimeBundle } from "../../comms/host.js";
import { SUPPORT } from "../debug-support.js";

/** What the engine says of an evaluation. */
export type Evaluated = { result: Remote; exceptionDetails?: { text: string; exception?: Remote } };

/** A value of the main thread, as the engine speaks of it. */
export interface Remote {
  type: string;
  subtype?: string;
  className?: string;
  value?: unknown;
  unserializableValue?: string;
  description?: string;
  objectId?: string;
  preview?: { description?: string; overflow: boolean; properties: Previewed[]; entries?: PreviewedEntry[] };
}

export interface Previewed {
  name: string;
  type: string;
  subtype?: string;
  value?: string;
}

interface PreviewedEntry {
  key?: { type: string; description?: string };
  value: { type: string; description?: string };
}

interface Listener {
  paused(stop: Debugger.PausedEventDataType): void;
  parsed(script: Debugger.ScriptParsedEventDataType): void;
}

export type Engine = ReturnType<typeof connectEngine>;

/**
 * Worker thread: the JavaScript engine of the main thread, asked through Node.js' inspector. It answers also while that thread is stopped
 * or computes. Until `close` it holds up the process's exit.
 */
export function connectEngine(listener: Listener) {
  const session = new Session();
  session.connectToMainThread();
  session.on("Debugger.paused", ({ params }: InspectorNotification<Debugger.PausedEventDataType>) =>
    listener.paused(params),
  );
  session.on("Debugger.scriptParsed", ({ params }: InspectorNotification<Debugger.ScriptParsedEventDataType>) =>
    listener.parsed(params),
  );

  function ask<Answer = unknown>(method: string, params: object = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      session.post(method, params, (error, answer) => {
        if (error) reject(new Error(error.message.replace(/^Inspector error -?\d+: /, "")));
        else resolve(answer as Answer);
      });
    });
  }

  /** The value of an expression of the debugger's own, in the global scope. */
  async function own(expression: string, options: object = {}): Promise<Remote> {
    const evaluated = await ask<Evaluated>("Runtime.evaluate", { expression, silent: true, ...options });
    return outcome(evaluated);
  }

  /** Calls a method of the support with a value of the main thread. */
  async function supportWith(method: string, value: object, ...args: unknown[]): Promise<unknown> {
    const support = await own(`globalThis[Symbol.for(${JSON.stringify(SUPPORT)})]`);
    const evaluated = await ask<Evaluated>("Runtime.callFunctionOn", {
      ...{ objectId: support.objectId, silent: true, returnByValue: true },
      functionDeclaration: `function (...args) { return this.${method}(...args); }`,
      arguments: [...args.map((argument) => ({ value: argument })), value],
    });
    await ask("Runtime.releaseObject", { objectId: support.objectId });
    return outcome(evaluated).value;
  }

  return {
    ask,
    show: (value: object) => supportWith("show", value) as Promise<MimeBundle>,
    assign: (name: string, value: object) => supportWith("assign", value, name),
    /** What a method of the language's support returns, as JSON. */
    async support(method: string, ...args: unknown[]): Promise<unknown> {
      return (await own(supportCall(method, args), { returnByValue: true })).value;
    },
    /** The same, as an object to look into. */
    supportObject: (method: string, group: string, ...args: unknown[]): Promise<Remote> =>
      own(supportCall(method, args), { objectGroup: group, generatePreview: true }),
    close: () => session.disconnect(),
  };
}

function supportCall(method: string, args: unknown[]): string {
  const written = args.map((argument) => JSON.stringify(argument)).join(", ");
  return `globalThis[Symbol.for(${JSON.stringify(SUPPORT)})].${method}(${written})\n//# sourceURL=node:limpid`;
}

/** What an evaluation gave; throws what it threw. */
export function outcome({ result, exceptionDetails }: Evaluated): Remote {
  if (!exceptionDetails) return result;
  const thrown = exceptionDetails.exception;
  const text = thrown?.description?.split("\n    at ")[0] ?? (thrown && String(thrown.value)) ?? exceptionDetails.text;
  throw new Error(text);
}
