import { seededRandom } from "../../../explainers/numerics/random.js";
import type { ImageInput } from "../../pictures/load-image.js";
import { packageFile } from "../../platform/files.js";
import { decodedPicture } from "../../platform/pictures.js";
import { byteSource, type ConceptPictures, inChannels, pictureShape } from "./concept-pictures.js";

/** Photographs of surfaces that are part of this package. */
const photographs = ["brick", "grass", "gravel"] as const;

/** Fields of one picture: each shows a part of one photograph. */
const FIELDS = 5;

/**
 * Mosaics of texture photographs (brick, grass, gravel) as a model takes them: each picture is parted into fields at random, and each field shows
 * one of the photographs, turned, enlarged and in a tint by chance, so that what is where is known exactly.
 */
export async function textureConcepts(
  input: ImageInput,
  { count = 200, seed = 0 }: { readonly count?: number; readonly seed?: number } = {},
): Promise<ConceptPictures> {
  const shape = pictureShape(input);
  const [height, width, channels] = shape;
  const photos = await Promise.all(
    photographs.map((name) => {
      const file = packageFile("photos", "concepts", "textures", `${name}.webp`);
      return decodedPicture(file, { gray: true }, async () => {
        const { default: sharp } = await import("sharp");
        const { data, info } = await sharp(file).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
        return { data, size: info.width, step: info.channels as number };
      });
    }),
  );
  const area = height * width;
  const pixels = new Uint8Array(count * area * channels);
  const map = new Uint8Array(count * area);
  const colors = new Float32Array(3 * area);
  for (let index = 0; index < count; index++) {
    const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    const fields = Array.from({ length: FIELDS }, () => {
      const angle = 2 * Math.PI * random.uniform();
      const scale = (0.4 + 0.8 * random.uniform()) / Math.max(height, width);
      return {
        ...{ x: random.uniform() * width, y: random.uniform() * height },
        texture: random.integer(photographs.length),
        ...{ cos: Math.cos(angle) * scale, sin: Math.sin(angle) * scale },
        shift: [random.uniform(), random.uniform()] as const,
        tint: [0, 1, 2].map(() => 0.7 + 0.5 * random.uniform()),
      };
    });
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let nearest = fields[0]!;
        let least = Number.POSITIVE_INFINITY;
        for (const field of fields) {
          const distance = (x - field.x) ** 2 + (y - field.y) ** 2;
          if (distance < least) [nearest, least] = [field, distance];
        }
        const { data, size, step } = photos[nearest.texture]!;
        const gray = data[mirrored(nearest.shift, nearest, x, y, size) * step]!;
        const place = y * width + x;
        for (let color = 0; color < 3; color++) colors[3 * place + color] = Math.min(255, gray * nearest.tint[color]!);
        map[index * area + place] = nearest.texture + 1;
      }
    }
    pixels.set(inChannels(colors, channels), index * area * channels);
  }
  return {
    x: await byteSource(pixels, shape, input),
    concepts: { "texture photo": [{ names: photographs, map }] },
    mapSize: [height, width],
    shape,
    pixels,
    names: Array.from({ length: count }, (_, index) => `textures ${index}`),
  };
}

/** Where in a photograph a place lies; beyond its edge it goes back, so that there is no seam. */
function mirrored(
  [right, down]: readonly [number, number],
  { cos, sin }: { readonly cos: number; readonly sin: number },
  x: number,
  y: number,
  size: number,
): number {
  const inside = (share: number) => {
    const there = ((share % 2) + 2) % 2;
    return Math.min(size - 1, Math.floor((there < 1 ? there : 2 - there) * size));
  };
  return inside(down + sin * x + cos * y) * size + inside(right + cos * x - sin * y);
}
