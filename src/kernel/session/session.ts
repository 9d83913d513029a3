import type { CommManager } from "../../comms/manager.js";
import type { CommMessageType, JsonObject } from "../../comms/message.js";
import { type Interpreter, InterruptError } from "../interpreter.js";
import { log } from "../log.js";
import { reportError } from "../report.js";
import type { WireMessage } from "../server/link.js";
import { completenessReply, completeReply, inspectReply } from "./answers.js";
import { type RequestContext, requestContext, runIn } from "./context.js";
import { type Executor, plainly } from "./execute.js";
import type { History } from "./history.js";
import type { Interrupts } from "./interrupt.js";
import type { Outbox } from "./outbox.js";

/** What has not gone on this long after code was ended is lost, in milliseconds. */
const LOST = 2000;
/** Captured: a cell may replace it while it runs. */
const { setTimeout } = globalThis;

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
  /** What ends the requests that are being answered by other means, where those are lost. */
  const open = new Map<RequestContext, () => void>();

  /** Calls `end` once: when it is called, or some time after code was ended that may have taken what would call it with it. */
  function once(context: RequestContext, end: (given?: JsonObject) => void): (given?: JsonObject) => void {
    const finish = (given?: JsonObject): void => {
      if (open.delete(context)) end(given);
    };
    open.set(context, finish);
    return finish;
  }

  /** Answers a request between `busy` and `idle`; what goes wrong becomes an error reply. */
  async function answer(message: WireMessage, work: () => JsonObject | Promise<JsonObject>): Promise<void> {
    const context = requestContext(message.header, message.identities);
    const type = String(message.header["msg_type"]).replace(/_request$/, "_reply");
    outbox.status("busy", context);
    const failed = (error: unknown) => ({ status: "error", ...plainly(error), traceback: [] });
    const finish = once(context, (content = failed(new InterruptError())) => {
      outbox.reply("shell", context, type, content);
      settle(context);
    });
    try {
      finish(await runIn(context, work));
    } catch (error) {
      finish(failed(error));
    }
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
    else {
      const finish = once(context, () => settle(context));
      handled.catch((error) => runIn(context, () => reportError(error))).finally(() => finish());
    }
  }

  async function runQueue(): Promise<void> {
    while (!running) {
      const message = queue.shift();
      if (!message) return;
      if (message.header["msg_type"] === "history_request") {
        const { content } = message;
        await answer(message, () => history.reply(content));
      } else {
        await runCell(message);
      }
    }
  }

  function runCell({ header, identities, content, metadata }: WireMessage): Promise<void> {
    return new Promise((resolve) => {
      const context = requestContext(header, identities);
      running = context;
      const finish = once(context, (reply = executor.interrupted(context)) => {
        runIn(context, () => comms.flush());
        // Only what waits now is aborted: a cell that is run after the error was seen must run.
        if (reply["status"] !== "ok") collect();
        const aborted = reply["status"] !== "ok" && content["stop_on_error"] !== false ? takeCells() : [];
        outbox.reply("shell", context, "execute_reply", reply);
        interrupts.end();
        running = undefined;
        outbox.status("idle", context, "cell");
        for (const waiting of aborted) void answer(waiting, () => ({ status: "aborted" }));
        resolve();
      });
      const begun = interrupts.begin(context);
      outbox.status("busy", context, "cell");
      // Widget messages and interrupts get their turn between two cells; an interrupt stops the second.
      begun
        .then(() => executor.execute(content, metadata, context))
        .then(finish, (error) => finish({ status: "error", ...plainly(error) }));
    });
  }

  function takeCells(): WireMessage[] {
    const taken = queue.filter(({ header }) => header["msg_type"] === "execute_request");
    const kept = queue.filter((message) => !taken.includes(message));
    queue.splice(0, queue.length, ...kept);
    return taken;
  }

  return {
    /**
     * After code was ended in the midst of the event loop: what was to be done next may be lost with it. The requests that are
     * still open after a while are ended.
     */
    recover(): void {
      collect();
      const left = [...open];
      setTimeout(() => {
        for (const [context, finish] of left) if (open.get(context) === finish) finish();
        void runQueue();
      }, LOST);
    },
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
