// npm run goldens, bench, train, figures: the commands for work on Limpid itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../scripts/setup/paths.mjs";

const main = join(ROOT, "build", "tools", "main.js");
if (existsSync(main)) await import(pathToFileURL(main).href);
else {
  console.error("\nLimpid is not set up yet.\nRun: npm run setup");
  process.exitCode = 1;
}
