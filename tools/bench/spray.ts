import * as tf from "@tensorflow/tfjs-core";
import { Command, InvalidArgumentError } from "commander";
import { spray } from "../../src/explainers/index.js";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { ConceptExplorer, loadImage, loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import { median, round } from "./peers/peer.js";

/*
 * `npm run bench -- spray`: how long SpRAy of many maps takes besides the maps themselves, clusters and layout, and whether it leaves anything
 * behind (`cpuMs` is the processors' time, which a busy machine does not stretch); and how long a channel's samples take to open in the concept explorer once the data set has passed. One JSON object a line.
 * Exit code 1 when tensors are left over.
 */

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 20) throw new InvalidArgumentError("It must be a whole number from 20 on.");
  return value;
};

/** Maps with an object somewhere near the middle; every tenth with a mark in the corner as well. */
function marked(count: number, side: number): { relevance: Float32Array; shape: number[] } {
  const random = seededRandom(1);
  const relevance = new Float32Array(count * side * side);
  for (let map = 0; map < count; map++) {
    const [y, x] = [0.4 + 0.2 * random.uniform(), 0.4 + 0.2 * random.uniform()].map((share) => share * side);
    for (let at = 0; at < side * side; at++) {
      const [row, column] = [Math.floor(at / side), at % side];
      const object = Math.exp(-((row - y!) ** 2 + (column - x!) ** 2) / (side / 4) ** 2);
      const mark = map % 10 === 3 && row < side / 6 && column < side / 3 ? 1.5 : 0;
      relevance[map * side * side + at] = object + mark + 0.1 * random.gaussian();
    }
  }
  return { relevance, shape: [count, side, side, 1] };
}

/** `npm run bench -- spray [--maps 1000] [--side 48] [--samples 200]` */
export async function main(argv: string[]): Promise<number> {
  const { maps, side, samples } = new Command("bench spray")
    .option("--maps <count>", "relevance maps", whole, 1000)
    .option("--side <pixels>", "of each", whole, 48)
    .option("--samples <count>", "samples that pass for the concept explorer", whole, 200)
    .parse(argv, { from: "user" })
    .opts<{ maps: number; side: number; samples: number }>();
  await startBackend();
  const data = marked(maps, side);
  let left = 0;
  for (const projection of ["umap", "none"] as const) {
    await spray({ projection })(marked(50, side));
    const [tensors, memory] = [tf.memory().numTensors, process.memoryUsage().rss];
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { suggested, sizes } = await spray({ projection })(data);
    const ms = round(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    left += tf.memory().numTensors - tensors;
    const grown = round((process.memoryUsage().rss - memory) / 2 ** 20);
    console.log(
      JSON.stringify({
        case: `spray, ${projection}`,
        maps,
        side,
        ms,
        cpuMs: round((user + system) / 1000),
        suggested,
        sizes,
        grownMB: grown,
      }),
    );
  }
  for (const [name, layer] of [
    ["planted-objects", undefined],
    ["efficientnet-lite0", "b11_project_bn"],
  ] as const) {
    const model = await loadModel(name);
    const photo = await loadImage("coffee.png", model.input);
    const [height, width, channels] = model.input.shape as [number, number, number];
    const count = name === "efficientnet-lite0" ? Math.min(samples, 24) : samples;
    const x = tf.tidy(() =>
      tf.clipByValue(
        tf.add(photo.tensor, tf.randomNormal([count, height, width, channels], 0, 0.3, "float32", 1)),
        -1,
        1,
      ),
    );
    const start = performance.now();
    const explorer = new ConceptExplorer({
      model,
      image: photo,
      data: { x },
      most: 8,
      ...(layer !== undefined && { layer }),
    });
    await explorer.settled();
    const passed = round(performance.now() - start);
    const opened: number[] = [];
    const whole: number[] = [];
    for (const { channel } of explorer.channels.slice(0, 8)) {
      const began = performance.now();
      explorer.channel = channel;
      do await explorer.next("crops");
      while (explorer.crops === null);
      opened.push(performance.now() - began);
      await explorer.settled();
      whole.push(performance.now() - began);
    }
    console.log(
      JSON.stringify({
        case: `channel of ${name}, ${explorer.layer}`,
        samples: count,
        passMs: passed,
        openMs: round(median(opened)),
        outlinedMs: round(median(whole)),
      }),
    );
    explorer.close();
    await explorer.settled();
    tf.dispose([x, photo.tensor]);
  }
  if (left > 0) console.error(`${left} tensors were left behind`);
  return left > 0 ? 1 : 0;
}
