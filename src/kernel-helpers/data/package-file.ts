import { fileURLToPath } from "node:url";

/** Path of a file inside this package, wherever it is installed (this module runs from build/src/kernel-helpers/data). */
export function packageFile(...parts: string[]): string {
  return fileURLToPath(new URL(`../../../../${parts.map(encodeURIComponent).join("/")}`, import.meta.url));
}
