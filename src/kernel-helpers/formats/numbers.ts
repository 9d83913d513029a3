/** Numbers in C order. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Names of the last axis, where the file has some. */
  readonly columns?: readonly string[];
}
