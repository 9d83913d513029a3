import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, ParameterError } from "../../errors.js";

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
  /** By kind: color, texture, part … A pixel has one concept of each kind at most. */
  readonly concepts: Readonly<Record<string, ConceptMap>>;
  /** Height and width of the maps; by default those of the pictures. */
  readonly mapSize?: readonly [number, number];
}

export interface PictureSource {
  readonly count: number;
  readonly take: (start: number, count: number) => Tensor;
}

export interface Concept {
  readonly kind: string;
  readonly name: string;
}

/** Concepts on a grid of `side × side` places, each of which has what is in its middle. */
export class ConceptGrid {
  readonly concepts: readonly Concept[];
  readonly #maps: readonly { readonly map: ArrayLike<number>; readonly first: number; readonly names: number }[];
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
    const kinds = Object.entries(concepts);
    if (kinds.length === 0) throw new ParameterError("concepts", describe(concepts), "at least one kind of concepts");
    const [height, width] = mapSize ?? [picture[0]!, picture[1]!];
    this.#area = height * width;
    this.concepts = kinds.flatMap(([kind, { names }]) => names.map((name) => ({ kind, name })));
    let first = 0;
    this.#maps = kinds.map(([kind, { names, map }]) => {
      if (map.length !== count * this.#area) {
        const wanted = `${count * this.#area} entries, one for each of ${count} × ${height} × ${width} pixels`;
        throw new ParameterError(`concepts.${kind}.map`, `${map.length} entries`, wanted);
      }
      const from = first;
      first += names.length;
      return { map, first: from, names: names.length };
    });
    this.#places = new Int32Array(side * side);
    for (let row = 0; row < side; row++) {
      const y = Math.floor(((row + 0.5) * height) / side);
      for (let column = 0; column < side; column++) {
        this.#places[row * side + column] = y * width + Math.floor(((column + 0.5) * width) / side);
      }
    }
    this.sizes = new Float64Array(first);
    for (let index = 0; index < count; index++) this.#each(index, (_, concept) => void this.sizes[concept]!++);
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
    for (const { map, first, names } of this.#maps) {
      for (let place = 0; place < this.#places.length; place++) {
        const entry = map[picture * this.#area + this.#places[place]!]!;
        if (entry === 0) continue;
        if (!(Number.isInteger(entry) && entry > 0 && entry <= names)) {
          throw new ParameterError("concepts", entry, `0 or the number of a name, 1 to ${names}, in every map`);
        }
        visit(place, first + entry - 1);
      }
    }
  }
}
