import type { StreamName } from "./link.js";

/** Text waits at most this long for more of the same stream, in milliseconds. */
const DELAY = 10;
const LIMIT = 1 << 16;

/** Joins small writes to a stream into one message: a loop that prints does not flood the front end. */
export function streamBuffer(send: (name: StreamName, text: string, parentHeader: string) => void) {
  let pending: { name: StreamName; text: string; parentHeader: string } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const last = pending;
    pending = undefined;
    if (last) send(last.name, last.text, last.parentHeader);
  }

  function write(name: StreamName, text: string, parentHeader: string): void {
    if (pending && (pending.name !== name || pending.parentHeader !== parentHeader)) flush();
    if (pending) pending.text += text;
    else pending = { name, text, parentHeader };
    if (pending.text.length > LIMIT) flush();
    else timer ??= setTimeout(flush, DELAY);
  }

  return { write, flush };
}
