import { fileURLToPath } from "node:url";
import { launched } from "../cli/limpid.js";

/** Runs `node tools/run.mjs …words`, which is what `npm run goldens`, `bench`, `train` and `figures` do. */
export const tools = launched(fileURLToPath(new URL("../../../tools/run.mjs", import.meta.url)));
