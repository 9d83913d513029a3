import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { LimpidError } from "../../src/explainers/errors.js";
import { ParameterError } from "../../src/explainers/index.js";

/*
 * `npm run bench -- kernel`: this kernel beside ipykernel and stock tslab, by Jupyter's own client, in turns. One JSON object a line for each round,
 * then the medians side by side. What a slider takes to pixels is `npm run bench -- latency`.
 */

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A kernel: how it is started, and what is asked of it. */
interface Asked {
  readonly argv: readonly string[];
  readonly language: "typescript" | "python";
  /** False for one that only shows figures. */
  readonly timed: boolean;
  /** Seconds of rest before the first completion. */
  readonly pause: number;
  /** Code, and where the cursor stands in it. */
  readonly completion: readonly [code: string, cursor: number];
  /** Whether it also runs the larger number of cells. */
  readonly many: boolean;
  /** A cell, and one that sends 500 binary messages of 200 kB. */
  readonly messages?: readonly [before: string, send: string];
  /** What shows a figure, cell by cell. */
  readonly figures?: Readonly<Record<string, readonly string[]>>;
}

const CURVE = "a curve of 1,000 points";
const MAP = "a map of 224 × 224 numbers";

function kernels(python: string, plotly: string | undefined): Record<string, Asked> {
  const ofLimpid = 'import { IntS } from "limpid"';
  return {
    limpid: {
      argv: [process.execPath, join(root, "build/src/kernel/main.js"), "{connection_file}"],
      language: "typescript",
      timed: true,
      pause: 5,
      completion: [ofLimpid, ofLimpid.indexOf("IntS") + 4],
      many: true,
      messages: [
        `const { comms } = (globalThis as any)[Symbol.for("limpid.host")]; const comm = comms.open("bench"); const bytes = new Uint8Array(200_000);`,
        "for (let i = 0; i < 500; i++) comm.send({ i }, [bytes]);",
      ],
      figures: {
        [CURVE]: [
          'import { plot } from "limpid"; plot({ y: Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i / 50)) })',
        ],
        [MAP]: [
          'import { Heatmap } from "limpid"; new Heatmap({ relevance: { shape: [224, 224], values: Float32Array.from({ length: 224 * 224 }, (_, i) => Math.sin(i / 50)) } })',
        ],
      },
    },
    ipykernel: {
      argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      language: "python",
      timed: true,
      pause: 0,
      completion: ["import os\nos.pa", 15],
      many: true,
      messages: [
        'from comm import create_comm; comm = create_comm("bench"); data = bytes(200_000)',
        "for i in range(500): comm.send({'i': i}, buffers=[data])",
      ],
    },
    tslab: {
      argv: [
        process.execPath,
        join(root, "node_modules/tslab/bin/tslab"),
        "kernel",
        "--config-path",
        "{connection_file}",
      ],
      language: "typescript",
      timed: true,
      pause: 0,
      completion: ["Math.ma", 7],
      many: false,
    },
    ...(plotly !== undefined && {
      plotly: {
        argv: [plotly, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        language: "python",
        timed: false,
        pause: 0,
        completion: ["", 0],
        many: false,
        figures: {
          [CURVE]: [
            "import numpy as np, plotly.graph_objects as go; go.FigureWidget(go.Scatter(y=np.sin(np.arange(1000) / 50).astype('f4')))",
          ],
          [MAP]: [
            "import numpy as np, plotly.graph_objects as go; go.FigureWidget(go.Heatmap(z=np.sin(np.arange(224 * 224) / 50).astype('f4').reshape(224, 224)))",
          ],
        },
      } satisfies Asked,
    }),
  };
}

interface Round {
  kernel: string;
  milliseconds: Record<string, number>;
  megabytes: Record<string, number>;
  "a second": Record<string, number>;
}
type Line = Round | { kernel: string; figure: string; bytes: number };

/** `npm run bench -- kernel [--rounds 3] [--cells 300] [--many 1000] [--only NAMES] [--plotly PYTHON]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("kernel")
    .description("time the kernel beside ipykernel and tslab")
    .option("--rounds <count>", "rounds, each with every kernel", Number, 3)
    .option("--cells <count>", "cells of a notebook", Number, 300)
    .option("--many <count>", "cells of a long notebook, not for tslab", Number, 1000)
    .option("--only <names>", "kernels, separated by commas")
    .option(
      "--plotly <path>",
      "a Python with plotly, anywidget and ipykernel",
      join(root, ".limpid/plotly-venv/bin/python"),
    )
    .parse(argv, { from: "user" })
    .opts<{ rounds: number; cells: number; many: number; only?: string; plotly: string }>();
  for (const name of ["rounds", "cells", "many"] as const) {
    const value = options[name];
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(`--${name}`, value, "a whole number above 0");
  }
  const python = join(root, ".venv/bin/python");
  if (!existsSync(python)) throw new LimpidError(`There is no ${python}: npm run setup makes it`);
  const hasPlotly = existsSync(options.plotly);
  if (!hasPlotly) {
    console.error(
      `No Python at ${options.plotly} (python3 -m venv .limpid/plotly-venv; .limpid/plotly-venv/bin/pip install plotly anywidget ipykernel numpy): our own figures only.`,
    );
  }
  const all = kernels(python, hasPlotly ? options.plotly : undefined);
  const only = options.only?.split(",");
  for (const name of only ?? []) {
    if (!Object.hasOwn(all, name)) throw new ParameterError("--only", name, Object.keys(all).join(" or "));
  }
  const asked = Object.fromEntries(Object.entries(all).filter(([name]) => only?.includes(name) ?? true));
  const lines = await measured(python, { kernels: asked, ...options });
  console.log(table(lines, Object.keys(asked)));
  return 0;
}

function measured(python: string, asked: object): Promise<Line[]> {
  const script = join(root, "tools/bench/kernel/kernels.py");
  const env = { ...process.env, LIMPID_HISTORY: "off", PYTHONWARNINGS: "ignore" };
  const child = spawn(python, [script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines: Line[] = [];
  createInterface(child.stdout).on("line", (line) => {
    console.log(line);
    lines.push(JSON.parse(line) as Line);
  });
  child.stdin.end(JSON.stringify(asked));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0) resolve(lines);
      else reject(new LimpidError(`The client that times the kernels ended with ${code}; what it wrote stands above`));
    });
  });
}

/** Medians, a row for what was measured and a column for each kernel. */
function table(lines: readonly Line[], names: readonly string[]): string {
  const rows = new Map<string, Map<string, number[]>>();
  const note = (what: string, kernel: string, value: number) => {
    const row = rows.get(what) ?? new Map<string, number[]>();
    rows.set(what, row.set(kernel, [...(row.get(kernel) ?? []), value]));
  };
  for (const line of lines) {
    if ("figure" in line) {
      note(`${line.figure} (bytes in the file)`, line.kernel, line.bytes);
      continue;
    }
    for (const [what, value] of Object.entries(line.milliseconds)) note(`${what} (ms)`, line.kernel, value);
    for (const [what, value] of Object.entries(line.megabytes)) note(`${what} (MB)`, line.kernel, value);
    for (const [what, value] of Object.entries(line["a second"])) note(what, line.kernel, value);
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
  const written = (values: readonly number[] | undefined) =>
    values === undefined ? "–" : median(values).toFixed(median(values) < 100 ? 1 : 0);
  const width = Math.max(...[...rows.keys()].map(({ length }) => length));
  const line = (head: string, cells: readonly string[]) =>
    head.padEnd(width) + cells.map((c) => c.padStart(12)).join("");
  return [
    line("", names),
    ...[...rows].map(([what, row]) =>
      line(
        what,
        names.map((name) => written(row.get(name))),
      ),
    ),
  ].join("\n");
}
