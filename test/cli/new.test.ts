import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const folder = scratchFolder("new");

interface NotebookFile {
  cells: { cell_type: string; source: string[]; metadata: { tags?: string[] } }[];
}
const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as NotebookFile;

test("new copies a notebook under a name of one's own, without the numbers of the first, and replaces none", async () => {
  const file = join(folder, "study");
  const { code, stdout, stderr } = await limpid("new", file, "--from", "first-light");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${file}.ipynb: a copy of 00-first-light\nOpen it: limpid lab ${folder}\n`);
  const [made, from] = [
    `${file}.ipynb`,
    new URL("../../../notebooks/00-first-light.ipynb", import.meta.url).pathname,
  ].map(read);
  const isCheck = ({ metadata }: NotebookFile["cells"][number]) => metadata.tags?.includes("checks") ?? false;
  assert.ok(from!.cells.some(isCheck));
  const codeOf = ({ cells }: NotebookFile) => cells.filter((cell) => cell.cell_type === "code" && !isCheck(cell));
  assert.deepEqual(
    made!.cells.filter(({ cell_type }) => cell_type === "code"),
    codeOf(from!),
  );
  // Its neighbors do not lie beside the copy.
  const links = made!.cells.flatMap(({ cell_type, source }) =>
    cell_type === "markdown" ? [...source.join("").matchAll(/\]\((?!https?:|#)/g)] : [],
  );
  assert.deepEqual(links, []);

  const before = readFileSync(`${file}.ipynb`, "utf8");
  const again = await limpid("new", `${file}.ipynb`);
  assert.deepEqual([again.code, again.stderr], [1, `limpid: ${file}.ipynb is there already: give another name\n`]);
  assert.equal(readFileSync(`${file}.ipynb`, "utf8"), before);
});

test("what cannot be copied is said in one line, with what can", async () => {
  const none = await limpid("new", join(folder, "a"), "--from", "nothing");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^limpid: "nothing" is none of Limpid's notebooks; there are 00-first-light, /);
  const several = await limpid("new", join(folder, "a"), "--from", "re");
  assert.match(several.stderr, /^limpid: "re" may be several of Limpid's notebooks; there are /);
  const nowhere = await limpid("new", join(folder, "none", "a"), "--from", "first-light");
  assert.match(nowhere.stderr, /there is no folder/);
});
