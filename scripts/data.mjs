// npm run test:data: every data set fetched by pip or npm, where it is not here yet, loaded and asked for what is in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileChanges } from "./setup/compile.mjs";
import { ROOT } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";

try {
  await compileChanges();
  const test = join(ROOT, "build", "test", "kernel-helpers", "data", "all-data-sets.js");
  const [code] = await once(spawn(process.execPath, ["--test", test], { stdio: "inherit" }), "exit");
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
