import { type Command, Option } from "commander";
import type { ReportExport } from "../comms/report-export.js";
import { ReportParameterError } from "../reports/errors.js";
import type { ExecuteProgress } from "../reports/execute.js";
import type { GivenParameter } from "../reports/parameters.js";
import type { Backend } from "../reports/recorded-run.js";
import type { Action } from "./action.js";
import { nonNegative, positive, seconds } from "./numbers.js";
import { extractCommand, verifyCommand } from "./report/verification.js";

interface Options {
  out?: string;
  parameter: string[];
  execute: boolean;
  cellTimeout: number;
  allowErrors?: boolean;
  verify?: boolean;
  extract?: boolean;
  notebook?: string;
  backend?: Backend;
  tolerance?: number;
  overwrite?: boolean;
  json?: boolean;
  live?: boolean;
  precomputed?: boolean;
  frozen?: boolean;
  maxSize?: number;
}

const HELP = `
Runs the notebook from clean and writes one HTML file that needs no network.
A parameter is a variable of the cell tagged "parameters"; its value is JSON or text, and must be of the
variable's type: -p gamma=0.5 -p photo=coffee.png -p 'layers=["conv1", "conv2"]'

Each widget says in the page what it does: compute there (live), choose among stored states (precomputed),
or show how the notebook left it (frozen). Unless told, it does the most that it can: what cells read may have
30 MB, and a cell that needs Node.js or files that the page lacks is named.

Examples:
  limpid report notebooks/00-first-light.ipynb
  limpid report study.ipynb -o study-7.html -p seed=7
  limpid report saved.ipynb --no-execute
  limpid report study.ipynb --backend wasm
  limpid report --verify study.html
  limpid report --extract study.html -o study

--verify says which inputs changed, runs the notebook again and compares every value: bit by bit on
WebAssembly, within 1e-4 relative on TensorFlow's C library, within 1e-3 from one to the other. It ends with 0 where the report is reproduced, with 1
where something differs, with 2 where it cannot be run.`;

/** `limpid report`: a notebook as one file for readers. */
export function registerReport(program: Command, run: (action: Action) => void): void {
  program
    .command("report")
    .description("make one HTML file of a notebook, for readers without Jupyter")
    .argument("<file>", "a notebook; with --verify and --extract a report")
    .option("-o, --out <file.html>", "where it goes; the notebook's name with .html unless told")
    .option("-p, --parameter <name=value>", "give a parameter another value; may be repeated", collected, [])
    .option("--no-execute", "run nothing: show what the notebook's file holds")
    .option("--cell-timeout <seconds>", "how long a cell may take; 0 for no limit", seconds, 600)
    .option("--allow-errors", "go on after a cell that throws, and show what it says")
    .addOption(
      new Option("--backend <name>", "what computes; the report's own with --verify").choices(["native", "wasm"]),
    )
    .addOption(
      new Option("--live", "let widgets compute in the page, with models of any size").conflicts([
        "precomputed",
        "frozen",
      ]),
    )
    .addOption(
      new Option("--precomputed", "let widgets choose among the states of report.precompute").conflicts("frozen"),
    )
    .addOption(new Option("--frozen", "show widgets as the notebook leaves them"))
    .option("--max-size <MB>", "the file's size; widgets do the best that fits it", positive)
    .option("--verify", "run the report of this name again and compare")
    .option("--notebook <file>", "with --verify: the notebook to run; the one beside the report unless told")
    .option("--tolerance <number>", "with --verify: relative; 0 is bit by bit", nonNegative)
    .option("--extract", "give back the notebook, the lock file and the provenance of the report of this name")
    .option("--overwrite", "with --extract: replace files that are there")
    .option("--json", "with --verify and --extract: say it as JSON")
    .addHelpText("after", HELP)
    .action((file: string, options: Options, command: Command) => {
      const mode = options.verify
        ? "--verify"
        : options.extract
          ? "--extract"
          : options.execute
            ? "run"
            : "--no-execute";
      const given = command.options.filter(
        (option) => command.getOptionValueSource(option.attributeName()) === "cli" && option.long !== mode,
      );
      const odd = given.find((option) => !TAKEN[mode].includes(option.long!));
      // Commander says it, and ends with 2: what would do nothing was meant to do something.
      if (odd)
        command.error(
          `error: option ${odd.long} ${mode === "run" ? `is for ${FOR[odd.long!]}` : `has no effect with ${mode}`}: leave it out`,
        );
      run(() => reportCommand(file, options));
    });
}

/** The options that each way to call the command takes. */
const TAKEN: Readonly<Record<"run" | "--no-execute" | "--verify" | "--extract", readonly string[]>> = {
  run: [
    ...["--out", "--parameter", "--cell-timeout", "--allow-errors", "--backend"],
    ...["--live", "--precomputed", "--frozen", "--max-size"],
  ],
  "--no-execute": ["--out", "--frozen", "--max-size"],
  "--verify": ["--notebook", "--tolerance", "--backend", "--cell-timeout", "--json"],
  "--extract": ["--out", "--overwrite", "--json"],
};

/** What options are for that a report that is made does not take. */
const FOR: Readonly<Record<string, string>> = {
  "--notebook": "--verify",
  "--tolerance": "--verify",
  "--overwrite": "--extract",
  "--json": "--verify and --extract",
};

const collected = (value: string, before: string[]): string[] => [...before, value];

async function reportCommand(file: string, options: Options): Promise<number> {
  const { out, verify = false, extract = false, overwrite = false, json = false } = options;
  if (extract) return extractCommand(file, out ?? file.replace(/(\.html?)?$/, "-extracted"), overwrite, json);
  const controller = new AbortController();
  const abort = () => controller.abort(new Error("Ctrl-C"));
  process.once("SIGINT", abort);
  process.once("SIGTERM", abort);
  // A kernel has JupyterLab's reports made by this command; without it, nobody waits for one.
  process.once("disconnect", abort);
  const line = statusLine();
  try {
    const { signal } = controller;
    if (verify) return await verifyCommand(file, options, { signal, onProgress: line.tell, clear: line.clear });
    return await makeCommand(file, options, signal, line);
  } catch (error) {
    if (!(error instanceof ReportParameterError)) throw error;
    line.clear();
    process.stderr.write(`limpid: ${error.message}\n`);
    return 2;
  } finally {
    line.clear();
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
    process.off("disconnect", abort);
  }
}

async function makeCommand(notebook: string, options: Options, signal: AbortSignal, line: StatusLine): Promise<number> {
  // What makes reports takes half a second to load, which other commands need not wait for.
  const [{ makeReport }, { givenParameter }] = await Promise.all([
    import("../reports/report.js"),
    import("../reports/parameters.js"),
  ]);
  const { out, execute, cellTimeout, allowErrors = false, maxSize, backend } = options;
  const level = (["live", "precomputed", "frozen"] as const).find((one) => options[one]);
  const parameters: GivenParameter[] = options.parameter.map(givenParameter);
  const made = await makeReport(notebook, {
    ...{ parameters, execute, cellTimeout, allowErrors, signal, onProgress: line.tell },
    levels: { ...(level && { level }), ...(maxSize !== undefined && { maxSize: maxSize * 1e6 }) },
    ...(out !== undefined && { out }),
    ...(backend !== undefined && { backend }),
  });
  line.clear();
  const { file, bytes, warnings } = made;
  tellParent({ file, bytes, warnings });
  for (const warning of made.warnings) process.stderr.write(`limpid: ${warning}\n`);
  console.log(`${made.file}: ${(made.bytes / 1e6).toFixed(2)} MB, ${made.cells} cells`);
  return 0;
}

/** Tells the kernel that started this command for JupyterLab. */
const tellParent = (news: ReportExport): void => void process.send?.(news);

type StatusLine = ReturnType<typeof statusLine>;

/** How far the notebook is: one line that is overwritten on a terminal, else a line a cell. */
function statusLine() {
  const { stderr } = process;
  let last = "";
  return {
    tell: ({ done, total, doing }: ExecuteProgress) => {
      const now = `report: ${done} of ${total} cells done, ${doing}`;
      if (now === last) return;
      last = now;
      tellParent({ done, total, doing });
      stderr.write(stderr.isTTY ? `\r\x1b[K${now.slice(0, (stderr.columns ?? 80) - 1)}` : `${now}\n`);
    },
    clear: () => {
      if (last !== "" && stderr.isTTY) stderr.write("\r\x1b[K");
      last = "";
    },
  };
}
