import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, ParameterError } from "../../errors.js";
import type { PictureSource } from "../picture-source.js";

/** Of one kind of concepts, which one is at which pixel. */
export interface ConceptMap {
  readonly names: readonly string[];
  /** `[pictures, height, width]`: 0 where there is none, else one more than the index of its name. */
  readonly map: ArrayLike<number>;
}

/** Pictures of which is known what they show, pixel by pixel. */
export interface LabeledPictures {
  /** `[pictures, …input]`, or what gives a part of them, which is disposed of after use. */
  readonly x: Tensor | PictureSource;
  /** By kind: color, texture, part … A pixel has one concept of each map at most; where concepts of a kind overlap, it has several maps. */
  readonly concepts: Readonly<Record<string, ConceptMap | readonly ConceptMap[]>>;
  /** Height and width of the maps; by default those of the pictures. */
  readonly mapSize?: readonly [number, number];
}

export interface Concept {
  readonly kind: string;
  readonly name: string;
}

/** Concepts on a grid of `side × side` places, each of which has what is in its middle. */
export class ConceptGrid {
  readonly concepts: readonly Concept[];
  /** Each with the concepts that its numbers 1, 2, … stand for. */
  readonly #maps: readonly { readonly map: ArrayLike<number>; readonly numbers: readonly number[] }[];
  readonly #places: Int32Array;
  readonly #area: number;
  /** How many places each concept has in all pictures. */
  readonly sizes: Float64Array;

  /** @throws ParameterError where a map does not fit the pictures or its names */
  constructor(
    { concepts, mapSize }: LabeledPictures,
    readonly count: number,
    picture: readonly number[],
    readonly side: number,
  ) {
    const kinds = Object.entries(concepts).flatMap(([kind, maps]) => listOf(maps).map((map) => [kind, map] as const));
    if (kinds.length === 0) throw new ParameterError("concepts", describe(concepts), "at least one kind of concepts");
    const [height, width] = mapSize ?? [picture[0]!, picture[1]!];
    this.#area = height * width;
    const found: Concept[] = [];
    const known = new Map<string, number>();
    // A name that several maps of a kind have is one concept.
    const numberOf = (kind: string, name: string): number => {
      const key = JSON.stringify([kind, name]);
      const number = known.get(key) ?? found.push({ kind, name }) - 1;
      known.set(key, number);
      return number;
    };
    this.#maps = kinds.map(([kind, { names, map }]) => {
      if (map.length !== count * this.#area) {
        const wanted = `${count * this.#area} entries, one for each of ${count} × ${height} × ${width} pixels`;
        throw new ParameterError(`concepts.${kind}.map`, `${map.length} entries`, wanted);
      }
      return { map, numbers: names.map((name) => numberOf(kind, name)) };
    });
    this.concepts = found;
    this.#places = new Int32Array(side * side);
    for (let row = 0; row < side; row++) {
      const y = Math.floor(((row + 0.5) * height) / side);
      for (let column = 0; column < side; column++) {
        this.#places[row * side + column] = y * width + Math.floor(((column + 0.5) * width) / side);
      }
    }
    this.sizes = new Float64Array(found.length);
    // Where two maps say the same of a place it counts once.
    const latest = new Int32Array(this.#places.length * found.length).fill(-1);
    for (let index = 0; index < count; index++) {
      this.#each(index, (place, concept) => {
        const at = place * found.length + concept;
        if (latest[at] !== index) this.sizes[concept]!++;
        latest[at] = index;
      });
    }
  }

  /** What of a picture is where: `[places, concepts]` of ones and zeros. */
  masks(picture: number): Tensor {
    const all = this.concepts.length;
    const values = new Float32Array(this.#places.length * all);
    this.#each(picture, (place, concept) => {
      values[place * all + concept] = 1;
    });
    return tf.tensor2d(values, [this.#places.length, all]);
  }

  #each(picture: number, visit: (place: number, concept: number) => void): void {
    for (const { map, numbers } of this.#maps) {
      for (let place = 0; place < this.#places.length; place++) {
        const entry = map[picture * this.#area + this.#places[place]!]!;
        if (entry === 0) continue;
        const concept = numbers[entry - 1];
        if (concept === undefined) {
          const wanted = `0 or the number of a name, 1 to ${numbers.length}, in every map`;
          throw new ParameterError("concepts", entry, wanted);
        }
        visit(place, concept);
      }
    }
  }
}

const listOf = (maps: ConceptMap | readonly ConceptMap[]): readonly ConceptMap[] => ("names" in maps ? [maps] : maps);
