/** Values in C order with their shape: `[height, width]` relevance or `[height, width, 3]` pixels. */
export interface Grid<Values> {
  shape: number[];
  values: Values;
}
