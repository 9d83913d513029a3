import type { Progress, ProgressOptions } from "../explainers/index.js";

/** When a run has taken this long, it is worth telling how far it is. */
const PATIENCE = 2000;

/** Between two lines where they cannot overwrite each other. */
const LINE_INTERVAL = 10_000;

/** What a line of progress says beside how far it is. */
interface Told extends Progress {
  readonly note?: string;
}

interface FollowedOptions extends Pick<ProgressOptions, "signal"> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Told) => void;
}

/**
 * Runs something long: says on stderr how far it is (one line that is overwritten on a terminal), and lets Ctrl-C abort it;
 * a second Ctrl-C ends the process.
 */
export async function followed<T>(name: string, work: (options: FollowedOptions) => Promise<T>): Promise<T> {
  const { stderr } = process;
  const controller = new AbortController();
  const abort = () => controller.abort(new Error("Ctrl-C"));
  const start = performance.now();
  let said = start + PATIENCE - LINE_INTERVAL;
  let isShown = false;
  // The first batch also warms up: time is told from its end.
  let begun: { done: number; at: number } | undefined;
  const onProgress = ({ done, total, note = "" }: Told) => {
    const now = performance.now();
    begun ??= { done, at: now };
    if (now - start < PATIENCE || done >= total || now - said < (stderr.isTTY ? 100 : LINE_INTERVAL)) return;
    said = now;
    const perStep = (now - begun.at) / (done - begun.done);
    const left = done > begun.done ? `, about ${Math.ceil((perStep * (total - done)) / 1000)} s left` : "";
    const line = `${name}: ${Math.floor((100 * done) / total)}% (${done} of ${total})${left}${note}`;
    stderr.write(stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    isShown = stderr.isTTY;
  };
  process.once("SIGINT", abort);
  try {
    return await work({ signal: controller.signal, onProgress });
  } finally {
    process.off("SIGINT", abort);
    if (isShown) stderr.write("\r\x1b[K");
  }
}
