// npm run look [-- NAME …]: takes pictures of every notebook, in JupyterLab and elsewhere, for a person to look at.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileChanges } from "./setup/compile.mjs";
import { ROOT } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";
import { setUp, steps } from "./setup/steps.mjs";

try {
  await setUp(console.log, steps);
  await compileChanges();
  await import(pathToFileURL(join(ROOT, "build", "test", "browser", "look.js")).href);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
