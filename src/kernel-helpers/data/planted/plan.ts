import { type Random, seededRandom } from "../../../explainers/numerics/random.js";
import { PAINTS } from "./colors.js";
import { plantedObjects } from "./shapes.js";
import { plantedScenes, type TextureLay } from "./textures.js";
import { WATERMARK_HEIGHT, WATERMARK_WIDTH } from "./watermark.js";

/** All that chance decides of one picture. Lengths are shares of its side, so that it is the same picture in every size. */
export interface PicturePlan {
  object: number;
  scene: number;
  readonly objectColor: number;
  readonly sceneColors: readonly [number, number];
  /** Brightness of each of the three colors, around 1. */
  readonly brightness: readonly [number, number, number];
  readonly center: readonly [number, number];
  readonly radius: number;
  /** Radians. */
  readonly angle: number;
  readonly hasCore: boolean;
  readonly texture: TextureLay;
  /** In [0, 1): a picture is watermarked where this is below the wanted share. */
  readonly watermarkDraw: number;
  readonly noiseSeed: number;
}

/** The plan of picture `index`: it depends on nothing but `seed` and `index`. */
export function planOf(seed: number, index: number): PicturePlan {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const colors = random.permutation(PAINTS);
  const radius = between(0.2, 0.3);
  return {
    object: random.integer(plantedObjects.length),
    scene: random.integer(plantedScenes.length),
    objectColor: colors[0]!,
    sceneColors: [colors[1]!, colors[2]!],
    brightness: [between(0.85, 1), between(0.75, 1), between(0.75, 1)],
    center: freeCenter(random, radius),
    radius,
    angle: between(0, 2 * Math.PI),
    hasCore: random.uniform() < 0.5,
    texture: {
      angle: between(0, 2 * Math.PI),
      period: between(0.14, 0.26),
      phase: [random.uniform(), random.uniform()],
      seed: random.integer(2 ** 31),
    },
    watermarkDraw: random.uniform(),
    noiseSeed: random.integer(2 ** 31),
  };
}

/** Where an object lies whole in the picture and clear of the watermark's corner, drawn there or not. */
function freeCenter(random: Random, radius: number): [number, number] {
  for (;;) {
    const x = radius + (1 - 2 * radius) * random.uniform();
    const y = radius + (1 - 2 * radius) * random.uniform();
    if (x - radius > WATERMARK_WIDTH || y + radius < 1 - WATERMARK_HEIGHT) return [x, y];
  }
}
