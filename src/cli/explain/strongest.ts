import { formatCell } from "../../comms/format.js";
import type { Attribution, InputRelevance, Method } from "../../explainers/index.js";
import { table } from "../table.js";
import type { GivenInput } from "./inputs.js";

/** How many rows are worth a look. */
const ROWS = 10;

/** The places that say most of an input that is no picture, or of a layer's units, with their signs. */
export function strongestTable(
  input: GivenInput,
  { relevance, shape }: InputRelevance,
  method: Method,
  channels: Attribution["channels"] = "apart",
): string {
  const write = (value: number) => (method.signed && value > 0 ? `+${formatCell(value)}` : formatCell(value));
  if (method.result === "units") {
    const rows = strongest(relevance).map((at) => [placeOf(at, shape.slice(1)), write(relevance[at]!)]);
    return table([["unit", "relevance"], ...rows]);
  }
  if (input.kind === "table") {
    const given = input.tensor.dataSync();
    const rows = strongest(relevance).map((at) => [
      input.columns?.[at] ?? String(at),
      formatCell(given[at]!),
      write(relevance[at]!),
    ]);
    return table([["column", "value", "relevance"], ...rows]);
  }
  return input.tensor.rank > 2
    ? vectors(input, relevance, shape, write, channels === "repeated")
    : tokens(input, relevance, write);
}

function tokens(input: GivenInput, relevance: Float32Array, write: (value: number) => string): string {
  const given = input.tensor.dataSync();
  const heading = ["position", "token", ...(input.words ? ["word"] : []), "relevance"];
  const rows = strongest(relevance).map((at) => [
    String(at),
    String(given[at]),
    ...(input.words ? [input.words[at]!] : []),
    write(relevance[at]!),
  ]);
  return table([heading, ...rows]);
}

/** Positions by the sum over their columns, and the column that is strongest there. */
function vectors(
  input: GivenInput,
  relevance: Float32Array,
  shape: readonly number[],
  write: (value: number) => string,
  isRepeated: boolean,
): string {
  const width = shape.at(-1)!;
  const vectorAt = (at: number) => relevance.subarray(at * width, (at + 1) * width);
  const sums = Float32Array.from({ length: relevance.length / width }, (_, at) =>
    isRepeated ? vectorAt(at)[0]! : vectorAt(at).reduce((sum, value) => sum + value, 0),
  );
  const heading = ["position", "relevance", ...(width > 1 ? ["strongest column", "its relevance"] : [])];
  const rows = strongest(sums).map((at) => {
    const [column = 0] = strongest(vectorAt(at), 1);
    const most = width > 1 ? [input.columns?.[column] ?? String(column), write(vectorAt(at)[column]!)] : [];
    return [placeOf(at, shape.slice(1, -1)), write(sums[at]!), ...most];
  });
  return table([heading, ...rows]);
}

/** Where the values are largest, whatever their sign. */
function strongest(values: Float32Array, count = ROWS): number[] {
  return Array.from(values.keys())
    .sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!))
    .slice(0, count);
}

/** `2` or `3, 0, 7`: an index into values of this shape. */
function placeOf(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place.join(", ");
}
