import { AbortedError } from "../../explainers/progress.js";
import type { ExecuteProgress } from "../../reports/execute.js";
import type { Backend } from "../../reports/recorded-run.js";
import type { ChangedInput } from "../../reports/verify/changed-inputs.js";

export interface VerificationOptions {
  readonly notebook?: string;
  readonly tolerance?: number;
  readonly backend?: Backend;
  readonly cellTimeout: number;
  readonly json?: boolean;
}

/** The exit code where a report cannot be verified: 1 says that something differs. */
const CANNOT_RUN = 2;

const STATUS = { reproduced: "reproduced", differs: "differs", nothing: "nothing compared" };

/** `limpid report --verify FILE`: 0 it is reproduced, 1 something differs, 2 it cannot be run or nothing of it can be compared. */
export async function verifyCommand(
  file: string,
  options: VerificationOptions,
  follow: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: ExecuteProgress) => void;
    readonly clear: () => void;
  },
): Promise<number> {
  const [{ verifyReport }, { inputsInWords, RUNS_EMBEDDED, verificationInWords }] = await Promise.all([
    import("../../reports/verify/verify.js"),
    import("../../reports/verify/in-words.js"),
  ]);
  const { notebook, tolerance, backend, cellTimeout, json = false } = options;
  let inputs: readonly ChangedInput[] = [];
  try {
    const verification = await verifyReport(file, {
      ...{ cellTimeout, signal: follow.signal, onProgress: follow.onProgress },
      ...(notebook !== undefined && { notebook }),
      ...(tolerance !== undefined && { tolerance }),
      ...(backend !== undefined && { backend }),
      onInputs: (used, changed) => {
        inputs = changed;
        if (json && used === "embedded") process.stderr.write(`${RUNS_EMBEDDED}\n`);
        if (!json) console.log(inputsInWords(used, changed).join("\n"));
      },
    });
    follow.clear();
    console.log(
      json
        ? JSON.stringify({ status: STATUS[verification.comparison.verdict], ...verification }, null, 2)
        : verificationInWords(verification).join("\n"),
    );
    return { reproduced: 0, differs: 1, nothing: CANNOT_RUN }[verification.comparison.verdict];
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    follow.clear();
    if (json)
      console.log(JSON.stringify({ status: "cannot run", report: file, inputs, error: name, message }, null, 2));
    process.stderr.write(`limpid: ${message}\n`);
    return CANNOT_RUN;
  }
}

/** `limpid report --extract FILE`. */
export async function extractCommand(file: string, folder: string, overwrite: boolean, json: boolean): Promise<number> {
  const { extractReport } = await import("../../reports/extract.js");
  const files = await extractReport(file, folder, overwrite);
  console.log(json ? JSON.stringify({ files }, null, 2) : files.join("\n"));
  return 0;
}
