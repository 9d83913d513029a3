import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import { dissect, release } from "../../src/explainers/index.js";
import { loadConcepts, loadModel, startBackend } from "../../src/kernel-helpers/index.js";
import { round } from "./peers/peer.js";

/*
 * `npm run bench -- dissection`: network dissection of all layers of EfficientNet-lite0, with how far memory grew between the first
 * and the last batch of each pass. One JSON object.
 */

const MEBI = 2 ** 20;

/** `npm run bench -- dissection [--model efficientnet-lite0] [--pictures 500] [--data planted,textures]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("dissection")
    .description("time the dissection of all layers of a network")
    .option("--model <model>", "name or path of a model", "efficientnet-lite0")
    .option("--pictures <count>", "how many labeled pictures", Number, 500)
    .option("--data <names>", "planted, textures, nuclei or folders", "planted,textures")
    .option("--rotated", "with the control by a random rotation")
    .parse(argv, { from: "user" })
    .opts<{ model: string; pictures: number; data: string; rotated?: boolean }>();
  await startBackend();
  const model = await loadModel(options.model);
  const sources = options.data.split(",");
  const began = performance.now();
  const pictures = await loadConcepts(sources, model.input, { count: Math.ceil(options.pictures / sources.length) });
  const drawn = performance.now() - began;
  const [memory, tensors]: [number[], number[]] = [[], []];
  const [start, before] = [performance.now(), process.cpuUsage()];
  const { layers, warnings } = await dissect(model, { rotated: options.rotated === true, keptMasks: 4 })(pictures, {
    onProgress: () => {
      memory.push(process.memoryUsage().rss / MEBI);
      tensors.push(tf.memory().numTensors);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  // After the first batches buffers are there; what comes later is growth.
  const [early, late] = [memory[Math.min(5, memory.length - 1)]!, memory.at(-1)!];
  console.log(
    JSON.stringify({
      case: model.name,
      pictures: pictures.x.count,
      layers: layers.length,
      units: layers.reduce((sum, { units }) => sum + units.length, 0),
      rotated: options.rotated === true,
      threads: availableParallelism(),
      seconds: round(seconds),
      // Of all threads: on a machine with other things to do the seconds say little.
      processorSeconds: round((user + system) / 1e6),
      drawingSeconds: round(drawn / 1000),
      megabytes: { early: Math.round(early), most: Math.round(Math.max(...memory)), late: Math.round(late) },
      tensorsGrown: tensors.at(-1)! - tensors[0]!,
      sampled: warnings.some((warning) => warning.startsWith("Thresholds")),
    }),
  );
  release(model);
  model.dispose();
  return 0;
}
