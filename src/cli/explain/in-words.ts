import { formatCell, formatFixed, formatShort } from "../../comms/format.js";
import type { Attribution, Method } from "../../explainers/index.js";
import { LINE_WIDTH, table, wrapped } from "../table.js";
import { type Explanation, mapsOf } from "./explanation.js";
import type { GivenInput } from "./inputs.js";
import { strongestTable } from "./strongest.js";

/** What `limpid explain` prints for a person: five lines, and what an input that cannot be drawn holds. */
export function inWords(
  explanation: Explanation,
  result: Attribution,
  method: Method,
  inputs: readonly GivenInput[],
  { out, layers: isLong }: { readonly out: string | undefined; readonly layers: boolean },
): string {
  const { target, output, relevanceSum, layers } = explanation;
  const parameters = Object.entries(explanation.parameters).map(([name, value]) => `${name} ${shown(value)}`);
  const others = explanation.top5.map(
    ({ name, probability }) => `${name.split(",")[0]!} ${formatFixed(100 * probability, 1)}%`,
  );
  const top = explanation.top5.map(({ index, name, output: value, probability }) => [
    String(index),
    name,
    formatCell(value),
    `${formatFixed(100 * probability, 1)}%`,
  ]);
  const parts = [
    `${explanation.input}: ${target.name} (class ${target.index}), output ${formatCell(output)}`,
    shortened(`${explanation.model}, ${[explanation.method, ...parameters].join(", ")}`),
    shortened(`classes: ${others.join(", ")}`),
  ];
  if (isLong) parts.push("", table([["class", "name", "output", "probability"], ...top]), "");
  for (const [index, map] of mapsOf(result).entries()) {
    const input = inputs[index]!;
    if (input.kind === "image" && method.result !== "units") continue;
    if (inputs.length > 1) parts.push(input.name);
    else if (!isLong) parts.push("");
    parts.push(strongestTable(input, map, method, result.channels), "");
  }
  if (layers.length > 0) {
    if (isLong) parts.push(layersTable(layers), "");
    parts.push(balance(explanation, inputs[0]!.kind === "image" ? "pixels" : "input"));
  } else {
    const all = mapsOf(result).flatMap(({ relevance }) => [least(relevance), greatest(relevance)]);
    const range = `values from ${formatCell(Math.min(...all))} to ${formatCell(Math.max(...all))}`;
    // A sum says something only where values are shares of the output, each counted once.
    const sum = result.additive ? `, in all ${formatCell(relevanceSum)}` : "";
    parts.push(`${range}${sum}`);
  }
  for (const { message } of explanation.warnings) parts.push(`warning: ${message}`);
  const time = `explained in ${Math.round(explanation.milliseconds)} ms`;
  parts.push(...(out ? [`${time}, written to ${out}`] : [time]));
  return parts.join("\n");
}

const least = (values: Float32Array) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const greatest = (values: Float32Array) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** One line of what fits it. */
function shortened(line: string): string {
  const [first = "", ...more] = wrapped(line, LINE_WIDTH - 2);
  return more.length > 0 ? `${first} …` : first;
}

function layersTable(layers: Explanation["layers"]): string {
  const rows = layers.map(({ name, shape, rule, sum, absorbedByBias, absorbedByEmpty }) => [
    name,
    shape.slice(1).join(" × "),
    rule ?? "",
    formatCell(sum),
    formatCell(absorbedByBias),
    formatCell(absorbedByEmpty),
  ]);
  return table([["layer", "shape", "rule", "relevance", "kept by biases", "kept by empty parts"], ...rows]);
}

function balance({ output, relevanceSum, biasRelevance, emptyRelevance }: Explanation, input: string): string {
  return (
    `output ${formatCell(output)} = ${input} ${formatCell(relevanceSum)} + biases ${formatCell(biasRelevance!)} ` +
    `+ empty parts ${formatCell(emptyRelevance!)}`
  );
}

function shown(value: unknown): string {
  if (Number.isInteger(value)) return String(value);
  if (typeof value === "number") return formatShort(value, 4);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
