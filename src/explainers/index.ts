export * from "./errors.js";
export * from "./trace/index.js";
