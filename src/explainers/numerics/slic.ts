import { ParameterError } from "../errors.js";

/** How an image is cut into superpixels. */
export interface SlicOptions {
  /** About how many segments to make, default 60. */
  readonly segments?: number;
  /** Weight of nearness in space against nearness in color (in CIELAB units), > 0, default 10. */
  readonly compactness?: number;
  /** Rounds of k-means, default 10. */
  readonly iterations?: number;
}

export interface Segmentation {
  /** The segment of each pixel, `[height, width]`, 0 … count − 1. */
  readonly labels: Int32Array;
  readonly count: number;
}

/**
 * Simple linear iterative clustering (Achanta et al. 2012): k-means over color and place, each center searching only its
 * surroundings; then every segment is made connected.
 *
 * @param image Values in any range, `[height, width, channel]`; three channels are taken as sRGB and compared in CIELAB.
 * @throws ParameterError for segments below 1 or a compactness that is not positive.
 * @example
 * const { labels, count } = slic(pixels, [224, 224, 3], { segments: 60 });
 */
export function slic(
  image: ArrayLike<number>,
  shape: readonly [number, number, number],
  options: SlicOptions = {},
): Segmentation {
  const { segments = 60, compactness = 10, iterations = 10 } = options;
  const [height, width, channels] = shape;
  if (!(segments >= 1)) throw new ParameterError("segments", segments, "at least 1");
  if (!(compactness > 0)) throw new ParameterError("compactness", compactness, "positive");
  if (!(iterations >= 1)) throw new ParameterError("iterations", iterations, "at least 1");
  const colors = colorFeatures(image, height * width, channels);
  const depth = colors.length / (height * width);
  const step = Math.max(1, Math.sqrt((height * width) / segments));
  const centers = seeds(colors, depth, height, width, step);
  const labels = new Int32Array(height * width).fill(-1);
  for (let round = 0; round < iterations; round++) {
    assign(labels, centers, colors, depth, height, width, step, compactness);
    moveCenters(labels, centers, colors, depth, width);
  }
  return connect(labels, height, width, (step * step) / 4);
}

/** Centers, each `[row, column, …color]`. */
type Centers = Float64Array[];

/** A grid of centers, each moved to the flattest of its nine nearest pixels so that none sits on an edge. */
function seeds(colors: Float64Array, depth: number, height: number, width: number, step: number): Centers {
  const rows = Math.max(1, Math.round(height / step));
  const columns = Math.max(1, Math.round(width / step));
  const gradient = (row: number, column: number) => {
    let sum = 0;
    const up = Math.max(row - 1, 0) * width + column;
    const down = Math.min(row + 1, height - 1) * width + column;
    const left = row * width + Math.max(column - 1, 0);
    const right = row * width + Math.min(column + 1, width - 1);
    for (let c = 0; c < depth; c++) {
      sum += (colors[down * depth + c]! - colors[up * depth + c]!) ** 2;
      sum += (colors[right * depth + c]! - colors[left * depth + c]!) ** 2;
    }
    return sum;
  };
  const centers: Centers = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const row = Math.min(height - 1, Math.floor(((i + 0.5) * height) / rows));
      const column = Math.min(width - 1, Math.floor(((j + 0.5) * width) / columns));
      let best = [row, column] as const;
      // Segments of a few pixels have no room to move in.
      if (step >= 4) {
        for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, height - 1); r++) {
          for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, width - 1); c++) {
            if (gradient(r, c) < gradient(...best)) best = [r, c];
          }
        }
      }
      const place = best[0] * width + best[1];
      centers.push(Float64Array.of(best[0], best[1], ...colors.subarray(place * depth, (place + 1) * depth)));
    }
  }
  return centers;
}

/** Gives each pixel to the nearest center: D² = color² + (compactness · distance / step)². */
function assign(
  labels: Int32Array,
  centers: Centers,
  colors: Float64Array,
  depth: number,
  height: number,
  width: number,
  step: number,
  compactness: number,
): void {
  const nearest = new Float64Array(labels.length).fill(Number.POSITIVE_INFINITY);
  const reach = Math.ceil(2 * step);
  const spatial = (compactness / step) ** 2;
  for (const [label, center] of centers.entries()) {
    const row = center[0]!;
    const column = center[1]!;
    const bottom = Math.min(height - 1, Math.floor(row + reach));
    const left = Math.max(0, Math.ceil(column - reach));
    const right = Math.min(width - 1, Math.floor(column + reach));
    for (let r = Math.max(0, Math.ceil(row - reach)); r <= bottom; r++) {
      for (let c = left; c <= right; c++) {
        const place = r * width + c;
        let distance = ((r - row) * (r - row) + (c - column) * (c - column)) * spatial;
        // Most pixels are too far away already, whatever their color.
        for (let k = 0; k < depth && distance < nearest[place]!; k++) {
          const difference = colors[place * depth + k]! - center[2 + k]!;
          distance += difference * difference;
        }
        if (distance < nearest[place]!) {
          nearest[place] = distance;
          labels[place] = label;
        }
      }
    }
  }
}

function moveCenters(labels: Int32Array, centers: Centers, colors: Float64Array, depth: number, width: number): void {
  const counts = new Int32Array(centers.length);
  const sums = centers.map((center) => new Float64Array(center.length));
  for (let place = 0; place < labels.length; place++) {
    const label = labels[place]!;
    if (label < 0) continue;
    const sum = sums[label]!;
    counts[label]!++;
    sum[0]! += Math.floor(place / width);
    sum[1]! += place % width;
    for (let k = 0; k < depth; k++) sum[2 + k]! += colors[place * depth + k]!;
  }
  sums.forEach((sum, label) => {
    if (counts[label] === 0) return;
    for (let k = 0; k < sum.length; k++) centers[label]![k] = sum[k]! / counts[label]!;
  });
}

/** Numbers connected pieces anew; a piece below `smallest` pixels joins the neighbor found before it. */
function connect(labels: Int32Array, height: number, width: number, smallest: number): Segmentation {
  const result = new Int32Array(labels.length).fill(-1);
  const queue = new Int32Array(labels.length);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if (result[start] !== -1) continue;
    let neighbor = -1;
    let tail = 0;
    const visit = (other: number) => {
      if (result[other] === -1) {
        if (labels[other] !== labels[start]) return;
        result[other] = count;
        queue[tail++] = other;
      } else if (result[other] !== count) neighbor = result[other]!;
    };
    visit(start);
    for (let head = 0; head < tail; head++) {
      const place = queue[head]!;
      const column = place % width;
      if (column > 0) visit(place - 1);
      if (column < width - 1) visit(place + 1);
      if (place >= width) visit(place - width);
      if (place < (height - 1) * width) visit(place + width);
    }
    if (tail < smallest && neighbor >= 0) for (let i = 0; i < tail; i++) result[queue[i]!] = neighbor;
    else count++;
  }
  return { labels: result, count };
}

/** Colors in which equal distances look equally different: CIELAB for three channels, the values times 100 otherwise. */
function colorFeatures(image: ArrayLike<number>, pixels: number, channels: number): Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < image.length; i++) {
    low = Math.min(low, image[i]!);
    high = Math.max(high, image[i]!);
  }
  const scale = high > low ? 1 / (high - low) : 0;
  const result = new Float64Array(image.length);
  for (let i = 0; i < result.length; i++) result[i] = (image[i]! - low) * scale;
  if (channels !== 3) return result.map((value) => value * 100);
  for (let i = 0; i < pixels; i++) toLab(result, 3 * i);
  return result;
}

/** sRGB in [0, 1] to CIELAB under D65, in place. */
function toLab(values: Float64Array, at: number): void {
  const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const r = linear(values[at]!);
  const g = linear(values[at + 1]!);
  const b = linear(values[at + 2]!);
  const root = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = root(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  values[at] = 116 * y - 16;
  values[at + 1] = 500 * (x - y);
  values[at + 2] = 200 * (y - z);
}
