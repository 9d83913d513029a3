import * as tf from "@tensorflow/tfjs-core";

/** A part of an axis, as Python writes it: `start:stop:step`. */
interface Slice {
  start?: number | null;
  stop?: number | null;
  step?: number | null;
}

/** What stands between the brackets of `x[…]`, axis by axis: a number, a slice, null for a new axis, or an ellipsis. */
type Entry = number | null | { ellipsis: true } | { slice: Slice };

/** `x[entries]` as Python reads it. */
export function getItem(x: tf.Tensor, given: unknown): tf.Tensor {
  const entries = (Array.isArray(given) ? given : [given]) as Entry[];
  const isEllipsis = (entry: Entry) => typeof entry === "object" && entry !== null && "ellipsis" in entry;
  const taken = entries.filter((entry) => entry !== null && !isEllipsis(entry)).length;
  const whole: Entry = { slice: {} };
  const rest = Array<Entry>(x.rank - taken).fill(whole);
  const full = entries.some(isEllipsis)
    ? entries.flatMap((entry) => (isEllipsis(entry) ? rest : [entry]))
    : [...entries, ...rest];
  let y = x;
  let axis = 0;
  const shape: ("new" | "gone" | "kept")[] = [];
  for (const entry of full) {
    if (entry === null) {
      shape.push("new");
      continue;
    }
    const size = x.shape[axis]!;
    if (typeof entry === "number") {
      y = part(y, axis, entry < 0 ? entry + size : entry, 1);
      shape.push("gone");
    } else {
      y = sliced(y, axis, (entry as { slice: Slice }).slice);
      shape.push("kept");
    }
    axis++;
  }
  if (shape.every((kind) => kind === "kept")) return y;
  let at = 0;
  const sizes = shape.flatMap((kind) => {
    if (kind === "new") return [1];
    const size = y.shape[at++]!;
    return kind === "gone" ? [] : [size];
  });
  return tf.reshape(y, sizes);
}

function sliced(x: tf.Tensor, axis: number, { start, stop, step }: Slice): tf.Tensor {
  const size = x.shape[axis]!;
  const stride = step ?? 1;
  const bound = (value: number | null | undefined, unsaid: number, low: number, high: number) =>
    value === null || value === undefined ? unsaid : Math.min(Math.max(value < 0 ? value + size : value, low), high);
  if (stride < 0) {
    const first = bound(start, size - 1, -1, size - 1);
    const last = bound(stop, -1, -1, size - 1);
    const places = Array.from(
      { length: Math.max(Math.ceil((last - first) / stride), 0) },
      (_, k) => first + k * stride,
    );
    return tf.gather(x, tf.tensor1d(places, "int32"), axis);
  }
  const first = bound(start, 0, 0, size);
  const last = bound(stop, size, 0, size);
  if (stride === 1) return first === 0 && last === size ? x : part(x, axis, first, Math.max(last - first, 0));
  const begin = x.shape.map((_, index) => (index === axis ? first : 0));
  const end = x.shape.map((all, index) => (index === axis ? last : all));
  return tf.stridedSlice(
    x,
    begin,
    end,
    x.shape.map((_, index) => (index === axis ? stride : 1)),
  );
}

function part(x: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor {
  return tf.slice(
    x,
    x.shape.map((_, index) => (index === axis ? begin : 0)),
    x.shape.map((_, index) => (index === axis ? size : -1)),
  );
}
