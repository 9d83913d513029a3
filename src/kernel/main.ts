/** Starts the kernel for TypeScript: `node main.js CONNECTION_FILE`. */
import { startKernel } from "./kernel.js";
import { log } from "./log.js";
import { typescript } from "./typescript.js";

const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  log("usage: node main.js CONNECTION_FILE (Jupyter starts it so; a reader starts JupyterLab)");
  process.exit(2);
}
startKernel(connectionFile, typescript);
