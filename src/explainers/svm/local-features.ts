import { ParameterError } from "../errors.js";

/**
 * Hands the relevance of a mapped vector's dimensions down to the local descriptors that it was pooled from
 * (Bach et al. 2015, eq. 18; Lapuschkin et al. 2016, eq. 5):
 * R_l = Σ_d R_d m_ld / Σ_l m_ld; what a dimension without contributions carries is shared by all descriptors alike.
 *
 * @param relevance `[dimensions]`
 * @param contributions m, `[descriptors, dimensions]`: how much descriptor l put into dimension d.
 * @returns `[descriptors]`, of the same sum.
 * @throws ParameterError where the sizes do not fit, or there are no descriptors.
 * @example
 * const perToken = shareByContribution([2, -1], [[1, 0], [3, 1]]);   // [0.5, 0.5]
 */
export function shareByContribution(
  relevance: ArrayLike<number>,
  contributions: readonly ArrayLike<number>[],
): Float64Array {
  if (contributions.length === 0) throw new ParameterError("contributions.length", 0, "at least 1 descriptor");
  const totals = new Float64Array(relevance.length);
  contributions.forEach((row, l) => {
    if (row.length !== relevance.length) {
      throw new ParameterError(
        `contributions[${l}].length`,
        row.length,
        `${relevance.length}, the number of dimensions`,
      );
    }
    for (let d = 0; d < totals.length; d++) totals[d]! += row[d]!;
  });
  let rest = 0;
  const factors = totals.map((total, d) => {
    if (total !== 0) return relevance[d]! / total;
    rest += relevance[d]!;
    return 0;
  });
  return Float64Array.from(contributions, (row) => {
    let sum = rest / contributions.length;
    for (let d = 0; d < factors.length; d++) sum += factors[d]! * row[d]!;
    return sum;
  });
}

/** The rectangle of pixels from which a local descriptor was computed. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Spreads each descriptor's relevance evenly over its pixels (Bach et al. 2015, eq. 20); overlapping regions add up.
 *
 * @param relevance `[descriptors]`
 * @param regions Of each descriptor; cut at the image's border.
 * @param size Height and width of the image.
 * @returns `[height, width]`, of the same sum.
 * @throws ParameterError where a region lies outside the image or the counts differ.
 */
export function spreadToPixels(
  relevance: ArrayLike<number>,
  regions: readonly Region[],
  size: readonly [number, number],
): Float32Array {
  const [height, width] = size;
  if (regions.length !== relevance.length) {
    throw new ParameterError("regions.length", regions.length, `${relevance.length}, one for each descriptor`);
  }
  const map = new Float64Array(height * width);
  regions.forEach((region, l) => {
    const top = Math.max(0, region.top);
    const left = Math.max(0, region.left);
    const bottom = Math.min(height, region.top + region.height);
    const right = Math.min(width, region.left + region.width);
    const pixels = (bottom - top) * (right - left);
    if (!(bottom > top && right > left)) {
      throw new ParameterError(
        `regions[${l}]`,
        JSON.stringify(region),
        `inside an image of ${height} × ${width} pixels`,
      );
    }
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) map[row * width + column]! += relevance[l]! / pixels;
    }
  });
  return Float32Array.from(map);
}
