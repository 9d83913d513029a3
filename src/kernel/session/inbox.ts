import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Inbound } from "../server/link.js";
import { soon } from "./soon.js";

/** What the worker thread hands over: delivered in its order, also ahead of the event loop's turn when someone looks. */
export function inbox(port: MessagePort, deliver: (inbound: Inbound) => void) {
  /** Messages that were taken from the port while a cell computed, and wait for their turn. */
  const waiting: Inbound[] = [];

  function take(): void {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      waiting.push(next.message as Inbound);
  }

  function deliverWaiting(): void {
    for (let inbound = waiting.shift(); inbound; inbound = waiting.shift()) deliver(inbound);
  }

  port.on("message", (inbound: Inbound) => {
    waiting.push(inbound);
    deliverWaiting();
  });

  return {
    /** Delivers all that has arrived, without waiting for the event loop. */
    collect(): void {
      take();
      deliverWaiting();
    },
    /** Offers `handle` what has arrived; what it does not handle keeps its order and its time. Returns how many it did. */
    offer(handle: (inbound: Inbound) => boolean): number {
      take();
      let handled = 0;
      for (const inbound of waiting.splice(0)) {
        if (handle(inbound)) handled += 1;
        else waiting.push(inbound);
      }
      if (waiting.length > 0) soon(deliverWaiting);
      return handled;
    },
  };
}
