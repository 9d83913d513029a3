/** A picture as `loadImage` gives it; RGBA, row by row. */
export interface Photo {
  pixels: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  name?: string;
}

/** Relevance by position, in C order. */
export interface RelevanceMap {
  shape: readonly [height: number, width: number];
  values: Float32Array;
}

/** What explainers return of one picture: an attribution, its bare relevance, or anything else with numbers and a shape. */
export type Relevance =
  | Float32Array
  | {
      readonly shape: readonly number[];
      readonly relevance: Float32Array;
      /** As attributions say it: `"repeated"` where channels are not summed, since each says what the position has. */
      readonly channels?: "apart" | "repeated";
    }
  | { readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly shape: readonly number[]; dataSync(): ArrayLike<number> };

/** Relevance whose shape is not that of one picture. */
export class RelevanceShapeError extends Error {
  override name = "RelevanceShapeError";
  constructor(
    readonly shape: readonly number[],
    /** What was given, where that is more than its shape. */
    given = `[${shape.join(", ")}]`,
  ) {
    super(
      `A heatmap shows the relevance of one picture, [height, width], [height, width, channel] or either with a batch of 1, ` +
        `not ${given}. Pick one sample of a batch first, and give {shape, values} where the shape is not the photo's.`,
    );
  }
}

/** Whether something looks like relevance, whatever its shape. */
export function isRelevance(value: unknown): value is Relevance {
  if (value instanceof Float32Array) return true;
  if (typeof value !== "object" || value === null || !("shape" in value) || !Array.isArray(value.shape)) return false;
  return ["relevance", "values", "data", "dataSync"].some((name) => name in value);
}

/** The numbers of relevance, in C order. */
export function numbersOf(relevance: Exclude<Relevance, Float32Array>): ArrayLike<number> {
  if ("relevance" in relevance) return relevance.relevance;
  if ("values" in relevance) return relevance.values;
  // A tensor has a method called data, too.
  if ("data" in relevance && ArrayBuffer.isView(relevance.data)) return relevance.data;
  return (relevance as { dataSync(): ArrayLike<number> }).dataSync();
}

/** The shape of relevance that comes without one: its photo's, or a square's. */
function guessShape(length: number, photo: Photo | null): number[] {
  const side = [1, 3].map((channels) => Math.sqrt(length / channels)).find(Number.isInteger) ?? 0;
  const { height, width } = photo ?? { height: side, width: side };
  return height > 0 ? [height, width, length / (height * width)] : [length];
}

/**
 * Sums relevance over the color channels, which leaves one value a position; where channels repeat one effect, that.
 *
 * @param relevance `[height, width]`, `[height, width, channel]`, or either with a batch axis of 1 in front.
 * @param photo Says the height and width of relevance that comes as a bare array; a square is assumed without it.
 * @throws RelevanceShapeError
 * @example relevanceMap(result, photo).values
 */
export function relevanceMap(relevance: Relevance, photo: Photo | null = null): RelevanceMap {
  const bare = relevance instanceof Float32Array;
  const values = bare ? relevance : numbersOf(relevance);
  const shape = bare ? guessShape(values.length, photo) : relevance.shape;
  if (bare && !shape.every(Number.isInteger)) {
    const given = `${values.length} values without a shape, which do not fit a photo of ${photo?.height} × ${photo?.width} pixels`;
    throw new RelevanceShapeError([values.length], given);
  }
  const rank = shape.length;
  // [1, height, width] has its batch in front; [height, width, channel] has few channels.
  const batched = rank === 4 || (rank === 3 && shape[0] === 1 && shape[2]! > 4);
  const [height = 0, width = 0, channels = 1] = batched ? shape.slice(1) : shape;
  const whole = height * width * channels;
  const one = rank === 2 || rank === 3 || (rank === 4 && shape[0] === 1);
  if (!one || !Number.isInteger(channels) || whole === 0 || values.length !== whole) {
    throw new RelevanceShapeError(shape);
  }
  const isRepeated = !bare && "channels" in relevance && relevance.channels === "repeated";
  const sums = new Float32Array(height * width);
  for (let to = 0, from = 0; to < sums.length; to++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[from++]!;
    sums[to] = isRepeated ? sum / channels : sum;
  }
  return { shape: [height, width], values: sums };
}

/** The sum of all values. */
export function total({ values }: RelevanceMap): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Whether values have a sign that is more than rounding, as a gradient that is asked for with its sign. */
export function hasSign(values: Float32Array): boolean {
  let [low, high] = [0, 0];
  for (const value of values) {
    // Comparisons leave out what is no number.
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low < -1e-3 * high;
}
