import type { ConsoleWrite } from "../../comms/host.js";
import { AsyncLocalStorage } from "../platform/async-context.js";

const elsewhere = new AsyncLocalStorage<ConsoleWrite>();

/** Lets what `body` prints go to `write` and not below its cell. */
export const printTo = <T>(write: ConsoleWrite, body: () => T): T => elsewhere.run(write, body);

/** Where what is printed goes; undefined for below its cell. */
export const printingTo = (): ConsoleWrite | undefined => elsewhere.getStore();
