import { createRequire } from "node:module";
import { cpus } from "node:os";
import type { Tensor } from "@tensorflow/tfjs-core";
import { modelKey } from "../../explainers/concepts/data-pass/key.js";
import type { Attribution, Method } from "../../explainers/index.js";
import { hashOf } from "../../explainers/numerics/hash.js";
import type { LoadedModel } from "../../kernel-helpers/models/index.js";
import type { RunRecord } from "../../kernel-helpers/relevance/record.js";
import { backendInfo, tensorflow } from "../../kernel-helpers/tensorflow/backend.js";
import type { DataSource } from "../sources/source.js";
import type { RunSpec } from "../spec.js";

const { version } = createRequire(import.meta.url)("limpid/package.json") as { version: string };

interface Facts {
  readonly spec: RunSpec;
  readonly model: LoadedModel;
  readonly method: Method;
  /** What the method was given, tensors as they are. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly source: DataSource;
  readonly attribution: Attribution;
  /** Samples that are explained together. */
  readonly batch: number;
  /** A sample, by which a model without weights of its own is told from others. */
  readonly first: Float32Array;
  readonly count: number;
}

/** What a store says of its run. */
export async function recordOf({
  spec,
  batch,
  model,
  method,
  parameters,
  source,
  attribution,
  first,
  count,
}: Facts): Promise<RunRecord> {
  const tf = await tensorflow();
  const example = tf.tensor(first, [1, ...source.shape]);
  const info = backendInfo()!;
  const library = info.libraryVersion === undefined ? "" : ` (${info.libraryVersion})`;
  try {
    return {
      format: "limpid-run-1",
      model: {
        name: model.name,
        source: withoutSecrets(spec.model),
        key: modelKey(model, () => example.clone()),
        crop: model.input.crop,
      },
      method: {
        id: method.id,
        name: method.name,
        reference: method.reference,
        given: plain(spec.parameters),
        parameters: { ...plain(attribution.parameters), ...(await tensorsOf(parameters)) },
      },
      target: spec.target,
      data: { name: source.name, source: withoutSecrets(spec.data), count, key: dataKey(source, count) },
      shard: spec.shard,
      batch,
      mantissaBits: spec.mantissaBits,
      result: method.result,
      signed: method.signed,
      additive: attribution.additive,
      channels: attribution.channels,
      made: {
        date: new Date().toISOString(),
        limpid: version,
        backend: `${info.name} ${info.version}${library}`,
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
        cpu: cpus()[0]?.model ?? "unknown",
        threads: spec.threads,
      },
    };
  } finally {
    example.dispose();
  }
}

/** An address without user, password and what follows a question mark; a path as it is. */
function withoutSecrets(place: string): string {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(place)) return place;
  const url = new URL(place);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** As JSON keeps it: what is no plain value is named by its kind. */
const plain = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(values, (_, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ),
  ) as Record<string, unknown>;

/** Tensors by their shape and a key of their values, which tells one baseline from another. */
async function tensorsOf(parameters: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const tf = await tensorflow();
  const tensors = Object.entries(parameters).filter(([, value]) => value instanceof tf.Tensor) as [string, Tensor][];
  return Object.fromEntries(
    await Promise.all(
      tensors.map(async ([name, tensor]) => {
        const values = (await tensor.data()) as Float32Array | Int32Array | Uint8Array;
        return [name, { shape: tensor.shape, key: hex(hashOf(values)) }];
      }),
    ),
  );
}

const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, "0");

/** Of the names and the shape of all samples; what is in them is compared sample by sample, since what failed may be mended. */
function dataKey(source: DataSource, count: number): string {
  const encoder = new TextEncoder();
  let hash = hashOf(encoder.encode(`${count} × [${source.shape.join(", ")}]`));
  for (let at = 0; at < count; at++) hash = hashOf(encoder.encode(`\n${source.id(at)}`), hash);
  return hex(hash);
}
