/** Paths of files, as the platform writes them. */
export { basename, dirname, extname, join, resolve } from "node:path";
