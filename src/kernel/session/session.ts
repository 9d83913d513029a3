import type { CommManager } from "../../comms/manager.js";
import type { CommMessageType, JsonObject } from "../../comms/message.js";
import type { Interpreter } from "../interpreter.js";
import { log } from "../log.js";
import { reportError } from "../report.js";
import type { WireMessage } from "../server/link.js";
import { completenessReply, completeReply, inspectReply } from "./answers.js";
import { type RequestContext, requestContext, runIn } from "./context.js";
import { type Executor, plainly } from "./execute.js";
import type { History } from "./history.js";
import type { Interrupts } from "./interrupt.js";
import type { Outbox } from "./outbox.js";

/** What the requests are answered with. */
export interface Services {
  outbox: Outbox;
  comms: CommManager;
  history: History;
  interrupts: Interrupts;
  executor: Executor;
  interpreter: Interpreter;
  /** Hands over the messages that have arrived but not yet been delivered. */
  collect(): void;
}

/** Takes the requests of the shell channel: cells one after the other, comm messages at once, also while a cell awaits. */
export function session({ outbox, comms, history, interrupts, executor, interpreter, collect }: Services) {
  const queue: WireMessage[] = [];
  let running: RequestContext | undefined;

  /** Answers a request between `busy` and `idle`; what goes wrong becomes an error reply. */
  async function answer(message: WireMessage, work: () => JsonObject | Promise<JsonObject>): Promise<void> {
    const context = requestContext(message.header, message.identities);
    const type = String(message.header["msg_type"]).replace(/_request$/, "_reply");
    outbox.status("busy", context);
    let content: JsonObject;
    try {
      content = await runIn(context, work);
    } catch (error) {
      content = { status: "error", ...plainly(error), traceback: [] };
    }
    outbox.reply("shell", context, type, content);
    settle(context);
  }

  /** Sends `idle`, and `busy` again when a cell still runs: front ends keep one state for the whole kernel. */
  function settle(context: RequestContext): void {
    outbox.status("idle", context);
    if (running && running !== context) outbox.status("busy", running);
  }

  function handleComm(message: WireMessage): void {
    const context = requestContext(message.header, message.identities);
    outbox.status("busy", context, "comm");
    const { content, metadata, buffers, header } = message;
    const type = header["msg_type"] as CommMessageType;
    let handled: Promise<void> | undefined;
    try {
      handled = runIn(context, () => interrupts.run(() => comms.handle({ type, content, metadata, buffers, header })));
    } catch (error) {
      runIn(context, () => reportError(error));
    }
    if (!handled) settle(context);
    else handled.catch((error) => runIn(context, () => reportError(error))).finally(() => settle(context));
  }

  async function runQueue(): Promise<void> {
    if (running) return;
    for (let message = queue.shift(); message; message = queue.shift()) {
      if (message.header["msg_type"] === "history_request") {
        const { content } = message;
        await answer(message, () => history.reply(content));
        continue;
      }
      const context = requestContext(message.header, message.identities);
      running = context;
      const begun = interrupts.begin(context);
      outbox.status("busy", context, "cell");
      // Widget messages and interrupts get their turn between two cells; an interrupt stops the second.
      await begun;
      const reply = await executor.execute(message.content, message.metadata, context);
      runIn(context, () => comms.flush());
      // Only what waits now is aborted: a cell that is run after the error was seen must run.
      if (reply["status"] !== "ok") collect();
      const aborted = reply["status"] !== "ok" && message.content["stop_on_error"] !== false ? takeCells() : [];
      outbox.reply("shell", context, "execute_reply", reply);
      interrupts.end();
      running = undefined;
      outbox.status("idle", context, "cell");
      for (const waiting of aborted) await answer(waiting, () => ({ status: "aborted" }));
    }
  }

  function takeCells(): WireMessage[] {
    const taken = queue.filter(({ header }) => header["msg_type"] === "execute_request");
    const kept = queue.filter((message) => !taken.includes(message));
    queue.splice(0, queue.length, ...kept);
    return taken;
  }

  return {
    /** Handles a comm message now; false for any other. */
    takeComm(message: WireMessage): boolean {
      const isComm = /^comm_(open|msg|close)$/.test(String(message.header["msg_type"]));
      if (isComm) handleComm(message);
      return isComm;
    },
    receive(message: WireMessage): void {
      const { content } = message;
      const type = String(message.header["msg_type"]);
      switch (type) {
        case "execute_request":
        case "history_request":
          queue.push(message);
          void runQueue();
          return;
        case "comm_open":
        case "comm_msg":
        case "comm_close":
          handleComm(message);
          return;
        case "complete_request":
          void answer(message, () => completeReply(interpreter, content));
          return;
        case "inspect_request":
          void answer(message, () => inspectReply(interpreter, content));
          return;
        case "is_complete_request":
          void answer(message, () => completenessReply(interpreter, content));
          return;
        case "comm_info_request": {
          const target = content["target_name"];
          void answer(message, () => ({
            status: "ok",
            comms: comms.info(typeof target === "string" && target !== "" ? target : undefined),
          }));
          return;
        }
        default:
          log(`no answer to ${type}`);
          if (type.endsWith("_request")) {
            void answer(message, () => {
              throw new RangeError(`This kernel does not know the message type ${type}`);
            });
          }
      }
    },
  };
}
