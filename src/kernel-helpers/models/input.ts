/** What a model takes: enough to turn a picture into its input tensor, and to know the bounds of that input. */
export interface ModelInput {
  /** One sample, without the batch axis: `[height, width, channel]` for pictures; null where any size goes. */
  shape: (number | null)[];
  /** A pixel `p` in 0…255 enters as `(p - mean) / scale`; one number, or one a channel. */
  mean: number | number[];
  scale: number | number[];
  /** What the pixel values 0 and 255 become, which is the box of the zᴮ rule; one number, or one a channel. */
  low: number | number[];
  high: number | number[];
  /** Share of the shorter side that the center crop keeps, in (0, 1]. */
  crop: number;
}

/** The part of a `ModelInput` that a file or a caller states; the rest follows from it. */
export type InputOptions = Partial<Omit<ModelInput, "low" | "high">>;

/**
 * Completes `options`. Without a word on pixels, pictures enter as 0…1, uncropped; what is no picture (its shape is not
 * `[height, width, 1 or 3]`) enters as it is, without bounds.
 */
export function modelInput(shape: (number | null)[], options: InputOptions = {}): ModelInput {
  const sample = options.shape ?? shape;
  const isPicture = sample.length === 3 && (sample[2] === 1 || sample[2] === 3);
  const stated = options.mean !== undefined || options.scale !== undefined;
  const mean = options.mean ?? 0;
  const scale = options.scale ?? (isPicture ? 255 : 1);
  return {
    shape: sample,
    mean,
    scale,
    low: isPicture || stated ? entered(0, mean, scale) : Number.NEGATIVE_INFINITY,
    high: isPicture || stated ? entered(255, mean, scale) : Number.POSITIVE_INFINITY,
    crop: options.crop ?? 1,
  };
}

function entered(pixel: number, mean: number | number[], scale: number | number[]): number | number[] {
  if (typeof mean === "number" && typeof scale === "number") return (pixel - mean) / scale;
  const at = (value: number | number[], channel: number) => (typeof value === "number" ? value : value[channel]!);
  const channels = Array.isArray(mean) ? mean.length : (scale as number[]).length;
  return Array.from({ length: channels }, (_, channel) => (pixel - at(mean, channel)) / at(scale, channel));
}
