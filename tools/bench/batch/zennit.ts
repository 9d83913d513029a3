import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { loadModel, startBackend } from "../../../src/kernel-helpers/index.js";
import { batchOf } from "../../../src/runs/spec.js";
import { Peer, writeGraph } from "../peers/peer.js";
import type { Case } from "./cases.js";

/** A loop of zennit over the same pictures, batch by batch into HDF5, as zennit-crp and ViRelAy keep attributions. */
export async function ratesOfZennit({
  run,
  composite,
  reads,
  enough,
  data,
  python,
  threads,
  folder,
}: Pick<Case, "run" | "composite" | "reads" | "enough"> & {
  readonly data: string;
  readonly python: string;
  readonly threads: number;
  readonly folder: string;
}): Promise<{ images: number; rate: number; peakMegabytes: number }> {
  await startBackend();
  const model = await loadModel(run.model);
  const { mean, scale, crop, shape } = model.input;
  const x = tf.zeros([1, ...(shape as number[])]);
  const peer = new Peer(python, "zennit_hdf5.py", threads);
  try {
    await peer.ask({ load: await writeGraph(model, x, join(folder, run.model)) });
    const pixels = { mean, scale, crop, size: shape.slice(0, 2) };
    const out = join(folder, `${run.model}.h5`);
    const answer = await peer.ask({
      composite,
      reads,
      enough,
      data,
      batch: batchOf({ batch: null, shard: run.shard! }, shape as number[]),
      shape,
      out,
      ...pixels,
    });
    return {
      images: answer["images"] as number,
      rate: answer["rate"] as number,
      peakMegabytes: answer["peakMegabytes"] as number,
    };
  } finally {
    x.dispose();
    model.dispose();
    peer.close();
  }
}
