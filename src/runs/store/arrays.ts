import type { RunRecord } from "../../kernel-helpers/relevance/record.js";
import type { Shapes } from "../spec.js";

/** One array of a store: what its `zarr.json` says. */
export interface ArrayPlan {
  readonly name: ArrayName;
  readonly type: "float32" | "int32" | "string";
  readonly shape: readonly number[];
  /** The same name is the same size everywhere, which is what xarray asks for. */
  readonly dimensions: readonly string[];
  /** What one file holds: a shard's samples, or all of what has no samples. */
  readonly chunk: readonly number[];
  /** Of an array in shards, what can be read alone. */
  readonly inner?: readonly number[];
  readonly fill: number | string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export type ArrayName =
  | "relevance"
  | "output"
  | "total"
  | "outputs"
  | "target"
  | "label"
  | "layer_sum"
  | "id"
  | "error"
  | "content"
  | "class"
  | "layer";

/** What is read alone holds about this many bytes at most, but a sample at least. */
const PIECE = 1 << 18;

/** The content of a sample that nobody can read again. */
export const UNKNOWN = 0;

/** Level of zstd: its default, which is quick. */
const LEVEL = 3;

/** The arrays of a run's store. Samples that are not there yet read as NaN, −1 and empty text. */
export function arraysOf(record: Pick<RunRecord, "shard" | "mantissaBits" | "result">, shapes: Shapes): ArrayPlan[] {
  const { count, relevance, outputs, layers, classNames, hasLabels } = shapes;
  const { shard } = record;
  const perSample = (
    name: ArrayName,
    type: ArrayPlan["type"],
    fill: number | string,
    sizes: readonly number[] = [],
    dimensions: readonly string[] = [],
  ): ArrayPlan => ({
    name,
    type,
    fill,
    shape: [count, ...sizes],
    dimensions: ["sample", ...dimensions],
    chunk: [shard, ...sizes],
  });
  const names = (name: "class" | "layer", texts: readonly string[]): ArrayPlan => ({
    name,
    type: "string",
    fill: "",
    shape: [texts.length],
    dimensions: [name],
    chunk: [texts.length],
  });
  const rounding =
    record.mantissaBits === null
      ? {}
      : { quantization: "bitround", _QuantizeBitRoundNumberOfSignificantBits: record.mantissaBits };
  return [
    {
      ...perSample("relevance", "float32", Number.NaN, relevance, axesOf(relevance, record.result)),
      inner: [samplesTogether(shard, 4 * relevance.reduce((a, b) => a * b, 1)), ...relevance],
      attributes: rounding,
    },
    perSample("output", "float32", Number.NaN),
    perSample("total", "float32", Number.NaN),
    perSample("target", "int32", -1),
    perSample("id", "string", ""),
    perSample("error", "string", ""),
    perSample("content", "int32", UNKNOWN),
    ...(hasLabels ? [perSample("label", "int32", -1)] : []),
    ...(outputs > 0 ? [perSample("outputs", "float32", Number.NaN, [outputs], ["class"])] : []),
    ...(outputs > 0 ? [names("class", classNames)] : []),
    ...(layers.length > 0 ? [perSample("layer_sum", "float32", Number.NaN, [layers.length], ["layer"])] : []),
    ...(layers.length > 0 ? [names("layer", layers)] : []),
  ];
}

/** Names of the axes of one sample's relevance. */
function axesOf(shape: readonly number[], result: RunRecord["result"]): string[] {
  if (result === "units") return shape.map((_, axis) => `unit_${axis}`);
  const last = result === "positions" ? "position_value" : "channel";
  if (shape.length === 1) return ["feature"];
  if (shape.length === 2) return ["step", result === "positions" ? last : "feature"];
  if (shape.length === 3) return ["y", "x", last];
  return shape.map((_, axis) => `axis_${axis}`);
}

/** The largest divisor of a shard of which the samples stay below a piece. */
function samplesTogether(shard: number, bytes: number): number {
  for (let count = Math.min(shard, Math.max(1, Math.floor(PIECE / bytes))); count > 1; count--) {
    if (shard % count === 0) return count;
  }
  return 1;
}

/** Metadata of an array, by Zarr's specification, version 3. */
export function metadataOf({ type, shape, dimensions, chunk, inner, fill, attributes = {} }: ArrayPlan): object {
  const zstd = { name: "zstd", configuration: { level: LEVEL, checksum: false } };
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const codecs = type === "string" ? [{ name: "vlen-utf8", configuration: {} }, zstd] : [bytes, zstd];
  const sharded = {
    name: "sharding_indexed",
    configuration: {
      chunk_shape: inner,
      codecs,
      index_codecs: [bytes, { name: "crc32c" }],
      index_location: "end",
    },
  };
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: type,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: "default", configuration: { separator: "." } },
    fill_value: Number.isNaN(fill) ? "NaN" : fill,
    codecs: inner === undefined ? codecs : [sharded],
    attributes,
    dimension_names: dimensions,
    storage_transformers: [],
  };
}

/** The file of a chunk: its place along the samples, and the only one along the rest. */
export const chunkName = (at: number, rank: number): string => ["c", at, ...Array(rank - 1).fill(0)].join(".");
