import { formatNumber } from "../../comms/format.js";
import { ParameterError } from "../../explainers/errors.js";
import { type ProgressBar, type ProgressOptions, progressBar } from "./progress-bar.js";

/** What the work gets to say how far it is, and to hear that it should end. */
export interface ProgressHandle {
  /**
   * Says how far the work is, 0 to 1, and optionally at what. Also sees a click on "Stop" when the work is a synchronous
   * loop; throws `StoppedError` then.
   */
  report(share: number, note?: string): void;
  /** Aborted by the stop button, with a `StoppedError` as its reason, or by the caller's own signal. */
  signal: AbortSignal;
}

export interface ItemsOptions extends ProgressOptions {
  /** What the bar is called; default "Progress". */
  title?: string;
  /** How many there are, where the items do not say so themselves by `length` or `size`. */
  total?: number;
}

/**
 * Runs `work`; if it takes longer than 300 ms a bar and a stop button appear below the cell.
 *
 * When the work is done a line with its time remains. Rejects with what `work` throws, `StoppedError` when it was stopped.
 *
 * @example
 * const maps = await progress("Explaining", async ({ report, signal }) => {
 *   const maps = [];
 *   for (const [i, photo] of photos.entries()) {
 *     maps.push(await explain(photo, { signal }));
 *     report((i + 1) / photos.length, photo.name);
 *   }
 *   return maps;
 * });
 */
export function progress<T>(
  title: string,
  work: (progress: ProgressHandle) => T | PromiseLike<T>,
  options?: ProgressOptions,
): Promise<T>;
/**
 * Gives the items one by one, and says below the cell how many are done, how many a second, and how long it will take; for `for` and
 * `for await`. Loops may stand in each other, each with a bar of its own.
 *
 * @throws ParameterError for what cannot be iterated; `StoppedError` in the loop when the stop button was pressed
 * @example
 * for (const photo of progress(photos, { title: "Explaining" })) maps.push(await explain(photo));
 */
export function progress<T>(items: Iterable<T>, options?: ItemsOptions): Iterable<T> & AsyncIterable<T>;
export function progress<T>(items: AsyncIterable<T>, options?: ItemsOptions): AsyncIterable<T>;
export function progress<T>(
  first: string | Iterable<T> | AsyncIterable<T>,
  second?: ((progress: ProgressHandle) => T | PromiseLike<T>) | ItemsOptions,
  third: ProgressOptions = {},
): Promise<T> | Iterable<T> | AsyncIterable<T> {
  if (typeof first === "string" && typeof second === "function") return followed(first, second, third);
  return followedItems(first as Iterable<T> | AsyncIterable<T>, second as ItemsOptions | undefined);
}

async function followed<T>(
  title: string,
  work: (progress: ProgressHandle) => T | PromiseLike<T>,
  options: ProgressOptions,
): Promise<T> {
  const bar = progressBar(title, options);
  let end = "failed";
  try {
    const result = await work(bar);
    end = "done";
    return result;
  } catch (error) {
    if (bar.signal.aborted) end = "stopped";
    throw error;
  } finally {
    bar.end(end);
  }
}

type Items<T> = Partial<Iterable<T> & AsyncIterable<T>>;

function followedItems<T>(
  items: Items<T>,
  { title = "Progress", ...options }: ItemsOptions = {},
): Iterable<T> & AsyncIterable<T> {
  const given: unknown = items;
  const isGiven = given !== null && given !== undefined;
  const inTurn = isGiven && typeof items[Symbol.iterator] === "function" ? (items as Iterable<T>) : undefined;
  const later = isGiven && typeof items[Symbol.asyncIterator] === "function" ? (items as AsyncIterable<T>) : undefined;
  if (!inTurn && !later) {
    throw new ParameterError("items", items, "what can be iterated, such as an array, or a title and the work");
  }
  const { length, size } = items as { length?: unknown; size?: unknown };
  const total = options.total ?? [length, size].find((count) => typeof count === "number");

  return {
    *[Symbol.iterator]() {
      if (!inTurn) throw new TypeError("These items come one after the other: take them by `for await`");
      const count = counter(progressBar(title, options), total as number | undefined);
      try {
        for (const item of inTurn) {
          yield item;
          count.next();
        }
        count.done();
      } finally {
        count.end();
      }
    },
    async *[Symbol.asyncIterator]() {
      const count = counter(progressBar(title, options), total as number | undefined);
      try {
        for await (const item of later ?? inTurn!) {
          yield item;
          count.next();
        }
        count.done();
      } finally {
        count.end();
      }
    },
  };
}

/** Counts what is done, for one bar. */
function counter(bar: ProgressBar, total: number | undefined) {
  const started = performance.now();
  let count = 0;
  let how = "ended";
  return {
    next(): void {
      count += 1;
      const rate = `${formatNumber(count / ((performance.now() - started) / 1000))} a second`;
      try {
        // Of an unknown number only what is done can be said.
        bar.report(total ? count / total : 0, `${count}${total === undefined ? "" : ` of ${total}`} · ${rate}`);
      } catch (error) {
        if (bar.signal.aborted) how = "stopped";
        throw error;
      }
    },
    done(): void {
      how = "done";
    },
    end: () => bar.end(how),
  };
}
