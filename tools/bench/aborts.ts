import * as tf from "@tensorflow/tfjs-core";
import { Command } from "commander";
import {
  AbortedError,
  gradientTimesInput,
  type Measurer,
  type Model,
  measures,
  ParameterError,
} from "../../src/explainers/index.js";
import { loadImage, loadModel, startBackend } from "../../src/kernel-helpers/index.js";

/*
 * `npm run bench -- aborts`: how long every measure runs on once it is aborted in its midst, of two photographs through EfficientNet-lite0. One
 * JSON object a line: how late the abort came through (what ran blocks the timer that sends it), and how long the end took from there. Exit code
 * 1 where the two together exceed `--limit`; on a busy machine everything is late.
 */

/** `npm run bench -- aborts [--measures …] [--after 1500] [--limit 1000]` */
export async function main(argv: string[]): Promise<number> {
  const known: string[] = measures.map(({ id }) => id);
  const options = new Command("aborts")
    .description("abort every measure in its midst")
    .option("--measures <names>", "by default all", (text) => text.split(","), known)
    .option("--after <ms>", "when it is aborted", Number, 1500)
    .option("--limit <ms>", "what is too long", Number, 1000)
    .parse(argv, { from: "user" })
    .opts<{ measures: string[]; after: number; limit: number }>();
  for (const name of options.measures) {
    if (!known.includes(name)) throw new ParameterError("--measures", name, known.join(", "));
  }
  await startBackend();
  const model = await loadModel("efficientnet-lite0");
  const photo = (await loadImage("chelsea.png", model.input)).tensor;
  const x = tf.tile(photo, [2, 1, 1, 1]);
  const masks = tf.ones([2, ...x.shape.slice(1, 3)]);
  const explain = (other: Model) => gradientTimesInput(other);
  const evidence = { x, attribution: await explain(model)(x), explain, masks, model };
  let slowest = { measure: "none", ms: 0 };
  for (const measure of measures.filter(({ id }) => options.measures.includes(id))) {
    if (!measure.inputs.includes("image")) continue;
    const make = measure as (model: Model, options: object) => Measurer;
    const measured = make(model, measure.id === "input-dependence" ? { without: x } : {});
    const controller = new AbortController();
    const start = performance.now();
    let sent = Number.NaN;
    const timer = setTimeout(() => {
      sent = performance.now();
      controller.abort();
    }, options.after);
    const isDone = await measured(evidence, { signal: controller.signal, onProgress: () => {} }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof AbortedError) return false;
        throw error;
      },
    );
    clearTimeout(timer);
    const late = Math.round(sent - start - options.after);
    const end = Math.round(performance.now() - sent);
    console.log(
      JSON.stringify(
        isDone
          ? { measure: measure.id, doneAfterMs: Math.round(performance.now() - start) }
          : { measure: measure.id, lateMs: late, endMs: end },
      ),
    );
    if (!isDone && late + end > slowest.ms) slowest = { measure: measure.id, ms: late + end };
  }
  console.log(JSON.stringify({ slowest }));
  tf.dispose([photo, x, masks]);
  model.dispose();
  return slowest.ms <= options.limit ? 0 : 1;
}
