import type { Json, JsonObject } from "../../comms/message.js";
import type { Language } from "../language/language.js";
import { type Shown, show } from "../runtime/display.js";
import type { Runner } from "../runtime/run.js";
import { errorContent } from "../runtime/traceback.js";
import { type RequestContext, runIn, setLatestCell } from "./context.js";
import type { History } from "./history.js";
import { InterruptError, type Interrupts } from "./interrupt.js";
import type { Outbox } from "./outbox.js";

export type Executor = ReturnType<typeof executor>;

interface Parts {
  outbox: Outbox;
  history: History;
  runner: Runner;
  /** The compiler; loading it takes a second or two, so the first cell may wait for it. */
  language: Promise<Language>;
  interrupts: Interrupts;
  /** Called when a cell has ended, whatever its outcome. */
  onEnd(context: RequestContext): void;
}

/** `name?` or `?name` alone in a cell asks what the name is. */
const HELP = /^\s*(?:\?\s*([\p{L}\p{N}_$.]+)|([\p{L}\p{N}_$.]+)\s*\?)\s*$/u;

/** Executes `execute_request`s, one at a time. */
export function executor({ outbox, history, runner, language, interrupts, onEnd }: Parts) {
  let count = 1;

  /** Compiles and runs one cell and keeps what it declared; throws what the cell throws. */
  async function evaluate(code: string, label: string, context: RequestContext): Promise<Shown | undefined> {
    const { cells, compile } = await interrupts.wait(context, language);
    const compiled = compile(code);
    if (interrupts.isInterrupted(context)) {
      // Nothing of the cell has run.
      cells.remove(compiled.fileName);
      throw new InterruptError();
    }
    const { failure, result, isCompleted } = await runner.run(compiled, code, label, context);
    if (failure) {
      cells.write(compiled.fileName, compiled.completedPart(isCompleted));
      throw failure.error;
    }
    return result && (await interrupts.wait(context, show(result.value)));
  }

  /** The pager's content for `name?` or `?name`. */
  async function help([, before, behind]: RegExpExecArray, context: RequestContext): Promise<JsonObject[]> {
    const expression = (before ?? behind) as string;
    const { inspect } = await interrupts.wait(context, language);
    const { found, data } = inspect(expression, Array.from(expression).length);
    const text = `Nothing is known about ${expression}`;
    return [{ source: "page", start: 0, data: found ? (data as JsonObject) : { "text/plain": text } }];
  }

  async function expressions(content: JsonObject, context: RequestContext): Promise<JsonObject> {
    const values: JsonObject = {};
    for (const [key, code] of Object.entries((content["user_expressions"] ?? {}) as JsonObject)) {
      try {
        const shown = await evaluate(String(code), `user expression ${key}`, context);
        values[key] = { status: "ok", data: {}, metadata: {}, ...(shown as JsonObject | undefined) };
      } catch (error) {
        values[key] = { status: "error", ...errorContent(error, `user expression ${key}`) };
      }
    }
    return values;
  }

  /** Content of `execute_reply`. */
  async function execute(content: JsonObject, context: RequestContext): Promise<JsonObject> {
    const code = String(content["code"] ?? "");
    context.silent = content["silent"] === true;
    context.allowStdin = content["allow_stdin"] !== false;
    const stored = !context.silent && content["store_history"] !== false;
    const number = count;
    const label = `Cell In[${number}]`;
    if (stored) {
      count += 1;
      history.add(number, code);
    }
    setLatestCell(context);
    outbox.publish("execute_input", { code, execution_count: number }, {}, [], context);
    return runIn(context, async () => {
      try {
        const asked = HELP.exec(code);
        if (asked) {
          const payload = await help(asked, context);
          return { status: "ok", execution_count: number, user_expressions: {}, payload };
        }
        const shown = await evaluate(code, label, context);
        if (shown) {
          outbox.publish("execute_result", { execution_count: number, ...(shown as unknown as JsonObject) });
          const text = shown.data["text/plain"];
          if (stored && typeof text === "string") history.setOutput(number, text);
        }
        const values: Json = await expressions(content, context);
        return { status: "ok", execution_count: number, user_expressions: values, payload: [] };
      } catch (error) {
        const described = errorContent(error, label);
        outbox.publish("error", described);
        return { status: "error", execution_count: number, ...described, user_expressions: {}, payload: [] };
      } finally {
        onEnd(context);
      }
    });
  }

  return { execute };
}
