import { formatFixed, formatNumber } from "../../../comms/format.js";
import type { CellTextLayer } from "../../../comms/states/cell-text.js";
import type { CellLayer, CellRanking, CellScore } from "../../../explainers/concepts/index.js";

/** A layer for the list of layers. */
export function layerWords({ layer, kind, cells, reads, gates }: CellLayer): CellTextLayer {
  const way = reads === "backward" ? ", read backward" : "";
  return { name: layer, words: `${layer} (${kind}, ${cells} cells${way})`, cells, gates: Object.keys(gates) };
}

/** How a cell follows the rule. */
export function scoreWords({ correlation, threshold, side }: CellScore): string {
  if (correlation !== null) return `correlation ${formatFixed(correlation, 2)}`;
  return threshold === null ? "it never changes" : `${side} ${formatNumber(threshold, 2)}`;
}

/** What follows the rule best, and whether that is more than chance. */
export function verdictWords({
  rule,
  ranking,
  measure,
  measuredOn,
  always,
  chance,
  pValue,
  parameters,
  warnings,
}: CellRanking): string {
  const [top] = ranking;
  const score = formatFixed(top!.score, 2);
  const beats = top!.score > chance.high && pValue <= 0.05;
  const trivial = always === null ? "" : `, where saying always reaches ${formatFixed(always, 2)}`;
  const where = measure === "correlation" ? "over the whole text" : `on ${measuredOn}`;
  const best = `Cell ${top!.cell} of ${top!.layer} follows “${rule.replace(/[“”]/g, "")}” best: ${measure} ${score} ${where}${trivial}.`;
  const range = `${formatFixed(chance.low, 2)} to ${formatFixed(chance.high, 2)}`;
  const odds = `The best of ${ranking.length} cells reaches ${range} by chance (95 % of ${parameters["shifts"]} shifts of the rule; p ${pValue <= 0.01 ? "≤ 0.01" : `= ${formatFixed(pValue, 2)}`})`;
  const end = beats ? "" : ": this is no more than that";
  return [best, `${odds}${end}.`, ...warnings].join(" ");
}
