/** What is another in one state of the widgets than in the shown one. */
import { isBinary } from "../../comms/buffers.js";
import { isRecord } from "../../comms/states/traits.js";
import type { WireState } from "../../comms/widget-channel.js";
import { rounded, type TableArray, type TableChange } from "../table.js";
import { PrecomputeError } from "./axes.js";

/** The states of all widgets by their ids. */
export type States = ReadonlyMap<string, WireState>;

/** Counters and clocks: they say nothing of what is shown. */
const COUNTED = new Set(["request", "answered", "progress", "milliseconds"]);
/** Maps of which one sees colors; they are stored in 255 levels. */
const MAPS = new Set(["relevance", "channelMap", "sampleMap", "difference", "contrast"]);

interface WireArray {
  shape: number[];
  dtype: "float32" | "uint8";
  data: ArrayBufferView;
}

const isArray = (value: unknown): value is WireArray =>
  isRecord(value) && Array.isArray(value["shape"]) && isBinary(value["data"]);

/** States as they are now: their arrays may be written to afterwards. */
export const kept = (states: States): States => new Map([...states].map(([id, state]) => [id, structuredClone(state)]));

/** Collects the bytes of all states, equal ones once, each where a `Float32Array` may begin. */
export class Packed {
  readonly #parts: Uint8Array[] = [];
  readonly #known = new Map<string, number>();
  size = 0;

  add(bytes: Uint8Array): number {
    const key = Buffer.from(bytes).toString("latin1");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.size;
    this.#known.set(key, at);
    this.#parts.push(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
    this.size += bytes.length + ((4 - (bytes.length % 4)) % 4);
    return at;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

/** What is another in `now` than in `shown`. @throws PrecomputeError where a table cannot hold it */
export function changesOf(shown: States, now: States, packed: Packed): TableChange[] {
  return [...now].flatMap(([model, state]) => {
    const before = shown.get(model);
    if (before === undefined) {
      const name = String(state["_model_name"]).replace(/Model$/, "");
      throw new PrecomputeError(`report.precompute: a state makes a new widget (${name}), which stored states cannot`);
    }
    return Object.entries(state).flatMap(([trait, value]): TableChange[] => {
      if (COUNTED.has(trait) || sameValue(value, before[trait])) return [];
      if (isArray(value)) return [{ model, trait, array: packedArray(trait, value, packed) }];
      if (hasBinary(value)) {
        throw new PrecomputeError(
          `report.precompute: ${trait} holds arrays within other data, which stored states cannot`,
        );
      }
      return [{ model, trait, value }];
    });
  });
}

function packedArray(trait: string, { shape, dtype, data }: WireArray, packed: Packed): TableArray {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (dtype === "float32" && MAPS.has(trait)) {
    const { levels, scale } = rounded(new Float32Array(bytes.slice().buffer));
    return { shape, dtype: "int8", scale, at: packed.add(new Uint8Array(levels.buffer)), bytes: levels.length };
  }
  return { shape, dtype, at: packed.add(bytes.slice()), bytes: bytes.length };
}

const hasBinary = (value: unknown): boolean =>
  isBinary(value) || (value !== null && typeof value === "object" && Object.values(value).some(hasBinary));

/** What a widget has to be given to be as it was shown. */
export const lostOf = (shown: WireState, now: WireState): WireState =>
  Object.fromEntries(
    Object.entries(shown).filter(([trait, value]) => !COUNTED.has(trait) && !sameValue(value, now[trait])),
  );

/** Whether two values are the same, arrays by their bytes. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [one, other] = [a, b].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
    return one!.equals(other!);
  }
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return (
    names.length === others.length &&
    Array.isArray(a) === Array.isArray(b) &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name as never], b[name as never]))
  );
}
