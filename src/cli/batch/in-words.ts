import { formatBytes, formatCount, formatPercent, formatShort } from "../../comms/format.js";
import type { RunPlan } from "../../runs/plan.js";
import type { RunProgress, RunSummary } from "../../runs/run.js";
import type { RunVerification } from "../../runs/verify.js";
import { wrapped } from "../table.js";

/** How many samples that failed are named. */
const NAMED = 20;

/** `31 a second`, behind what a line of progress says. */
export const rateInWords = ({ rate, failed }: RunProgress): string =>
  `${rate === undefined ? "" : `, ${formatShort(rate)} a second`}${failed > 0 ? `, ${failed} failed` : ""}`;

/** `3.2 hours`, `48 s` */
function duration(seconds: number): string {
  if (seconds >= 3600) return `${formatShort(seconds / 3600)} hours`;
  return seconds >= 120 ? `${formatShort(seconds / 60)} minutes` : `${formatShort(seconds)} s`;
}

export function planInWords(plan: RunPlan): string {
  const { count, shards, workers, measured, rate, start, writing, bytesPerSample, bytes, seconds } = plan;
  const with_ = `${workers} worker${workers === 1 ? "" : "s"}`;
  return [
    `${formatCount(count)} samples in ${formatCount(shards)} shards; ${formatCount(measured)} were measured with ${with_}.`,
    `images/s   ${formatShort(rate)}`,
    `time       ${duration(seconds)}, after ${duration(start)} until the workers are ready`,
    `size       ${formatBytes(bytes)}, ${formatBytes(bytesPerSample)} an image`,
    `writing    ${formatPercent(writing)} of the time`,
  ].join("\n");
}

export function summaryInWords(summary: RunSummary): string {
  const { store, done, total, computed, seconds, bytes, failed, aside, cut, warnings, record } = summary;
  const rate = computed > 0 ? `, ${formatShort(computed / seconds)} a second, ${formatBytes(bytes)}` : "";
  const lines = [
    `${store}: ${formatCount(done)} of ${formatCount(total)} samples, ${record.model.name}, ${record.method.id}`,
    computed > 0
      ? `${formatCount(computed)} were computed in ${duration(seconds)}${rate}`
      : "all of them were there already",
  ];
  if (cut.length > 0)
    lines.push(
      ...wrapped(`Files of shards that were there had been cut or lost, and were made again: ${cut.join(", ")}`),
    );
  const said = Object.entries(warnings).map(([kind, batches]) => `${kind} (${batches} batches)`);
  if (said.length > 0) lines.push(...wrapped(`Warnings, which limpid explain puts into words: ${said.join(", ")}`));
  for (const { id, message } of failed.slice(0, NAMED)) lines.push(`failed: ${id}: ${message}`);
  if (failed.length > NAMED) lines.push(`… and ${failed.length - NAMED} more, in the store's array error`);
  for (const { shard, message } of aside) lines.push(`set aside: shard ${shard}: ${message}`);
  if (failed.length + aside.length > 0)
    lines.push(...wrapped("The same command tries these again once they are mended."));
  return lines.join("\n");
}

export function verificationInWords(store: string, verification: RunVerification): string {
  const { checked, identical, largest, tolerance, differing } = verification;
  const lines = [
    `${store}: ${formatCount(checked)} samples were explained again; ${formatCount(identical)} are the same to the last bit`,
    `largest relative difference ${formatShort(largest)}, tolerance ${formatShort(tolerance)}`,
  ];
  for (const { id, difference } of differing.slice(0, NAMED)) lines.push(`differs: ${id}: ${formatShort(difference)}`);
  if (differing.length > NAMED) lines.push(`… and ${differing.length - NAMED} more`);
  return lines.join("\n");
}
