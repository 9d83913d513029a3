import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "../../network/tensors.js";
import type { ConceptGrid } from "./concept-maps.js";

/** How many units of one picture are brought to the grid at once. */
const UNITS_AT_ONCE = 256;

/** Where units are on in their top pictures, a bit a place. */
class KeptMasks {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #size: number;
  readonly #kept: number;
  /** By picture the units that it is a top picture of, and which one. */
  readonly #wanted = new Map<number, Map<number, number>>();

  /** @param tops of each unit its top pictures */
  constructor(tops: readonly (readonly number[])[], kept: number, places: number) {
    this.#kept = kept;
    this.#size = Math.ceil(places / 8);
    this.bytes = new Uint8Array(tops.length * kept * this.#size);
    tops.forEach((pictures, unit) => {
      pictures.slice(0, kept).forEach((picture, slot) => {
        const units = this.#wanted.get(picture) ?? new Map<number, number>();
        this.#wanted.set(picture, units.set(unit, slot));
      });
    });
  }

  /** @param on `[places, units]`, read only where one of the units is wanted */
  add(picture: number, units: readonly number[], on: Tensor2D): void {
    const wanted = this.#wanted.get(picture);
    if (wanted === undefined || !units.some((unit) => wanted.has(unit))) return;
    const values = on.dataSync<"float32">();
    units.forEach((unit, column) => {
      const slot = wanted.get(unit);
      if (slot === undefined) return;
      const start = (unit * this.#kept + slot) * this.#size;
      for (let place = 0, at = column; at < values.length; place++, at += units.length) {
        if (values[at]! > 0) this.bytes[start + (place >> 3)]! |= 1 << (place & 7);
      }
    });
  }
}

/** Counts where the units of a layer are on, and where on a concept, over all pictures. */
export class Overlaps {
  readonly #on: Float64Array;
  readonly #both: Float64Array;
  readonly #masks: KeptMasks | undefined;

  /**
   * @param tops of each unit its top pictures
   * @param kept in how many of them it is kept where the unit is on
   */
  constructor(
    readonly thresholds: Float32Array,
    readonly grid: ConceptGrid,
    tops: readonly (readonly number[])[],
    kept: number,
  ) {
    if (kept > 0) this.#masks = new KeptMasks(tops, kept, grid.side ** 2);
    this.#on = new Float64Array(thresholds.length);
    this.#both = new Float64Array(thresholds.length * grid.concepts.length);
  }

  /** @param map `[pictures, height, width, units]` of the pictures from `start` on */
  add(start: number, map: Tensor4D): void {
    const [count, , , units] = map.shape;
    const largest = tf.max(tf.reshape(map, [count, -1, units]), 1).dataSync<"float32">();
    for (let picture = 0; picture < count; picture++) {
      // Between two places nothing is larger than at both: most units are on nowhere in a picture.
      const active: number[] = [];
      for (let unit = 0; unit < units; unit++) {
        if (largest[picture * units + unit]! > this.thresholds[unit]!) active.push(unit);
      }
      if (active.length === 0) continue;
      scoped(() => {
        const masks = this.grid.masks(start + picture);
        const own = tf.slice(map, [picture, 0, 0, 0], [1, -1, -1, -1]) as Tensor4D;
        for (let from = 0; from < active.length; from += UNITS_AT_ONCE) {
          const some = active.slice(from, from + UNITS_AT_ONCE);
          scoped(() => this.#count(start + picture, own, some, masks));
        }
      });
    }
  }

  #count(picture: number, own: Tensor4D, some: readonly number[], masks: Tensor): void {
    const { side, concepts } = this.grid;
    const chosen = tf.gather(own, tf.tensor1d([...some], "int32"), 3) as Tensor4D;
    const fits = chosen.shape[1] === side && chosen.shape[2] === side;
    // The middle of a place is the middle of what it stands for, as where maps are shown.
    const brought = fits ? chosen : tf.image.resizeBilinear(chosen, [side, side], false, true);
    const thresholds = tf.tensor1d(some.map((unit) => this.thresholds[unit]!));
    const on = tf.reshape(tf.cast(tf.greater(brought, thresholds), "float32"), [side * side, some.length]) as Tensor2D;
    this.#masks?.add(picture, some, on);
    const both = tf.matMul(on, masks as Tensor2D, true, false).dataSync<"float32">();
    const sizes = tf.sum(on, 0).dataSync<"float32">();
    some.forEach((unit, row) => {
      this.#on[unit]! += sizes[row]!;
      for (let concept = 0; concept < concepts.length; concept++) {
        this.#both[unit * concepts.length + concept]! += both[row * concepts.length + concept]!;
      }
    });
  }

  /** Where units are on in their top pictures, `[units, kept, ⌈places / 8⌉]`; null unless asked for. */
  get masks(): Uint8Array | null {
    return this.#masks?.bytes ?? null;
  }

  /** Intersection over union of each unit and concept, `[units, concepts]`; 0 where neither is anywhere. */
  get values(): Float32Array {
    const { sizes } = this.grid;
    return Float32Array.from(this.#both, (both, at) => {
      const union = this.#on[Math.floor(at / sizes.length)]! + sizes[at % sizes.length]! - both;
      return union === 0 ? 0 : both / union;
    });
  }
}
