/** Flat indices of the entries of a box in an array of `shape`, row-major; the box is cut where it leaves the array. */
export function boxEntries(shape: readonly number[], starts: readonly number[], sizes: readonly number[]): Int32Array {
  let indices = [0];
  shape.forEach((entries, axis) => {
    const from = starts[axis]!;
    const to = Math.min(from + sizes[axis]!, entries);
    const next: number[] = [];
    for (const index of indices) for (let i = from; i < to; i++) next.push(index * entries + i);
    indices = next;
  });
  return Int32Array.from(indices);
}
