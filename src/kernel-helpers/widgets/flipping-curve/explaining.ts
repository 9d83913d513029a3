import { findClass } from "../../../explainers/class-names.js";
import { TargetError } from "../../../explainers/errors.js";
import type { Attribution } from "../../../explainers/explanation.js";
import { type Recording, record } from "../../../explainers/network/index.js";
import { AbortedError } from "../../../explainers/progress.js";
import type { LoadedModel } from "../../models/index.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { hasSign, type RelevanceMap, relevanceMap, total } from "../../pictures/relevance-map.js";
import { isInterrupted } from "../base/interrupted.js";
import { type ComparedColumn, isSigned } from "../method-grid/compared.js";
import { found, type GridCell } from "../method-grid/grid-cell.js";

/** What is explained: an output, and how it is called. */
export interface Explained {
  index: number;
  name: string;
}

/** The class that is asked for, or that the first given result explains, or the most probable. */
export function explainedClass(
  model: LoadedModel,
  photo: LoadedImage,
  columns: readonly ComparedColumn[],
  target: number | string | undefined,
): Explained {
  const recording = record(model, photo.tensor);
  try {
    const logits = recording.outputs[0]!.dataSync<"float32">();
    const given = columns.map(({ result }) => result?.target[0]).find((index) => typeof index === "number");
    const best = logits.reduce((top, logit, index) => (logit > logits[top]! ? index : top), 0);
    const found = findClass(
      target === undefined || target === "top1" ? (given ?? best) : target,
      model.classNames,
      logits.length,
    );
    if (typeof found.target === "object") {
      throw new TargetError(
        `Only what speaks for an output is flipped: give ${model.classNames!.at(-1)}, or the index 0`,
      );
    }
    return { index: found.target ?? found.index, name: found.name.split(",")[0]! };
  } finally {
    recording.dispose();
  }
}

/** The maps of all methods, each computed once. */
export class Explaining {
  readonly maps: (RelevanceMap | null)[];
  readonly #model: LoadedModel;
  readonly #photo: LoadedImage;
  readonly #columns: readonly ComparedColumn[];
  readonly #cells: readonly GridCell[];
  readonly #target: Explained;
  /** Those that failed, until they are tried again. */
  readonly #failed = new Set<number>();

  constructor(
    model: LoadedModel,
    photo: LoadedImage,
    columns: readonly ComparedColumn[],
    cells: readonly GridCell[],
    target: Explained,
  ) {
    this.#model = model;
    this.#photo = photo;
    this.#columns = columns;
    this.#cells = cells;
    this.#target = target;
    this.maps = columns.map(() => null);
  }

  /** Whether every map is there or has failed. */
  get complete(): boolean {
    return this.maps.every((map, index) => map !== null || this.#failed.has(index));
  }

  /** Has those that failed computed by the next run. */
  retry(): void {
    this.#failed.clear();
  }

  /** Computes the maps that are not there; one that fails is named in its cell. Says whether any came. */
  async run(signal: AbortSignal, say: (stage: string, share: number) => void): Promise<boolean> {
    const missing = this.#columns
      .map((_, index) => index)
      .filter((index) => this.maps[index] === null && !this.#failed.has(index));
    if (missing.length === 0) return false;
    for (const index of missing) this.#cells[index]!.set({ phase: "waiting", progress: null, error: "" });
    let recording: Recording | undefined;
    const { index: target, name } = this.#target;
    let came = false;
    try {
      for (const [place, index] of missing.entries()) {
        const { label, explain, result: given, method } = this.#columns[index]!;
        const cell = this.#cells[index]!;
        if (cell.closed) return came;
        cell.set({ phase: "working" });
        say(`Explaining by ${label}`, place / missing.length);
        // The page sees what came before, and is heard, ahead of what may block.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal.aborted || isInterrupted()) throw new AbortedError(place, missing.length, signal.reason);
        try {
          recording ??= record(this.#model, this.#photo.tensor);
          const onProgress = ({ done, total }: { done: number; total: number }) => {
            if (!cell.closed) cell.progress = done / total;
            say(`Explaining by ${label}`, (place + done / total) / missing.length);
          };
          const result: Attribution = given ?? (await explain!(recording, { target, signal, onProgress }));
          const own = result.target[0] ?? undefined;
          if (own !== undefined && own !== target) {
            const wordsOf = (one: number) => {
              const named = this.#model.classNames?.[one]?.split(",")[0];
              return named === undefined ? `output ${one}` : `the class ${named}`;
            };
            throw new TargetError(`This result explains ${wordsOf(own)}, and what is followed is ${wordsOf(target)}`);
          }
          const map = relevanceMap(result, this.#photo);
          this.maps[index] = map;
          came = true;
          if (cell.closed) return came;
          cell.set({
            relevance: map,
            target: name,
            output: finite(result.output[0]),
            total: result.additive ? finite(total(map)) : null,
            signed: isSigned(method, result) || hasSign(map.values),
            warnings: result.warnings.map(({ message }) => message),
            ...found,
          });
        } catch (error) {
          if (error instanceof AbortedError && signal.aborted) throw error;
          this.#failed.add(index);
          if (!cell.closed) cell.set({ phase: "failed", progress: null, error: (error as Error).message });
        }
      }
      return came;
    } finally {
      recording?.dispose();
      for (const index of missing) {
        const cell = this.#cells[index]!;
        if (!cell.closed && (cell.phase === "waiting" || cell.phase === "working"))
          cell.set({ phase: "stopped", progress: null });
      }
    }
  }
}

const finite = (value: number | undefined) => (Number.isFinite(value) ? value! : null);
