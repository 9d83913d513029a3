import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LimpidError } from "../explainers/errors.js";
import { packageFile } from "../kernel-helpers/platform/files.js";

/** The scripts of a report's page were not made. */
class PageFilesError extends LimpidError {}

const require = createRequire(import.meta.url);

/** The script of a report's page, and its style: text for the page itself. @throws PageFilesError */
export async function pageText(): Promise<{ script: string; style: string }> {
  const [script, style] = await Promise.all(["page.js", "page.css"].map(made));
  return { script: new TextDecoder().decode(script), style: new TextDecoder().decode(style) };
}

/** The script of a page's kernel. @throws PageFilesError */
export const workerScript = (): Promise<Uint8Array> => made("worker.js");

/** TensorFlow.js' WebAssembly: the one with SIMD, which all browsers have that run a report. */
export const wasmBinary = (): Promise<Uint8Array> =>
  readFile(require.resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"));

/** What draws charts. */
export const plotlyScript = (): Promise<Uint8Array> => readFile(require.resolve("plotly.js-cartesian-dist-min"));

/** Models whose views draw charts. */
const CHARTED = ["FlippingCurveModel", "PlotModel", "ShatteredGradientsModel"];

/** Whether a report with such a widget needs what draws charts. */
export const hasCharts = (model: string): boolean => CHARTED.includes(model);

async function made(name: string): Promise<Uint8Array> {
  const file = packageFile("build", "bundle", "page", name);
  try {
    return await readFile(file);
  } catch (cause) {
    throw new PageFilesError(
      `The scripts of a report's page are not there (${join("build", "bundle", "page", name)}); run npm run setup`,
      {
        cause,
      },
    );
  }
}
