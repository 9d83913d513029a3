/** Notebooks of the package run from top to bottom, as their readers run them: one of each kind; `npm run notebooks` runs them all. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { WIDGET_VIEW } from "../../src/comms/states/module.js";
import { readReport } from "../../src/reports/read-report.js";
import { checkedRun } from "../../tools/notebooks/checked-run.js";
import { chosen, VIEWERS } from "../browser/plain-viewers.js";
import { limpid } from "../cli/limpid.js";
import { scratchFolder } from "../helpers/scratch.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PYTHON = join(ROOT, ".venv", process.platform === "win32" ? "Scripts" : "bin", "python");
const PROGRAM = "from nbclient.cli import NbClientApp; NbClientApp.launch_instance()";

/** The introduction, the techniques, one of the applications and one of the sciences; beside another file, times are longer. */
const NOTEBOOKS = ["01-introduction", "02-techniques", "03d-audio", "04e-histology"];
const PATIENCE = 4;

for (const name of NOTEBOOKS) {
  test(`${name} runs from clean, holds what it states, shows progress, and each widget leaves a picture`, async () => {
    const { cells, faults } = await checkedRun(join(ROOT, "notebooks", `${name}.ipynb`), { patience: PATIENCE });
    assert.deepEqual(faults, []);
    const outputs = cells.flatMap((cell) => cell.outputs);
    const views = outputs.flatMap((output) => ("data" in output && WIDGET_VIEW in output.data ? [output.data] : []));
    assert.ok(views.length > 0);
    // What viewers without the widgets choose of each.
    for (const data of views) {
      for (const viewer of VIEWERS) {
        const words = `${viewer.name}: ${Object.keys(data).join(", ")} of ${data["text/plain"]}`;
        assert.match(chosen(data as Record<string, string>, viewer) ?? "", /^image\//, words);
      }
    }
  });
}

test("limpid report makes the report on a network of digits, which holds its checks unseen and is reproduced", async () => {
  const file = join(scratchFolder("report"), "20-report.ipynb");
  await copyFile(join(ROOT, "notebooks", "20-report.ipynb"), file);
  const made = await limpid("report", file, "-p", "nth=21");
  assert.equal(made.code, 0, made.stderr);
  const report = await readReport(file.replace(/ipynb$/, "html"));
  assert.deepEqual(report.manifest.parameters, [["nth", 21]]);
  assert.deepEqual(
    report.manifest.views.map(({ level }) => level),
    ["live", "live"],
  );
  const found = await limpid("report", "--verify", file.replace(/ipynb$/, "html"));
  assert.equal(found.code, 0, found.stdout + found.stderr);
});

test("Jupyter's own client runs a notebook to its end, and puts a picture of every widget into its file", async () => {
  const file = join(scratchFolder("notebooks"), "01b-draw-a-digit.ipynb");
  await copyFile(join(ROOT, "notebooks", "01b-draw-a-digit.ipynb"), file);
  await promisify(execFile)(PYTHON, ["-c", PROGRAM, "--inplace", "--allow-errors", file]);
  const { cells } = JSON.parse(await readFile(file, "utf8")) as {
    cells: {
      cell_type: string;
      source: string[];
      outputs?: { output_type: string; data?: Record<string, unknown> }[];
    }[];
  };
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  const outputs = code.flatMap((cell) => cell.outputs ?? []);
  assert.deepEqual(
    outputs.filter(({ output_type, ...rest }) => output_type === "error" || ("name" in rest && rest.name === "stderr")),
    [],
  );
  for (const { source, outputs: shown = [] } of code)
    assert.ok(shown.length > 0, `nothing is shown by: ${source.join("")}`);
  const views = outputs.flatMap(({ data }) => (data && WIDGET_VIEW in data ? [data] : []));
  assert.ok(views.length > 0);
  for (const data of views)
    assert.ok(
      Object.keys(data).some((type) => type.startsWith("image/")),
      Object.keys(data).join(),
    );
});
