import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { LimpidError } from "../explainers/errors.js";
import { checkPlace, writeWhole } from "../kernel-helpers/formats/written.js";
import { packageFile } from "../kernel-helpers/platform/files.js";
import { joined } from "../reports/notebook.js";
import type { Action } from "./action.js";

/** What a new notebook is a copy of unless told. */
const USUAL = "10-explore-your-own-model";

/** `limpid new NAME`: a notebook of one's own, as a copy of one of this package. */
export function registerNew(program: Command, run: (action: Action) => void): void {
  program
    .command("new")
    .description("begin a notebook of your own from one of Limpid's")
    .argument("<name>", "the new notebook, in this folder or another; .ipynb may be left out")
    .addOption(new Option("--from <notebook>", "which it is a copy of: its name, or a part of it").default(USUAL))
    .addHelpText(
      "after",
      () =>
        `\nTo begin from:\n${templates()
          .map((name) => `  ${name}\n`)
          .join("")}`,
    )
    .action((name: string, { from }: { from: string }) => run(() => newNotebook(name, from)));
}

/** The notebooks of this package that show something, by name. */
const templates = (): string[] =>
  readdirSync(packageFile("notebooks"))
    .filter((name) => name.endsWith(".ipynb") && name !== "README.ipynb")
    .map((name) => basename(name, ".ipynb"))
    .sort();

/** The one notebook that a word means. @throws LimpidError */
function templateOf(word: string): string {
  const all = templates();
  const asked = word.replace(/\.ipynb$/, "").toLowerCase();
  const exact = all.find((name) => name === asked || name.replace(/^\d+[a-z]?-/, "") === asked);
  const found = exact === undefined ? all.filter((name) => name.includes(asked)) : [exact];
  if (found.length === 1) return found[0]!;
  const reason = found.length === 0 ? "is none of Limpid's notebooks" : "may be several of Limpid's notebooks";
  throw new LimpidError(`"${word}" ${reason}; there are ${(found.length === 0 ? all : found).join(", ")}`);
}

/** @throws LimpidError where the notebook is there already: it may be somebody's work */
async function newNotebook(name: string, from: string): Promise<number> {
  const file = extname(name) === ".ipynb" ? name : `${name}.ipynb`;
  const template = templateOf(from);
  const source = packageFile("notebooks", `${template}.ipynb`);
  if (existsSync(file)) throw new LimpidError(`${file} is there already: give another name`);
  await checkPlace(file, ".ipynb", {});
  const text = `${JSON.stringify(copied(JSON.parse(readFileSync(source, "utf8"))), null, 1)}\n`;
  await writeWhole(file, text, false);
  console.log(`${file}: a copy of ${template}`);
  console.log(`Open it: limpid lab ${dirname(resolve(file))}`);
  return 0;
}

interface NotebookJson {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: unknown;
    readonly metadata: { readonly tags?: string[] };
  }[];
}

/** A notebook for other models and data: without what holds this one's numbers, and without links to its neighbors. */
const copied = (notebook: NotebookJson): NotebookJson => ({
  ...notebook,
  cells: notebook.cells
    .filter(({ metadata }) => !metadata.tags?.includes("checks"))
    .map((cell) => {
      if (cell.cell_type !== "markdown") return cell;
      const source = joined(cell.source).replace(/\[([^\]]*)\]\((?!#|[a-z]+:)[^)]*\)/gi, "$1");
      return { ...cell, source: source.split(/(?<=\n)/) };
    }),
});
