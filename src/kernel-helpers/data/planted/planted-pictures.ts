import { ParameterError } from "../../../explainers/errors.js";
import { seededRandom } from "../../../explainers/numerics/random.js";
import { nearest } from "../../../explainers/suggestions.js";
import { colorNames, type Rgb, rgbOf, WHITE } from "./colors.js";
import { type PicturePlan, planOf } from "./plan.js";
import { partAt, partNames, plantedObjects } from "./shapes.js";
import { isSecondColor, plantedScenes } from "./textures.js";
import { isInk } from "./watermark.js";

/** Kinds of concepts that are known of every pixel. */
export const conceptKinds = ["color", "texture", "shape", "part"] as const;
export type ConceptKind = (typeof conceptKinds)[number];

/** Of one kind, which concept is at which pixel. */
interface ConceptMap {
  readonly names: readonly string[];
  /** `count · size · size` entries: 0 where there is none, else one more than the index of its name. */
  readonly map: Uint8Array<ArrayBuffer>;
}

/** Pictures of which is known, pixel by pixel, what they show. */
export interface PlantedPictures {
  readonly count: number;
  readonly size: number;
  /** `[count, size, size, 3]`, row by row, red, green, blue in 0…1. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** Of each picture, the index of its object in `plantedObjects`, whether it was pasted or not. */
  readonly objects: Uint8Array<ArrayBuffer>;
  /** Of each picture, the index of its background in `plantedScenes`. */
  readonly scenes: Uint8Array<ArrayBuffer>;
  /** 1 where a picture bears the watermark. */
  readonly watermarked: Uint8Array<ArrayBuffer>;
  /** `[count, size, size]` each: 1 where a pixel belongs to the object, or to the ink of the watermark. */
  readonly masks: { readonly object: Uint8Array<ArrayBuffer>; readonly watermark: Uint8Array<ArrayBuffer> };
  readonly concepts: Readonly<Record<ConceptKind, ConceptMap>>;
}

/** What `plantedPictures` makes; a picture depends on the seed and on its place in it, and on these alone. */
export interface PlantedOptions {
  /** Default 100. */
  readonly count?: number;
  /** Pixels a side, default 48, the size that the built-in models take. */
  readonly size?: number;
  /** Default 0. The models were trained on seed 1 and tested on seed 2. */
  readonly seed?: number;
  /** The place of the first picture among all of this seed, default 0. */
  readonly start?: number;
  /** The same object in all pictures, by name; `false` for backgrounds alone. By default each picture has one by chance. */
  readonly object?: string | false;
  /** The same texture behind all objects, by name. By default by chance, independently of the object. */
  readonly scene?: string;
  /** By default no picture has one. */
  readonly watermark?: WatermarkOptions;
  /** Standard deviation of the Gaussian noise of all pixels, default 0.03. */
  readonly noise?: number;
}

interface WatermarkOptions {
  /** How much of the ink covers what is below, 0 to 1, default 1. */
  readonly strength?: number;
  /** The object whose pictures bear it, by name; by default pictures of all objects. */
  readonly object?: string;
  /** Share of these pictures that bear it, 0 to 1, default 1. */
  readonly share?: number;
}

/**
 * Pictures with planted truth: one object of six shapes, in a random color, place, size and turn, pasted on one of six textures, and
 * in a corner a watermark if wanted. Object and texture are drawn independently, so what a network that tells one of them from others
 * looks at is known. Same seed, same pictures: other options change what they name and no pixel besides, which makes pairs with and
 * without an object or a watermark.
 *
 * After BAM (Yang & Kim 2019, “Benchmarking Attribution Methods with Relative Feature Importance”), which pastes photographed objects
 * on photographed scenes.
 *
 * @throws ParameterError
 * @example const { pixels, objects, masks } = plantedPictures({ count: 16, seed: 5 });
 */
export function plantedPictures(options: PlantedOptions = {}): PlantedPictures {
  const { count, size, seed, start, object, scene, watermark, noise } = checked(options);
  const made: PlantedPictures = {
    count,
    size,
    pixels: new Float32Array(count * size * size * 3),
    objects: new Uint8Array(count),
    scenes: new Uint8Array(count),
    watermarked: new Uint8Array(count),
    masks: { object: new Uint8Array(count * size * size), watermark: new Uint8Array(count * size * size) },
    concepts: {
      color: { names: colorNames, map: new Uint8Array(count * size * size) },
      texture: { names: plantedScenes, map: new Uint8Array(count * size * size) },
      shape: { names: plantedObjects, map: new Uint8Array(count * size * size) },
      part: { names: partNames, map: new Uint8Array(count * size * size) },
    },
  };
  for (let index = 0; index < count; index++) {
    const plan = planOf(seed, start + index);
    if (typeof object === "number") plan.object = object;
    if (scene !== undefined) plan.scene = scene;
    const isMarked =
      watermark !== undefined &&
      (watermark.object === undefined || watermark.object === plan.object) &&
      plan.watermarkDraw < watermark.share;
    made.objects[index] = plan.object;
    made.scenes[index] = plan.scene;
    made.watermarked[index] = Number(isMarked);
    draw(made, index, plan, object !== false, isMarked ? watermark.strength : 0, noise);
  }
  return made;
}

/** The pixels of one concept: `[count, size, size]`, 1 where it is; `conceptMask(pictures, "texture", "stripes")`. */
export function conceptMask(pictures: PlantedPictures, kind: ConceptKind, name: string): Uint8Array<ArrayBuffer> {
  if (!conceptKinds.includes(kind)) throw new ParameterError("kind", kind, `one of ${conceptKinds.join(", ")}`);
  const { names, map } = pictures.concepts[kind];
  const wanted = indexOf("name", name, names) + 1;
  return map.map((concept) => Number(concept === wanted));
}

/** Paints picture `index` and writes down what is where. */
function draw(
  { size, pixels, masks, concepts }: PlantedPictures,
  index: number,
  plan: PicturePlan,
  hasObject: boolean,
  watermark: number,
  noise: number,
): void {
  const paints = [plan.objectColor, ...plan.sceneColors].map((color, place) =>
    shade(rgbOf(color), plan.brightness[place]!),
  );
  const rim = shade(paints[0]!, 0.45);
  const white = rgbOf(WHITE);
  const random = seededRandom(plan.noiseSeed);
  const [cos, sin] = [Math.cos(plan.angle), Math.sin(plan.angle)];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = (index * size + row) * size + column;
      // Middle of the pixel: its edges are not smoothed, so that each belongs to one thing.
      const x = (column + 0.5) / size;
      const y = (row + 0.5) / size;
      const dx = (x - plan.center[0]) / plan.radius;
      const dy = (y - plan.center[1]) / plan.radius;
      const part = hasObject ? partAt(plan.object, dx * cos + dy * sin, dy * cos - dx * sin, plan.hasCore) : -1;
      let rgb: Rgb;
      let color: number;
      if (part >= 0) {
        rgb = part === 2 ? white : part === 1 ? rim : paints[0]!;
        color = part === 2 ? WHITE : plan.objectColor;
        masks.object[at] = 1;
        concepts.shape.map[at] = plan.object + 1;
        concepts.part.map[at] = part + 1;
      } else {
        const second = Number(isSecondColor(plan.scene, plan.texture, x, y));
        rgb = paints[1 + second]!;
        color = plan.sceneColors[second]!;
        concepts.texture.map[at] = plan.scene + 1;
      }
      if (watermark > 0 && isInk(x, y)) {
        const below = rgb;
        rgb = white.map((ink, channel) => below[channel]! + watermark * (ink - below[channel]!)) as unknown as Rgb;
        masks.watermark[at] = 1;
        if (watermark > 0.5) color = WHITE;
      }
      concepts.color.map[at] = color + 1;
      for (let channel = 0; channel < 3; channel++) {
        const value = rgb[channel]! + noise * random.gaussian();
        pixels[at * 3 + channel] = Math.min(1, Math.max(0, value));
      }
    }
  }
}

const shade = ([red, green, blue]: Rgb, by: number): Rgb => [red * by, green * by, blue * by];

function checked(options: PlantedOptions) {
  const { count = 100, size = 48, seed = 0, start = 0, object, scene, watermark, noise = 0.03 } = options;
  expect("count", count, Number.isInteger(count) && count >= 1, "a whole number of at least 1");
  expect("size", size, Number.isInteger(size) && size >= 16, "a whole number of at least 16");
  expect("seed", seed, Number.isInteger(seed), "a whole number");
  expect("start", start, Number.isInteger(start) && start >= 0, "a whole number of at least 0");
  expect("noise", noise, noise >= 0 && noise <= 1, "a number from 0 to 1");
  return {
    count,
    size,
    seed,
    start,
    noise,
    object: object === undefined || object === false ? object : indexOf("object", object, plantedObjects),
    scene: scene === undefined ? undefined : indexOf("scene", scene, plantedScenes),
    watermark: watermark && checkedWatermark(watermark),
  };
}

function checkedWatermark({ strength = 1, object, share = 1 }: WatermarkOptions) {
  expect("watermark.strength", strength, strength >= 0 && strength <= 1, "a number from 0 to 1");
  expect("watermark.share", share, share >= 0 && share <= 1, "a number from 0 to 1");
  return {
    strength,
    share,
    object: object === undefined ? undefined : indexOf("watermark.object", object, plantedObjects),
  };
}

function expect(name: string, value: unknown, holds: boolean, range: string): void {
  if (!holds) throw new ParameterError(name, value, range);
}

function indexOf(parameter: string, name: string, names: readonly string[]): number {
  const index = names.indexOf(name);
  if (index < 0) throw new ParameterError(parameter, name, `one of ${names.join(", ")}`, nearest(String(name), names));
  return index;
}
