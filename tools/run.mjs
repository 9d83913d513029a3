// npm run goldens, bench, train, figures, notebooks: the commands for work on Limpid itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileChanges } from "../scripts/setup/compile.mjs";
import { ROOT } from "../scripts/setup/paths.mjs";
import { SetupError } from "../scripts/setup/process.mjs";

try {
  if (!existsSync(join(ROOT, "node_modules"))) throw new SetupError("Limpid is not set up yet.", "Run: npm run setup");
  await compileChanges();
  const tools = await import(pathToFileURL(join(ROOT, "build", "tools", "main.js")).href);
  process.exitCode = await tools.main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
