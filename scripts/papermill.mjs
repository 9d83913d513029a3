// npm run test:papermill: the translator of docs/reports.md, run by papermill in an environment of its own, on Limpid's kernel.
import { join } from "node:path";
import { testWithPython } from "./setup/other-python.mjs";
import { ROOT } from "./setup/paths.mjs";
import { steps } from "./setup/steps.mjs";

const env = { JUPYTER_PATH: join(ROOT, ".venv", "share", "jupyter") };
await testWithPython("papermill", ["papermill>=2.6,<3"], steps, env);
