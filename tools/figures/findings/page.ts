import type { Evaluation } from "../../../src/explainers/index.js";
import { holm } from "../../../src/explainers/numerics/paired-tests.js";
import { intervalChart, label } from "./chart.js";
import { type Claim, claims, NAMES } from "./claims.js";

/** A subject that was evaluated. */
export interface Evaluated {
  readonly id: string;
  readonly title: string;
  readonly pictures: string;
  readonly evaluation: Evaluation;
  /** A WebP file, in base64, of what maps look like in the randomization check. */
  readonly looks?: string;
}

/** The page, and its pictures by their file names. */
export interface Page {
  readonly markdown: string;
  readonly pictures: ReadonlyMap<string, string | Buffer>;
}

/** Writes what was published beside what was found. */
export function findingsPage(evaluated: readonly Evaluated[], command: string): Page {
  const pictures = new Map<string, string | Buffer>();
  const sections = claims.map((claim) => section(claim, evaluated, pictures));
  const markdown = [
    "# Findings of the literature, measured here",
    `<!-- ${command} -->`,
    intro(evaluated),
    summary(evaluated),
    ...sections,
    "",
  ].join("\n\n");
  return { markdown: markdown.trimEnd() + "\n", pictures };
}

function intro(evaluated: readonly Evaluated[]): string {
  const level = Math.round(100 * (evaluated[0]?.evaluation.level ?? 0.95));
  const subjects = evaluated.map(({ title, pictures, evaluation }) => {
    const right = evaluation.samples.length;
    return `- **${title}**: ${pictures} (${right} samples).`;
  });
  return [
    "What the tutorial of EMBC 2019 reports of methods, reproduced by the measures of [evaluation.md](evaluation.md). Every number follows from",
    `a seed, and this page is written by \`npm run figures -- findings\`. Intervals are ${level} % bootstrap intervals over samples (BCa);`,
    "differences are paired, sample by sample, and tested by Wilcoxon's signed-rank test with Holm's correction over the pairs of a finding.",
    "A finding *holds* where the interval of the difference is on its side and the corrected p is below " +
      `${((100 - level) / 100).toFixed(2)}; it is *reversed* where both say the opposite; else it is *open*.`,
    "",
    ...subjects,
  ].join("\n");
}

type Verdict = "holds" | "reversed" | "open" | "not measured";

interface Found {
  readonly verdict: Verdict;
  /** better − worse. */
  readonly difference: string;
  readonly p: string;
}

/** Of each pair of a claim what was found, its p corrected for being one of them. */
function foundOf({ measure, lower, pairs }: Claim, { comparisons, level }: Evaluation): Found[] {
  const found = pairs.map(({ better, worse }) =>
    comparisons.find(
      ({ measure: own, a, b }) => own === measure && ((a === better && b === worse) || (a === worse && b === better)),
    ),
  );
  const corrected = holm(found.map((one) => one?.p ?? Number.NaN));
  return pairs.map(({ better }, place) => {
    const one = found[place];
    if (one === undefined || one.difference === null || one.low === null || one.high === null) {
      return { verdict: "not measured", difference: "–", p: "–" };
    }
    const sign = one.a === better ? 1 : -1;
    const ends = [sign * one.low, sign * one.high].sort((a, b) => a - b) as [number, number];
    const wanted = lower === true ? -1 : 1;
    const p = corrected[place]!;
    const side = ends[0] > 0 ? 1 : ends[1] < 0 ? -1 : 0;
    const verdict = !(p < 1 - level) || side === 0 ? "open" : side === wanted ? "holds" : "reversed";
    const interval = `${label(sign * one.difference)} [${label(ends[0])}, ${label(ends[1])}]`;
    return { verdict, difference: interval, p: p < 0.001 ? "< 0.001" : p.toFixed(3) };
  });
}

function summary(evaluated: readonly Evaluated[]): string {
  const heading = ["finding", ...evaluated.map(({ title }) => title)];
  const rows = claims.flatMap((claim) => {
    const found = evaluated.map(({ evaluation }) => foundOf(claim, evaluation));
    return claim.pairs.map(({ better, worse }, place) => {
      const relation = claim.lower === true ? "below" : "above";
      const what = `${claim.measure}: ${NAMES[better]} ${relation} ${NAMES[worse]}`;
      return [what, ...found.map((pairs) => mark(pairs[place]!.verdict))];
    });
  });
  return `## In short\n\n${table(heading, rows)}`;
}

const mark = (verdict: Verdict): string => (verdict === "holds" ? "holds" : `**${verdict}**`);

function section(claim: Claim, evaluated: readonly Evaluated[], pictures: Map<string, string | Buffer>): string {
  const parts = [`## ${claim.title}`, `*Published*: ${claim.published}`, `*Measured here*: ${claim.how}`];
  if (claim.caveat !== undefined) parts.push(claim.caveat);
  for (const { id, title, evaluation, looks } of evaluated) {
    if (claim.id === "randomization" && looks !== undefined) {
      pictures.set("findings-looks.webp", Buffer.from(looks, "base64"));
      parts.push("![Maps before and after layers are randomized](pictures/findings-looks.webp)");
      parts.push(
        "Sizes of maps of a photograph: to the eye guided backprop, which draws the outlines of the cat whatever its layers know, is the sharpest.",
      );
    }
    const rows = evaluation.means
      .filter(
        ({ measure, mean, low, high }) => measure === claim.measure && mean !== null && low !== null && high !== null,
      )
      .map(({ method, mean, low, high }) => ({ name: NAMES[method] ?? method, mean: mean!, low: low!, high: high! }))
      .sort((a, b) => (claim.lower === true ? a.mean - b.mean : b.mean - a.mean));
    const missing = evaluation.means.filter(({ measure, missing }) => measure === claim.measure && missing > 0);
    const file = `findings-${claim.id}-${id}.svg`;
    if (rows.length > 0) {
      pictures.set(file, intervalChart(title, claim.measure, rows));
      parts.push(`![${title}: ${claim.measure}](pictures/${file})`);
    }
    const heading = [title, "difference", "p, corrected", "here"];
    const found = foundOf(claim, evaluation);
    const compared = claim.pairs.map(({ better, worse }, place) => {
      const { verdict, difference, p } = found[place]!;
      return [`${NAMES[better]} − ${NAMES[worse]}`, difference, p, mark(verdict)];
    });
    parts.push(table(heading, compared));
    for (const { method, missing: count } of missing) {
      const reason = evaluation.rows.find(
        (row) => row.method === method && row.measure === claim.measure && row.reason,
      );
      parts.push(
        `${NAMES[method] ?? method} has no value for ${count} of ${evaluation.samples.length} samples: ${reason?.reason ?? ""}`,
      );
    }
  }
  return parts.join("\n\n");
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}
