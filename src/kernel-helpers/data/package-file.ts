import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// The package finds itself by its name, from wherever in it this module was compiled or bundled to.
const root = dirname(createRequire(import.meta.url).resolve("limpid/package.json"));

/** Path of a file inside this package, wherever it is installed. */
export const packageFile = (...parts: string[]): string => join(root, ...parts);
