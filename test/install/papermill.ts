/** The translator of docs/reports.md in the hands of papermill itself: `npm run test:papermill`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readNotebook } from "../../src/reports/notebook.js";
import { makeReport } from "../../src/reports/report.js";
import { scratchFolder } from "../helpers/scratch.js";

const folder = scratchFolder("papermill");
const page = readFileSync(new URL("../../../docs/reports.md", import.meta.url), "utf8");
const snippet = /```python\n([\s\S]*?)```/.exec(page)![1]!;

test("values of every kind arrive in the cells behind, and a report shows them", async () => {
  const cell = (source: string, ...tags: string[]) => ({
    ...{ cell_type: "code", source, metadata: { tags }, outputs: [], execution_count: null },
    id: `cell-${tags.length}`,
  });
  writeFileSync(
    join(folder, "study.ipynb"),
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "limpid", display_name: "Limpid (TypeScript)", language: "typescript" } },
      cells: [
        cell("let seed: number = 1;", "parameters"),
        cell("console.log(JSON.stringify([seed, text, list, nested, none, yes]));"),
      ],
    }),
  );
  const given =
    '{"seed": 7, "text": "a \\"b\\" \\n ü", "list": [1.5, "x"], "nested": {"k": [{}]}, "none": None, "yes": True}';
  assert.ok(snippet.includes('{"seed": 7}'));
  execFileSync(process.env["LIMPID_PAPERMILL"]!, ["-c", snippet.replace('{"seed": 7}', given)], { cwd: folder });
  const { cells } = await readNotebook(join(folder, "study-7.ipynb"));
  assert.deepEqual(cells[1]!.tags, ["injected-parameters"]);
  const said = cells[2]!.outputs[0] as { text: string };
  assert.equal(said.text, '[7,"a \\"b\\" \\n ü",[1.5,"x"],{"k":[{}]},null,true]\n');
  const { file } = await makeReport(join(folder, "study-7.ipynb"), { execute: false });
  assert.match(readFileSync(file, "utf8"), /\[7,&quot;a/);
});
