/** What scripts of a worker lack of Node's; imported before everything else. */
import { Buffer } from "buffer";
import { randomId } from "../../comms/random-id.js";

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** After all messages that wait: `setTimeout` waits for four milliseconds where it is called again and again. */
function setImmediate<A extends unknown[]>(call: (...args: A) => void, ...args: A): void {
  waiting.push(() => call(...args));
  channel.port2.postMessage(null);
}

// Pages that a server sends without encryption have random numbers, but no identifiers.
(crypto as { randomUUID?: () => string }).randomUUID ??= randomId;

// TensorFlow.js yields to frames of the screen where there are any, and stands still in a tab that nobody looks at.
Object.assign(globalThis, { Buffer, setImmediate, requestAnimationFrame: undefined });
