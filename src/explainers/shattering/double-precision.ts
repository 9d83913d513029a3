import type { Gate } from "./net.js";

/** Scales and shifts every unit of `values` `[rows, units]`; a copy where there is nothing to do. */
export function applyGate(values: Float64Array, gate: Gate | null, units: number): Float64Array {
  if (!gate) return values.slice();
  return values.map((value, i) => value * gate.scale[i % units]! + gate.shift[i % units]!);
}

/**
 * `[rows, inputs] · [inputs, outputs]`. Zeros, half of what a ReLU lets out, are skipped; four of the others at a time
 * share one pass over the result.
 */
export function product(left: Float64Array, right: Float64Array, inputs: number, outputs: number): Float64Array {
  const rows = left.length / inputs;
  const result = new Float64Array(rows * outputs);
  const active = new Int32Array(inputs);
  for (let row = 0; row < rows; row++) {
    const start = row * outputs;
    const from = row * inputs;
    let count = 0;
    for (let i = 0; i < inputs; i++) if (left[from + i] !== 0) active[count++] = i;
    let k = 0;
    for (; k + 3 < count; k += 4) {
      const [i0, i1, i2, i3] = [active[k]!, active[k + 1]!, active[k + 2]!, active[k + 3]!];
      const [a0, a1, a2, a3] = [left[from + i0]!, left[from + i1]!, left[from + i2]!, left[from + i3]!];
      const [w0, w1, w2, w3] = [i0 * outputs, i1 * outputs, i2 * outputs, i3 * outputs];
      for (let o = 0; o < outputs; o++) {
        result[start + o]! += a0 * right[w0 + o]! + a1 * right[w1 + o]! + a2 * right[w2 + o]! + a3 * right[w3 + o]!;
      }
    }
    for (; k < count; k++) {
      const factor = left[from + active[k]!]!;
      const weights = active[k]! * outputs;
      for (let o = 0; o < outputs; o++) result[start + o]! += factor * right[weights + o]!;
    }
  }
  return result;
}
