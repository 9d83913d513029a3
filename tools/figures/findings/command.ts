import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { Action } from "../../../src/cli/action.js";
import { ParameterError } from "../../../src/explainers/errors.js";
import { type EvaluatedMeasureInput, type Evaluation, evaluate, findMeasure } from "../../../src/explainers/index.js";
import { startBackend } from "../../../src/kernel-helpers/index.js";
import { packageFile } from "../../../src/kernel-helpers/platform/files.js";
import { NAMES } from "./claims.js";
import { looks } from "./looks.js";
import { type Evaluated, findingsPage } from "./page.js";
import { type Subject, subjects } from "./subjects.js";

interface Options {
  samples: number;
  seed: number;
  keep: string;
  resume?: boolean;
  to: string;
}

/** `npm run figures -- findings [subject …]`: what the literature reports of methods, measured here, as a page with figures. */
export function registerFindings(program: Command, run: (action: Action) => void): void {
  program
    .command("findings")
    .description("reproduce findings of the literature by measures, and write docs/findings.md with its figures")
    .argument("[subjects...]", `which to evaluate again: ${Object.keys(subjects).join(", ")}; by default all`)
    .option("--samples <number>", "pictures of each subject at the most", Number, 40)
    .option("--seed <number>", "of methods, measures and intervals", Number, 0)
    .option("--keep <folder>", "where evaluations are kept between runs", packageFile(".limpid", "findings"))
    .option("--resume", "compute only what kept evaluations lack")
    .option("--to <folder>", "where the page is written", packageFile("docs"))
    .action((names: string[], options: Options) => run(() => findings(names, options)));
}

async function findings(names: string[], options: Options): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(subjects, name));
  if (unknown !== undefined) {
    throw new ParameterError("subject", unknown, `one of ${Object.keys(subjects).join(", ")}`);
  }
  await startBackend();
  await mkdir(options.keep, { recursive: true });
  const evaluated: Evaluated[] = [];
  for (const [id, subjectOf] of Object.entries(subjects)) {
    const file = join(options.keep, `${id}.json`);
    if (names.length > 0 && !names.includes(id)) {
      const kept = await keptIn(file);
      if (kept !== undefined) evaluated.push(kept);
      continue;
    }
    const subject = await subjectOf(options.samples);
    const before = options.resume ? ((await keptIn(file))?.evaluation ?? undefined) : undefined;
    const evaluation = await evaluatedSubject(subject, options.seed, before);
    const { title, pictures } = subject;
    const shown = id === "photos" ? { looks: (await looks(subject)).toString("base64") } : {};
    evaluated.push({ id, title, pictures, evaluation, ...shown });
    await writeFile(file, JSON.stringify(evaluated.at(-1)));
    subject.x.dispose();
    subject.model.dispose();
  }
  const page = findingsPage(evaluated, "npm run figures -- findings");
  await mkdir(join(options.to, "pictures"), { recursive: true });
  await writeFile(join(options.to, "findings.md"), page.markdown);
  for (const [name, svg] of page.pictures) await writeFile(join(options.to, "pictures", name), svg);
  console.log(page.markdown);
  return 0;
}

async function keptIn(file: string): Promise<Evaluated | undefined> {
  const kept = await readFile(file, "utf8").catch(() => undefined);
  return kept === undefined ? undefined : (JSON.parse(kept) as Evaluated);
}

/** The grid of all methods and measures that the claims name. */
async function evaluatedSubject(
  { id, model, x, names, patch, regions, layers }: Subject,
  seed: number,
  resume?: Evaluation,
): Promise<Evaluation> {
  const region = { patch, regions };
  const measures: EvaluatedMeasureInput[] = [
    { name: "region perturbation", measure: "region-perturbation", parameters: region },
    {
      name: "region perturbation, blurred",
      measure: "region-perturbation",
      parameters: { ...region, replacement: "blurred" },
    },
    {
      name: "randomization",
      measure: "parameter-randomization",
      parameters: { absolute: true, similarities: ["spearman"], keepMaps: false, ...(layers && { layers }) },
    },
    { name: "continuity", measure: findMeasure("continuity"), parameters: { normalization: "max", samples: 5 } },
  ];
  const begin = Date.now();
  let last = 0;
  return evaluate(model, { x, names }, Object.keys(NAMES) as "random"[], measures, {
    seed,
    ...(resume && { resume }),
    onProgress: ({ done, total }) => {
      if (Date.now() - last < 10_000 && done < total) return;
      last = Date.now();
      console.error(`${id}: ${done} of ${total} cells, ${((last - begin) / 1000).toFixed(0)} s`);
    },
  });
}
