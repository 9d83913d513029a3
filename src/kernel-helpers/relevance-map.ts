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

/** Anything that has numbers and a shape: an explainer's relevance, a tensor, a map. */
export type Relevance =
  | { readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly shape: readonly number[]; dataSync(): ArrayLike<number> };

/** Relevance whose shape is not that of one picture. */
export class RelevanceShapeError extends Error {
  override name = "RelevanceShapeError";
  constructor(readonly shape: readonly number[]) {
    super(
      `A heatmap shows the relevance of one picture, [height, width], [height, width, channel] or either with a batch of 1, ` +
        `not [${shape.join(", ")}]. Pick one sample of a batch first.`,
    );
  }
}

/**
 * Sums relevance over the color channels, which leaves one value a position.
 *
 * @param relevance `[height, width]`, `[height, width, channel]`, or either with a batch axis of 1 in front.
 * @throws RelevanceShapeError
 */
export function relevanceMap(relevance: Relevance): RelevanceMap {
  const { shape } = relevance;
  const values =
    "values" in relevance
      ? relevance.values
      : "data" in relevance && ArrayBuffer.isView(relevance.data)
        ? relevance.data
        : (relevance as { dataSync(): ArrayLike<number> }).dataSync();
  // [1, height, width] has its batch in front; [height, width, channel] has few channels and more than one row.
  const [height = 0, width = 0, channels = 1] =
    shape.length === 4 || (shape.length === 3 && shape[0] === 1 && shape[2]! > 4) ? shape.slice(1) : shape;
  const whole = height * width * channels;
  const rank = shape.length;
  if (rank < 2 || rank > 4 || (rank === 4 && shape[0] !== 1) || whole === 0 || values.length !== whole) {
    throw new RelevanceShapeError(shape);
  }
  const sums = new Float32Array(height * width);
  for (let to = 0, from = 0; to < sums.length; to++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[from++]!;
    sums[to] = sum;
  }
  return { shape: [height, width], values: sums };
}

/** The sum of all values. */
export function total({ values }: RelevanceMap): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
