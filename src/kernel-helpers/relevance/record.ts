/** What a store of explanations says of the run that makes it, in the attribute `limpid` of its root. */
export interface RunRecord {
  readonly format: "limpid-run-1";
  readonly model: {
    readonly name: string;
    /** Where it was loaded from, without what an address keeps secret. */
    readonly source: string;
    /** Tells models apart by their weights. */
    readonly key: string;
    /** Share of a picture's shorter side that it sees; stores of earlier versions do not say it. */
    readonly crop?: number;
  };
  readonly method: {
    readonly id: string;
    readonly name: string;
    readonly reference: string;
    /** As it was given: values, or files of tensors. */
    readonly given: Readonly<Record<string, unknown>>;
    /** As it was run with, defaults included. */
    readonly parameters: Readonly<Record<string, unknown>>;
  };
  /** An index, a class name, `top1`, or `label`: each sample's own class. */
  readonly target: string | number;
  readonly data: {
    /** Name of the folder or file. */
    readonly name: string;
    /** Where it lies. */
    readonly source: string;
    readonly count: number;
    /** Tells data sets apart by the names and the shape of their samples. */
    readonly key: string;
  };
  /** Samples in a shard: what is computed and written at once. */
  readonly shard: number;
  /** Samples that are explained together. */
  readonly batch: number;
  /** How many bits of the mantissa relevance was rounded to; null for all. */
  readonly mantissaBits: number | null;
  /** What relevance lies on: entries or positions of the input, or a layer's units. */
  readonly result: "entries" | "positions" | "units";
  readonly signed: boolean;
  readonly additive: boolean;
  readonly channels: "apart" | "repeated";
  readonly made: {
    /** ISO 8601, UTC. */
    readonly date: string;
    readonly limpid: string;
    readonly backend: string;
    readonly node: string;
    readonly platform: string;
    readonly cpu: string;
    /** Threads of TensorFlow in each process; null for as many as it takes. */
    readonly threads: number | null;
  };
}
