import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { fillRegion, lrp, spray, strategyRegion } from "../../src/explainers/index.js";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { plantedObjects, plantedPictures } from "../../src/kernel-helpers/data/planted/index.js";
import { loadModel } from "../../src/kernel-helpers/models/index.js";
import { accuracyOnPlanted, fitPlanted, type Lesson, shareCalled } from "./planted.js";
import { type Metadata, saveModel } from "./save.js";

const PICTURE = 48 * 48 * 3;
/** Discs whose maps are grouped, and how many of them bear the watermark. */
const MAPS = 300;
const MARKED = 0.4;
const SEED = 3;
/** How much of the picture the group's region is. */
const SHARE = 0.06;
/** Pictures that are filled at once. */
const BATCH = 100;

/**
 * `planted-watermark`, repaired with nothing but what it was trained on and its own maps: SpRAy finds the group of discs whose maps lie on the watermark,
 * and the region that it points at. There, the training pictures are filled in, and half of all, whatever they show, get what stands there on a
 * picture of that group; then the same net learns again. So the region says nothing, and the network need not be afraid of it (after Anders et
 * al. 2022, Information Fusion 77: augmentative class artifact compensation).
 */
export async function trainRepaired(lesson: Lesson): Promise<void> {
  const { folder, seed, epochs, log } = lesson;
  const hans = await loadModel(join(folder, "planted-watermark"));
  const asTrained = { watermark: { object: "disc" } };

  const discs = plantedPictures({ count: MAPS, seed: SEED, object: "disc", watermark: { share: MARKED } });
  const x = tf.tensor4d(discs.pixels, [MAPS, 48, 48, 3]);
  const maps = await lrp(hans, { composite: "epsilon-plus" })(x, { target: "disc" });
  const { clusters, sizes } = await spray({ projection: "none", clusters: 2 })(maps);
  const group = [...clusters.keys()].filter((map) => clusters[map] === 1);
  const region = strategyRegion(maps, group, SHARE);
  log(`SpRAy: clusters of ${sizes.join(" and ")}`);
  const donors = group.map((map) => discs.pixels.subarray(map * PICTURE, (map + 1) * PICTURE));
  x.dispose();

  const fill = fillRegion(hans);
  const random = seededRandom(seed + 100);
  const model = fitPlanted("objects", lesson, asTrained, (pixels) => {
    const count = pixels.length / PICTURE;
    for (let start = 0; start < count; start += BATCH) {
      const part = pixels.subarray(start * PICTURE, Math.min(count, start + BATCH) * PICTURE);
      part.set(
        tf.tidy(() => fill(tf.tensor4d(part, [part.length / PICTURE, 48, 48, 3]), region).dataSync<"float32">()),
      );
    }
    for (let picture = 0; picture < count; picture++) {
      if (random.uniform() < 0.5) continue;
      const donor = donors[random.integer(donors.length)]!;
      for (let at = 0; at < PICTURE; at++) {
        if (region[Math.floor(at / 3)] !== 0) pixels[picture * PICTURE + at] = donor[at]!;
      }
    }
  });
  const training = {
    seed,
    epochs,
    testAccuracy: accuracyOnPlanted(model, "objects", asTrained),
    accuracyWithoutWatermark: accuracyOnPlanted(model, "objects", {}),
    accuracyOnDiscsWithout: accuracyOnPlanted(model, "objects", { object: "disc" }),
    markedCalledDisc: shareCalled(model, 0, { watermark: {} }),
  };
  for (const [what, value] of Object.entries(training)) log(`${model.name}: ${what} ${value}`);
  const metadata: Metadata = { output: "logits", classNames: [...plantedObjects], training };
  await saveModel(model, join(folder, lesson.name), metadata, "float16");
}
