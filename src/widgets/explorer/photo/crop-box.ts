import type { PhotoRegion } from "../../../comms/states/explorer.js";

/** The least size of a crop, in shares of the largest. */
const LEAST = 0.02;

/** The proportion of a crop in shares of its picture: that of what is seen, by that of the whole. */
export const proportionOf = (
  seen: { width: number; height: number },
  whole: { width: number; height: number },
): number => (seen.width / seen.height) * (whole.height / whole.width);

/** The largest crop of that proportion (width by height, in shares), in the center. */
export function largest(proportion: number): PhotoRegion {
  const width = Math.min(1, proportion);
  const height = Math.min(1, 1 / proportion);
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}

/** The crop moved by shares of the picture; it stays inside. */
export function moved({ left, top, width, height }: PhotoRegion, x: number, y: number): PhotoRegion {
  return { left: within(left + x, 1 - width), top: within(top + y, 1 - height), width, height };
}

/**
 * The crop made larger or smaller by a factor, in its proportion, inside the picture.
 *
 * @param anchor the point of it that stays, 0 to 1 in both directions; by default its center
 */
export function scaled(region: PhotoRegion, factor: number, anchor = { x: 0.5, y: 0.5 }): PhotoRegion {
  const proportion = region.width / region.height;
  const most = largest(proportion).width;
  const width = Math.min(Math.max(region.width * factor, LEAST * most), most);
  const height = width / proportion;
  const left = within(region.left + anchor.x * (region.width - width), 1 - width);
  const top = within(region.top + anchor.y * (region.height - height), 1 - height);
  return { left, top, width, height };
}

const within = (value: number, most: number): number => Math.min(Math.max(value, 0), Math.max(most, 0));
