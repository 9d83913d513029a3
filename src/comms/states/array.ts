import { isBinary } from "../buffers.js";
import { invalid, isRecord, type Trait } from "./traits.js";

/** Numbers on the wire: their shape, and the values in C order, little-endian, as one binary frame. */
export interface WireArray<Kind extends "float32" | "uint8" = "float32" | "uint8"> {
  shape: number[];
  dtype: Kind;
  data: ArrayBufferView;
}

export type Floats = WireArray<"float32">;
export type Bytes = WireArray<"uint8">;

/** A trait that holds such numbers, or null. */
function array<Kind extends "float32" | "uint8">(dtype: Kind): Trait<WireArray<Kind> | null> {
  const isArray = (value: unknown): value is WireArray<Kind> =>
    isRecord(value) && Array.isArray(value["shape"]) && value["dtype"] === dtype && isBinary(value["data"]);
  return {
    expected: `{shape, dtype: "${dtype}", data} with a typed array, or null`,
    initial: () => null,
    check: (value) => (value === null || isArray(value) ? value : invalid),
    mutable: true,
    binary: true,
  };
}

export const floats = (): Trait<Floats | null> => array("float32");
export const bytes = (): Trait<Bytes | null> => array("uint8");
