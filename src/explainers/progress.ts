import { nextFrame, util } from "@tensorflow/tfjs-core";
import { LimpidError } from "./errors.js";

/** The part of an `AbortSignal` that explainers read; the standard one fits. */
export interface AbortLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** How far a long run has come. */
export interface Progress {
  /** Units done: perturbed inputs, iterations or steps, as the method says. */
  readonly done: number;
  readonly total: number;
}

/** How a caller follows and stops a long run. */
export interface ProgressOptions {
  /** Stops the run: it rejects with an `AbortedError` and leaves no tensor behind. */
  readonly signal?: AbortLike;
  /** Called after every batch. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A run was stopped by its `AbortSignal`; `cause` is the signal's reason. */
export class AbortedError extends LimpidError {
  constructor(
    readonly done: number,
    readonly total: number,
    reason: unknown,
  ) {
    super(`The run was aborted after ${done} of ${total} steps.`, { cause: reason });
  }
}

/** Throws where a run was aborted before it began; methods of one pass have nothing else to stop. */
export function throwIfAborted({ signal }: Pick<ProgressOptions, "signal">, done = 0, total = 1): void {
  if (signal?.aborted) throw new AbortedError(done, total, signal.reason);
}

/** Lets the host breathe at most this often, in milliseconds: messages, timers and an abort get through. */
const PAUSE_INTERVAL = 40;

/** Follows one run: reports each step, yields to the event loop now and then, throws when aborted. */
export function follow(total: number, options: ProgressOptions): { step(count: number): Promise<void> } {
  const { onProgress } = options;
  let done = 0;
  let paused = util.now();
  const check = () => throwIfAborted(options, done, total);
  check();
  return {
    async step(count) {
      done += count;
      onProgress?.({ done, total });
      if (util.now() - paused >= PAUSE_INTERVAL) {
        await nextFrame();
        paused = util.now();
      }
      if (done < total) check();
    },
  };
}

/** Shows how far a run is that its caller does not follow, and may stop it. */
export type Follower = <T>(
  title: string,
  run: ProgressOptions,
  work: (run: ProgressOptions) => Promise<T>,
) => Promise<T>;

let follower: Follower | undefined;

/** From now on `next` follows the runs of methods that are called without `onProgress`; without it, nobody does. */
export function followRunsBy(next: Follower | undefined): void {
  follower = next;
}

/** Runs `work`, followed where its caller does not follow it. */
export function followed<Run extends ProgressOptions, T>(
  title: string,
  run: Run,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  if (follower === undefined || run.onProgress !== undefined) return work(run);
  return follower(title, run, (own) => work({ ...run, ...own }));
}
