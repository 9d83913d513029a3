/**
 * What a report remembers of values, so that another run can be compared with it: small, plain JSON, and the same wherever it is
 * computed. Nothing here needs Node.js: a page records what it computes, too.
 */

/** All that one run of a notebook computed. */
export interface Ledger {
  readonly version: 1;
  /** What computed: TensorFlow.js' name of the backend, or `none` where nothing started one. */
  readonly backend: string;
  readonly cells: readonly LedgerCell[];
}

export interface LedgerCell {
  /** The cell's id in the notebook; of notebooks without ids its place: `cell-3`. */
  readonly id: string;
  /** How messages name it: `cell 3 (load)`. */
  readonly name: string;
  /** True where the author says (tag `volatile` or `not-reproducible`) that it gives other values each time. */
  readonly volatile: boolean;
  readonly failed: boolean;
  readonly milliseconds: number;
  /** In a fixed order: variables by name, then outputs, then expectations. */
  readonly quantities: readonly Quantity[];
}

/** One thing that a cell computed. */
export interface Quantity {
  /** `variable` as the cell leaves it, `output` that it shows, or `expectation` that it states. */
  readonly place: "variable" | "output" | "expectation";
  /** What a reader knows it by: the variable's name, `output 2`, `expectation 1`. */
  readonly name: string;
  readonly value: ValueRecord;
}

export type ValueRecord =
  | NumberRecord
  | LiteralRecord
  | TextRecord
  | ArrayRecord
  | PictureRecord
  | TreeRecord
  | ExpectationRecord
  | OpaqueRecord;

export interface NumberRecord {
  readonly kind: "number";
  /** Shortest decimal that reads back as the same double; `NaN`, `Infinity`, `-0` too. */
  readonly value: string;
}

/** `true`, `null`, `undefined`, a bigint: equal or not. */
interface LiteralRecord {
  readonly kind: "literal";
  readonly value: string;
}

export interface TextRecord {
  readonly kind: "text";
  /** UTF-16 code units of the whole. */
  readonly length: number;
  /** Its beginning: at most `LONGEST_TEXT`, where each number, time and id counts as 8. */
  readonly text: string;
  /** Of what follows, where it is longer: SHA-256 of the words in hex, ids and times left out, and the numbers apart. */
  readonly rest?: { readonly words: string; readonly numbers: ArrayRecord };
}

export interface ArrayRecord {
  readonly kind: "array";
  readonly dtype: ArrayType;
  readonly shape: readonly number[];
  /** SHA-256 of the elements' bytes, little-endian, in hex. */
  readonly sha256: string;
  /** Of the finite elements; absent where there is none. */
  readonly statistics?: ArrayStatistics;
  /** Elements that are NaN or infinite. */
  readonly nonFinite: number;
  /** A hash of where those are and which; absent where there is none. */
  readonly nonFiniteAt?: number;
  /** True of whole numbers that are no pixels: labels, counts and indices have no last bit on any backend. */
  readonly exact?: true;
  readonly sketch: ArraySketch;
}

export type ArrayType =
  | "float32"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "bool"
  | "int64"
  | "uint64";

export interface ArrayStatistics {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Σ|x|. */
  readonly absolute: number;
  /** √Σx². */
  readonly norm: number;
}

/** A few numbers that tell how far two arrays of one shape are apart. */
export interface ArraySketch {
  /** Base64 of elements, as they are in memory: all of them up to `SKETCH`, else so many, evenly spread, the first and the last among them. */
  readonly samples: string;
  /**
   * Base64 of float32: a count sketch, each element with a sign of its own summed into one of `SKETCH` places; where all elements are
   * among the samples, empty. The square of the distance of two sketches estimates that of the arrays.
   * Source: Charikar, Chen and Farach-Colton, Finding frequent items in data streams (2002).
   */
  readonly sums: string;
}

/** A picture by its pixels, however it was compressed. */
export interface PictureRecord {
  readonly kind: "picture";
  readonly width: number;
  readonly height: number;
  /** `[height, width, channels]`, bytes. */
  readonly pixels: ArrayRecord;
}

/** An object, a list, an attribution, a model, a widget: what it is, and its parts by name. */
export interface TreeRecord {
  readonly kind: "tree";
  /** Its class: `Object`, `Array`, `Attribution`, `Explorer`, `LoadedModel`. */
  readonly type: string;
  readonly parts: Readonly<Record<string, ValueRecord>>;
  /** Parts that the record has no room for. */
  readonly omitted: number;
  /** Of all that a whole value's record has no room for, in its outermost object. */
  readonly rest?: RestRecord;
}

/** Parts without a record of their own. */
export interface RestRecord {
  /** SHA-256 of all of them in hex; durations, moments and random ids left out. */
  readonly sha256: string;
  /** SHA-256 of the same, of numbers only which are whole. */
  readonly words: string;
  /** All numbers; of longer arrays their samples and sums. Absent where there is none. */
  readonly numbers?: ArrayRecord;
  /** Parts that were too many to look at; absent where all were. */
  readonly unseen?: number;
}

interface ExpectationRecord {
  readonly kind: "expectation";
  readonly value: NumberRecord;
  readonly expected: NumberRecord;
  readonly tolerance: NumberRecord;
}

/** What a widget is that computes on when its cell has ended. */
export const IN_MOTION = "in motion";

/** What has no value that could be compared: a function, a promise, a disposed tensor, a widget in motion. */
export interface OpaqueRecord {
  readonly kind: "opaque";
  readonly type: string;
}

/** Longest text that is kept as it is, in UTF-16 code units. */
export const LONGEST_TEXT = 16_384;
/** Most elements of an array that a sketch keeps, and the length of its sums. */
export const SKETCH = 256;
