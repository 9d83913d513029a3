import type { JsonObject } from "../../comms/message.js";
import { currentContext, type RequestContext } from "./context.js";
import type { Outbox } from "./outbox.js";

/** The front end that runs this cell cannot be asked (`nbconvert --execute`, for example). */
class StdinNotAllowedError extends Error {
  override name = "StdinNotAllowedError";
  constructor(prompt: string) {
    super(`input(${JSON.stringify(prompt)}) needs a front end that lets its reader type; this one does not`);
  }
}

export type Inputs = ReturnType<typeof inputs>;

/** `await input("prompt")`: asks the reader of the notebook for a line of text. */
export function inputs(outbox: Outbox) {
  const waiting: { resolve: (text: string) => void; context: RequestContext }[] = [];

  return {
    async input(prompt = "", { password = false } = {}): Promise<string> {
      const context = currentContext();
      if (!context?.allowStdin) throw new StdinNotAllowedError(prompt);
      outbox.reply("stdin", context, "input_request", { prompt, password });
      return new Promise((resolve) => waiting.push({ resolve, context }));
    },
    /**
     * Whether whoever sent the request can be asked: who runs a cell says so by `allow_stdin`, as for `input`; who moves a widget looks
     * at it.
     */
    hasReader(): boolean {
      const context = currentContext();
      return context !== undefined && (context.allowStdin || /^comm_/.test(String(context.header["msg_type"])));
    },
    /** Takes an `input_reply`. */
    answer(content: JsonObject): void {
      waiting.shift()?.resolve(String(content["value"] ?? ""));
    },
    /** Forgets what a finished cell asked: its answer may never come. */
    forget(context: RequestContext): void {
      for (let i = waiting.length - 1; i >= 0; i -= 1) if (waiting[i]?.context === context) waiting.splice(i, 1);
    },
  };
}
