/** What follows a call through everything that it starts. */
export { AsyncLocalStorage } from "node:async_hooks";
