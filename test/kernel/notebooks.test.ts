/** Every notebook of the package runs from top to bottom, as its reader runs it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { scratchFolder } from "../helpers/scratch.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PYTHON = join(ROOT, ".venv", process.platform === "win32" ? "Scripts" : "bin", "python");
const PROGRAM = "from nbclient.cli import NbClientApp; NbClientApp.launch_instance()";

interface Output {
  output_type: string;
  name?: string;
  data?: Record<string, unknown>;
  text?: string | string[];
  ename?: string;
  evalue?: string;
}

const folder = scratchFolder("notebooks");

for (const name of readdirSync(join(ROOT, "notebooks")).filter((file) => file.endsWith(".ipynb"))) {
  test(name, async () => {
    const file = join(folder, name);
    await copyFile(join(ROOT, "notebooks", name), file);
    await promisify(execFile)(PYTHON, ["-c", PROGRAM, "--inplace", "--allow-errors", file], { cwd: folder });
    const { cells } = JSON.parse(await readFile(file, "utf8")) as {
      cells: { cell_type: string; source: string[]; outputs?: Output[] }[];
    };
    const outputs = cells.flatMap((cell) => cell.outputs ?? []);
    const wrong = outputs.filter(({ output_type, name: stream }) => output_type === "error" || stream === "stderr");
    assert.deepEqual(
      wrong.map(({ ename, evalue, text }) => `${ename ?? "stderr"}: ${evalue ?? text}`),
      [],
    );
    // What readers without the widgets see: a picture for each, and something of every cell.
    for (const { data = {} } of outputs.filter(
      ({ data }) => data && "application/vnd.jupyter.widget-view+json" in data,
    )) {
      assert.ok("image/png" in data, String(data["text/plain"]));
    }
    for (const { cell_type, source, outputs: shown = [] } of cells) {
      assert.ok(cell_type !== "code" || shown.length > 0, `nothing is shown by: ${source.join("")}`);
    }
  });
}
