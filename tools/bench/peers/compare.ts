import { readFile, writeFile } from "node:fs/promises";
import { median, pause, round } from "./peer.js";

/** One method that we and a peer run in turns. */
export interface Comparison {
  /** The model's name. */
  readonly case: string;
  readonly method: string;
  readonly batch: number;
  readonly threads: number;
  /** How many runs the medians are of; 0 for a single run without a warm-up. */
  readonly runs: number;
  /** A plain forward pass, the yardstick. */
  forward(): unknown;
  ours(): Promise<unknown>;
  /** Absent where no peer is installed. */
  readonly peer?: { readonly name: string; ask(): Promise<Record<string, unknown>> } | undefined;
}

/** Both sides warm up for this many runs, enough for ours to be compiled, or this long; a method of many passes needs one. */
const WARM_UP = { runs: 6, ms: 12_000 };

/**
 * Runs both sides in turns, so that a busy machine slows both, and prints one line of JSON: medians in milliseconds, each
 * side's largest resident memory, and by how much ours grew.
 */
export async function compare({ case: model, method, batch, threads, runs, forward, ours, peer }: Comparison) {
  const times = { forward: [] as number[], limpid: [] as number[], peer: [] as number[] };
  const peaks = { limpid: 0, growth: 0, peer: 0 };
  const turn = async (timed: boolean): Promise<number> => {
    const forwardMs = await time(forward);
    const before = await restartPeak();
    const limpidMs = await time(ours);
    const peak = await peakMegabytes();
    peaks.limpid = Math.max(peaks.limpid, peak);
    peaks.growth = Math.max(peaks.growth, peak - before);
    const answer = await peer?.ask();
    // The peer's threads may spin for a while after their work.
    if (peer !== undefined) await pause(300);
    if (answer !== undefined) peaks.peer = Math.max(peaks.peer, answer["peakMegabytes"] as number);
    if (timed) {
      times.forward.push(forwardMs);
      times.limpid.push(limpidMs);
      if (answer !== undefined) times.peer.push(answer["ms"] as number);
    }
    return limpidMs;
  };
  let firstMs: number | undefined;
  if (runs > 0) {
    for (let i = 0, spent = 0; i < WARM_UP.runs && spent < WARM_UP.ms; i++) {
      const ms = await turn(false);
      firstMs ??= ms;
      spent += ms;
    }
  }
  for (let i = 0; i < Math.max(1, runs); i++) await turn(true);
  const limpidMs = median(times.limpid);
  const peerMs = peer === undefined ? null : median(times.peer);
  console.log(
    JSON.stringify({
      case: model,
      method,
      batch,
      threads,
      forwardMs: round(median(times.forward)),
      firstMs: firstMs === undefined ? null : round(firstMs),
      limpidMs: round(limpidMs),
      limpidPeakMegabytes: peaks.limpid,
      limpidGrowthMegabytes: peaks.growth,
      peer: peer?.name ?? null,
      peerMs: peerMs === null ? null : round(peerMs),
      peerPeakMegabytes: peerMs === null ? null : peaks.peer,
      ratio: peerMs === null ? null : Number((limpidMs / peerMs).toFixed(3)),
    }),
  );
}

async function time(compute: () => unknown): Promise<number> {
  const start = performance.now();
  await compute();
  return performance.now() - start;
}

/** Linux keeps the largest resident size of a process; writing 5 here begins it anew. Returns the present size, in megabytes. */
async function restartPeak(): Promise<number> {
  await writeFile("/proc/self/clear_refs", "5").catch(() => {});
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

/** The largest resident size since the last reset (since the start of the process where there is no reset). */
async function peakMegabytes(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kilobytes) / 1024);
}
