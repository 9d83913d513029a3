/** The other half of `kernel-helpers/platform/inspect`: Node's own code, without Node. */
export { inspect } from "node-inspect-extracted";
