import { formatCell, formatFixed, formatShort } from "../../comms/format.js";
import type { Attribution, Method } from "../../explainers/index.js";
import { table } from "../table.js";
import { type Explanation, mapsOf } from "./explanation.js";
import type { GivenInput } from "./inputs.js";
import { strongestTable } from "./strongest.js";

/** What `limpid explain` prints for a person. */
export function inWords(
  explanation: Explanation,
  result: Attribution,
  method: Method,
  inputs: readonly GivenInput[],
): string {
  const { target, output, relevanceSum, layers } = explanation;
  const parameters = Object.entries(explanation.parameters).map(([name, value]) => `${name} ${shown(value)}`);
  const top = explanation.top5.map(({ index, name, output: value, probability }) => [
    String(index),
    name,
    formatCell(value),
    `${formatFixed(100 * probability, 1)}%`,
  ]);
  const parts = [
    `${explanation.input}: ${target.name} (class ${target.index}), output ${formatCell(output)}`,
    `${explanation.model}, ${[explanation.method, ...parameters].join(", ")}`,
    "",
    table([["class", "name", "output", "probability"], ...top]),
    "",
  ];
  for (const [index, map] of mapsOf(result).entries()) {
    const input = inputs[index]!;
    if (input.kind === "image" && method.result !== "units") continue;
    if (inputs.length > 1) parts.push(input.name);
    parts.push(strongestTable(input, map, method, result.channels), "");
  }
  if (layers.length > 0) {
    parts.push(layersTable(layers), "", balance(explanation, inputs[0]!.kind === "image" ? "pixels" : "input"));
  } else if (result.additive) {
    parts.push(`sum of all values ${formatCell(relevanceSum)}`);
  }
  for (const { message } of explanation.warnings) parts.push(`warning: ${message}`);
  parts.push(`explained in ${Math.round(explanation.milliseconds)} ms`);
  return parts.join("\n");
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
