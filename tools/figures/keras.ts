import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { LimpidError } from "../../src/explainers/errors.js";
import { checkClass } from "../../src/kernel-helpers/models/keras/refused.js";
import { judge, type KerasCase, type KerasGoldens, readKerasGoldens, type Verdict, writeFiles } from "./keras-cases.js";

/** `npm run figures -- keras`: the table in docs/models.md of what is exact, and what is refused, of Keras' layers. */
export function registerKeras(program: Command, run: (action: Action) => void): void {
  program
    .command("keras")
    .description(
      "compare every layer and operation of Keras 2 and 3 with what Keras computed, and write the table in docs/models.md",
    )
    .option("--check", "write nothing; fail where the table is not what comes out")
    .action((options: { check?: boolean }) => {
      run(async () => {
        const page = new URL("../../../docs/models.md", import.meta.url);
        const before = await readFile(page, "utf8");
        const verdicts = { 2: await judged(2), 3: await judged(3) };
        const after = withTable(before, verdicts);
        for (const version of [2, 3] as const) console.log(counted(version, verdicts[version]));
        const wrong = [...verdicts[2].cases, ...verdicts[3].cases].filter(({ verdict }) => isWrong(verdict));
        for (const { name, verdict } of wrong) console.log(`WRONG: ${name} ${JSON.stringify(verdict)}`);
        if (options.check && after !== before)
          console.log("docs/models.md is not up to date: npm run figures -- keras");
        else if (after !== before) await writeFile(page, after);
        return wrong.length > 0 || (options.check && after !== before) ? 1 : 0;
      });
    });
}

/** Errors of outputs and of gradients, relative to the largest entry and 1, up to which they are Keras'. */
const OUTPUT = 1e-5;
const GRADIENT = 1e-4;

/** Whether a number came out that is not Keras'. */
export const isWrong = ({ error, gradientError }: Verdict): boolean =>
  (error !== undefined && !(error < OUTPUT)) || (gradientError !== undefined && !(gradientError < GRADIENT));

interface Judged extends KerasCase {
  verdict: Verdict;
}

interface JudgedVersion extends Omit<KerasGoldens, "cases"> {
  cases: Judged[];
}

/** Judges all files of a version, or those whose case `chosen` takes. */
export async function judged(
  version: 2 | 3,
  chosen: (given: KerasCase, at: number) => boolean = () => true,
): Promise<JudgedVersion> {
  const goldens = readKerasGoldens(version);
  const folder = await mkdtemp(join(tmpdir(), "limpid-keras-"));
  const cases: Judged[] = [];
  try {
    for (const given of goldens.cases.filter(chosen)) {
      for (const path of await writeFiles(folder, goldens, given)) {
        cases.push({ ...given, verdict: await judge(path, given) });
        await rm(path);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { ...goldens, cases };
}

const counted = (version: number, { cases, version: own }: JudgedVersion): string => {
  const count = (holds: (verdict: Verdict) => boolean) => cases.filter(({ verdict }) => holds(verdict)).length;
  const exact = count((verdict) => verdict.error !== undefined && !isWrong(verdict));
  const gradients = count(({ gradientError }) => gradientError !== undefined);
  const refused = count(({ error }) => error === undefined);
  return `Keras ${version} (${own}): ${cases.length} files, ${exact} exact, ${gradients} of them with the gradient, ${refused} refused, ${count(isWrong)} wrong`;
};

/** Classes from which layers are made, and which stand in no file. */
const BASES = ["Layer", "Wrapper", "AbstractRNNCell", "InputLayer", "Pipeline"];

const BEGIN = "<!-- npm run figures -- keras -->";
const END = "<!-- end -->";

function withTable(page: string, verdicts: { 2: JudgedVersion; 3: JudgedVersion }): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/models.md has no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n${tables(verdicts)}\n\n${END}${after}`;
}

function tables(verdicts: { 2: JudgedVersion; 3: JudgedVersion }): string {
  const names = new Set([2, 3].flatMap((version) => Object.values(verdicts[version as 2 | 3].classes)));
  const rows = [...names]
    .filter((name) => !BASES.includes(name))
    .sort((a, b) => a.localeCompare(b))
    .map((name) => {
      const cells = [2, 3].map((version) => classCell(name, verdicts[version as 2 | 3]));
      const words = new Set(cells.flatMap(({ words: said }) => said));
      return `| \`${name}\` | ${cells.map(({ cell }) => cell).join(" | ")} | ${[...words].join("; ")} |`;
    });
  const layers = [
    "| layer | Keras 2 | Keras 3 | what is refused, as the error says it |",
    "|---|---|---|---|",
    ...rows,
  ];
  const operations = ([2, 3] as const).map((version) => operationLines(version, verdicts[version]));
  return [...layers, "", ...operations.flat()].join("\n");
}

interface Cell {
  cell: string;
  words: string[];
}

function classCell(name: string, { cases, classes, errors }: JudgedVersion): Cell {
  const own = Object.keys(classes).filter((exported) => classes[exported] === name);
  if (own.length === 0) return { cell: "–", words: [] };
  const about = cases.filter(({ layer }) => layer !== undefined && own.includes(layer));
  if (about.length === 0) {
    const words = refusalOf(name);
    if (words) return { cell: "refused", words: [words] };
    const fails = Object.keys(errors).some((failed) => own.includes(failed.split("-")[0]!));
    return { cell: fails ? "Keras fails" : "not tried", words: [] };
  }
  const refused = about.filter(({ verdict }) => verdict.error === undefined);
  const unexplained = about.filter(({ verdict }) => verdict.error !== undefined && verdict.refusal);
  const words = [...refused, ...unexplained].map(({ verdict }) => saying(verdict.refusal!));
  if (about.some(({ verdict }) => isWrong(verdict))) return { cell: "**wrong**", words };
  if (refused.length === about.length) return { cell: "refused", words };
  if (unexplained.length > 0) return { cell: "exact, explained in part", words };
  return { cell: refused.length > 0 ? "exact, or refused" : "exact", words };
}

/** What is said of a class that no file of Keras here has. */
function refusalOf(name: string): string | undefined {
  try {
    checkClass("", "x", name);
  } catch (error) {
    if (error instanceof LimpidError) return saying(error.message.replace(/^: /, ""));
    throw error;
  }
  return undefined;
}

/** An error's words about a layer of any name. */
const saying = (refusal: string): string =>
  refusal
    .replace(/layer "[^"]*" is an? \w+,? ?/, "")
    .replace(/^which /, "")
    .replace(/, which is not done here\. Build the model without (it|the mask), .*/, "")
    .replace(/\.$/, "")
    .replaceAll("|", "\\|")
    .trim();

function operationLines(version: 2 | 3, { cases }: JudgedVersion): string[] {
  const about = cases.filter(({ operation }) => operation !== undefined);
  const nameOf = ({ operation }: Judged) => operation!.split("-")[0]!;
  const names = [...new Set(about.map(nameOf))].sort((a, b) => a.localeCompare(b));
  const of = (name: string) => about.filter((one) => nameOf(one) === name);
  const exact = names.filter((name) => of(name).some(({ verdict }) => verdict.error !== undefined));
  const refused = about.filter(({ verdict }) => verdict.error === undefined);
  const unexplained = about.filter(({ verdict }) => verdict.error !== undefined && verdict.refusal);
  const list = (given: string[]) => given.map((name) => `\`${name}\``).join(", ");
  const where = version === 2 ? "Keras 2 (functions of TensorFlow, `tf.…`)" : "Keras 3 (`keras.ops`, by class)";
  return [
    `Operations between layers, ${where}: exact are ${list(exact)}.`,
    `Refused: ${list([...new Set(refused.map(({ operation }) => operation!))])}, and all others.`,
    ...(unexplained.length > 0
      ? [`Computed, but not explained: ${list([...new Set(unexplained.map(({ operation }) => operation!))])}.`]
      : []),
    "",
  ];
}
