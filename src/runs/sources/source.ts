import type { LoadedModel } from "../../kernel-helpers/models/index.js";

/** One sample, as the model takes it. */
export interface Sample {
  /** In C order, of the source's shape. */
  readonly values: Float32Array;
  /** Tells it from what may stand in its place later; `UNKNOWN` of what cannot be read again. */
  readonly content: number;
}

/** Samples that can be read one by one, however many there are. */
export interface DataSource {
  /** Of the folder or file. */
  readonly name: string;
  readonly count: number;
  /** One sample's, as the model takes it. */
  readonly shape: readonly number[];
  /** What sample `at` is called. */
  id(at: number): string;
  /** Index of each sample's own class, where the data say it; −1 where they do not. */
  readonly labels?: ArrayLike<number>;
  /**
   * Reads a few samples; where several lie together they are read at once.
   *
   * @returns for each a sample, or what is wrong with it.
   */
  read(start: number, end: number): Promise<(Sample | Error)[]>;
  /** What `content` of samples that can be read would be now, without more work than that takes; absent where they cannot be read again. */
  contents?(start: number, end: number): Promise<(number | undefined)[]>;
  close?(): Promise<void>;
}

/** What a source needs to know of a model. */
export type SourceModel = Pick<LoadedModel, "name" | "input">;
