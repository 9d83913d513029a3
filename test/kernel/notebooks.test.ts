/** Every notebook of the package runs from top to bottom, as its reader runs it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { WIDGET_VIEW } from "../../src/comms/states/module.js";
import { chosen, VIEWERS } from "../browser/plain-viewers.js";
import { scratchFolder } from "../helpers/scratch.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PYTHON = join(ROOT, ".venv", process.platform === "win32" ? "Scripts" : "bin", "python");
const PROGRAM = "from nbclient.cli import NbClientApp; NbClientApp.launch_instance()";

interface Output {
  output_type: string;
  name?: string;
  data?: Record<string, string | string[]>;
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
    // What viewers without the widgets choose of each: a picture; and of every cell there is something to see.
    for (const { data = {} } of outputs.filter(({ data }) => data && WIDGET_VIEW in data)) {
      for (const viewer of VIEWERS) {
        const words = `${viewer.name}: ${Object.keys(data).join(", ")} of ${data["text/plain"]}`;
        assert.match(chosen(data, viewer) ?? "", /^image\//, words);
      }
    }
    for (const { cell_type, source, outputs: shown = [] } of cells) {
      assert.ok(cell_type !== "code" || shown.length > 0, `nothing is shown by: ${source.join("")}`);
    }
  });
}
