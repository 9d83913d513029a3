/** Any value as text. */
export { inspect } from "node:util";
