import type { Json, JsonObject } from "../../comms/message.js";
import { type ErrorContent, type Executed, type Execution, type Interpreter, InterruptError } from "../interpreter.js";
import { type RequestContext, runIn, setLatestCell } from "./context.js";
import type { History } from "./history.js";
import type { Inputs } from "./input.js";
import type { Interrupts } from "./interrupt.js";
import type { Outbox } from "./outbox.js";

export type Executor = ReturnType<typeof executor>;

interface Parts {
  outbox: Outbox;
  history: History;
  interpreter: Interpreter;
  interrupts: Interrupts;
  stdin: Inputs;
}

/** Executes `execute_request`s, one at a time. */
export function executor({ outbox, history, interpreter, interrupts, stdin }: Parts) {
  let count = 1;

  async function evaluate(
    code: string,
    label: string,
    context: RequestContext,
    cell?: Execution["cell"],
  ): Promise<Executed> {
    return interpreter.execute(code, {
      label,
      ...(cell && { cell }),
      get interrupted() {
        return interrupts.isInterrupted(context);
      },
      wait: (value) => interrupts.wait(context, value),
    });
  }

  function describe(error: unknown, label: string): ErrorContent {
    const told = interrupts.toldAs(error);
    try {
      // What was thrown may run code of its author's when it is looked at.
      return interrupts.run(() => interpreter.describe?.(told, label)) ?? plainly(told);
    } catch {
      return plainly(told);
    }
  }

  async function expressions(content: JsonObject, context: RequestContext): Promise<JsonObject> {
    const values: JsonObject = {};
    const asked = content["user_expressions"];
    const isAsked = typeof asked === "object" && asked !== null && !Array.isArray(asked);
    for (const [key, code] of Object.entries(isAsked ? asked : {})) {
      const label = `user expression ${key}`;
      try {
        const { result } = await evaluate(String(code), label, context);
        values[key] = { status: "ok", data: {}, metadata: {}, ...(result as JsonObject | undefined) };
      } catch (error) {
        values[key] = { status: "error", ...describe(error, label) };
      }
    }
    return values;
  }

  /** The number by which each cell that runs is known. */
  const numbers = new WeakMap<RequestContext, number>();

  /** Content of `execute_reply`. */
  async function execute(content: JsonObject, metadata: JsonObject, context: RequestContext): Promise<JsonObject> {
    const code = String(content["code"] ?? "");
    context.silent = content["silent"] === true;
    context.allowStdin = content["allow_stdin"] !== false;
    const stored = !context.silent && content["store_history"] !== false;
    const number = count;
    numbers.set(context, number);
    const label = `Cell In[${number}]`;
    if (stored) {
      count += 1;
      history.add(number, code, context.allowStdin);
    }
    setLatestCell(context);
    outbox.publish("execute_input", { code, execution_count: number }, {}, [], context);
    return runIn(context, async () => {
      try {
        const { cellId } = metadata;
        const cell = context.silent ? undefined : { id: typeof cellId === "string" ? cellId : undefined };
        const { result, page } = await evaluate(code, label, context, cell);
        if (result) {
          outbox.publish("execute_result", { execution_count: number, ...(result as unknown as JsonObject) });
          const text = result.data["text/plain"];
          if (stored && typeof text === "string") history.setOutput(number, text);
        }
        const payload = page ? [{ source: "page", start: 0, data: page as JsonObject }] : [];
        const values: Json = await expressions(content, context);
        return { status: "ok", execution_count: number, user_expressions: values, payload };
      } catch (error) {
        return failed(describe(error, label), number);
      } finally {
        stdin.forget(context);
      }
    });
  }

  function failed(described: ErrorContent, number: number): JsonObject {
    outbox.publish("error", described);
    return { status: "error", execution_count: number, ...described, user_expressions: {}, payload: [] };
  }

  /** Content of `execute_reply` for a cell that was ended together with what would answer it. */
  function interrupted(context: RequestContext): JsonObject {
    stdin.forget(context);
    const number = numbers.get(context) ?? count;
    return runIn(context, () => failed(describe(new InterruptError(), `Cell In[${number}]`), number));
  }

  return { execute, interrupted };
}

/** An error by name and message, where its language says no more of it. */
export function plainly(error: unknown): ErrorContent {
  let [ename, evalue] = ["Error", "An error was thrown that cannot be shown"];
  try {
    const { name, message } = error as Error;
    [ename, evalue] = [`${name}`, `${message}`];
  } catch {
    // Its name or message throws when it is read.
  }
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] };
}
