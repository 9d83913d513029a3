import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../browser/server.js";

/** Makes the scripts of reports' pages, where they are older than what they are made of. */
export async function freshPage(): Promise<void> {
  const made = (await import(pathToFileURL(join(ROOT, "scripts", "setup", "page.mjs")).href)) as {
    freshPage(): Promise<void>;
  };
  await made.freshPage();
}
