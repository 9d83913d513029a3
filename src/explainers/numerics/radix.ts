/** Numbers whose order as unsigned integers is that of `values`, or with `sign` −1 the reverse; 0 and −0 are one. */
export function orderedKeys(values: Float32Array, sign: 1 | -1 = 1): Uint32Array {
  const { length } = values;
  const keys = new Uint32Array(length);
  const signed = new Float32Array(keys.buffer);
  const bits = new Int32Array(keys.buffer);
  // −0 becomes 0.
  for (let i = 0; i < length; i++) signed[i] = sign * values[i]! + 0;
  // Patterns rise with positive numbers and fall with negative ones.
  for (let i = 0; i < length; i++) keys[i] = bits[i]! < 0 ? ~bits[i]! : bits[i]! ^ 0x80000000;
  return keys;
}

/**
 * Places by the key that each has, the least first; equal keys keep the order of `places`. By radix sort, digits of 11 bits from the last to
 * the first: maps of a photograph are long.
 */
export function placesByKey(keys: Uint32Array, places: Uint32Array): Uint32Array {
  const { length } = places;
  let now = places.slice();
  let next = new Uint32Array(length);
  const starts = new Uint32Array(2049);
  for (const shift of [0, 11, 22]) {
    starts.fill(0);
    for (let i = 0; i < length; i++) starts[((keys[now[i]!]! >>> shift) & 2047) + 1]!++;
    for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
    for (let i = 0; i < length; i++) {
      const place = now[i]!;
      const digit = (keys[place]! >>> shift) & 2047;
      next[starts[digit]!] = place;
      starts[digit]!++;
    }
    [now, next] = [next, now];
  }
  return now;
}
