/** The corner at the lower left that belongs to the watermark, in shares of the picture's side. */
export const WATERMARK_WIDTH = 0.3;
export const WATERMARK_HEIGHT = 0.17;

/** Ink of the mark, as of an agency's name under a photograph; a margin of one cell around it stays free. */
const glyph = ["#.#.###.#.#", "#.#..#..##.", "###..#..##.", "#.#..#..#.#"];

/** Whether ink of the watermark is at a point given in shares of the picture's side. */
export function isInk(x: number, y: number): boolean {
  const column = Math.floor((x / WATERMARK_WIDTH) * (glyph[0]!.length + 2)) - 1;
  const row = Math.floor(((y - 1) / WATERMARK_HEIGHT + 1) * (glyph.length + 2)) - 1;
  return glyph[row]?.[column] === "#";
}
