import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { LimpidError } from "../../src/explainers/errors.js";
import { release } from "../../src/explainers/index.js";
import type { Adapters, CaseContext, Computed } from "./adapter.js";
import { captum } from "./captum.js";
import { captumConcepts } from "./captum-concepts.js";
import { captumMetrics } from "./captum-metrics.js";
import { type GoldenCase, type GoldenModel, readIndex } from "./format.js";
import { lrpForLstm } from "./lstm.js";
import { lxt } from "./lxt.js";
import { buildModel, tensorOf } from "./model.js";
import { watched } from "./parameters.js";
import { captumPerturbation, lime, shap } from "./perturbation.js";
import { quantusComplexity } from "./quantus-complexity.js";
import { captumExplaining, quantusExplaining } from "./quantus-explaining.js";
import { quantusFaithfulness } from "./quantus-faithfulness.js";
import { quantusLocalization } from "./quantus-localization.js";
import { GoldensError, readSafetensors, type StoredTensor } from "./safetensors.js";
import { zennit } from "./zennit.js";
import { zennitCrp } from "./zennit-crp.js";

/** Adapters by peer; a method that is not in them is skipped, and named. */
const peers: Readonly<Record<string, Adapters>> = {
  zennit,
  "zennit-crp": zennitCrp,
  captum: { ...captum, ...captumPerturbation, ...captumConcepts, ...captumMetrics, ...captumExplaining },
  lime,
  shap,
  LRP_for_LSTM: lrpForLstm,
  lxt,
  quantus: {
    ...quantusFaithfulness,
    ...quantusComplexity,
    ...quantusExplaining,
    ...quantusLocalization,
  },
};

/** What became of one case. */
export type Verdict =
  | { readonly golden: GoldenCase; readonly outcome: "passed" }
  | { readonly golden: GoldenCase; readonly outcome: "failed" | "skipped"; readonly reason: string };

/** Checks every case of a folder (of one peer, if named, and one of so many, if asked) and hands over each verdict as it comes. */
export async function* checkGoldens(
  folder: string,
  { peer, oneOf = 1 }: { peer?: string; oneOf?: number } = {},
): AsyncGenerator<Verdict> {
  const index = await readIndex(folder);
  const known = [...new Set(index.cases.map((golden) => golden.peer))];
  if (peer !== undefined && !known.includes(peer)) {
    throw new GoldensError(`No case is from "${peer}"; there are ${known.join(", ")}.`);
  }
  const selected = index.cases
    .filter((golden) => peer === undefined || golden.peer === peer)
    .filter((_, at) => at % oneOf === 0);
  for (const name of new Set(selected.map((golden) => golden.model))) {
    const cases = selected.filter((golden) => golden.model === name);
    const subject = await subjectOf(folder, name, index.models[name]).catch((error: unknown) => error);
    for (const golden of cases) yield await check(golden, subject);
    if (subject instanceof Subject) subject.dispose();
  }
}

/** A model of the index and the tensors beside it. */
class Subject {
  #model: LayersModel | undefined;

  constructor(
    readonly description: GoldenModel,
    readonly stored: ReadonlyMap<string, StoredTensor>,
  ) {}

  /** Built when first asked for: some cases need none. */
  readonly model = (): LayersModel => (this.#model ??= buildModel(this.description, this.stored));

  dispose(): void {
    if (this.#model === undefined) return;
    release(this.#model);
    this.#model.dispose();
  }
}

async function subjectOf(folder: string, name: string, description: GoldenModel | undefined): Promise<Subject> {
  if (description === undefined) throw new GoldensError(`The index does not describe a model ${name}.`);
  return new Subject(description, await readSafetensors(join(folder, description.file)));
}

/** `subject` may be the error that came instead of one. */
async function check(golden: GoldenCase, subject: unknown): Promise<Verdict> {
  if (golden.usable === false)
    return { golden, outcome: "skipped", reason: `unusable: ${golden.warning ?? "by the index"}` };
  // Some names of methods count the coalitions of their case.
  const adapter = peers[golden.peer]?.[String(golden.method).replace(/\ball \d+ coalitions\b/, "all coalitions")];
  const later: Verdict = { golden, outcome: "skipped", reason: `later: ${golden.peer} ${golden.method}` };
  if (adapter === undefined) return later;
  const tensors: tf.Tensor[] = [];
  try {
    if (!(subject instanceof Subject)) throw subject;
    const { description, stored, model } = subject;
    const load = (key: string): tf.Tensor => {
      const tensor = tensorOf(stored, key);
      tensors.push(tensor);
      return tensor;
    };
    const { parameters, unread } = watched(golden.params ?? {});
    const context: CaseContext = {
      golden: { ...golden, params: parameters },
      description,
      model,
      input: () => load(description.input ?? "input"),
      tensor: (role) => load(golden.tensors[role] ?? role),
      stored: (key) => entryOf(stored, key),
    };
    const computed = await adapter(context);
    if (computed === undefined) return later;
    const unknown = unread();
    const reasons =
      unknown.length > 0
        ? [`the parameters ${unknown.join(", ")} of ${golden.method} are not known`]
        : compare(golden, computed, stored);
    return reasons.length === 0
      ? { golden, outcome: "passed" }
      : { golden, outcome: "failed", reason: reasons.join("; ") };
  } catch (error) {
    return { golden, outcome: "failed", reason: reasonOf(error) };
  } finally {
    tf.dispose(tensors);
  }
}

/** Our own errors say what is wrong; of another it matters where it comes from, too. */
function reasonOf(error: unknown): string {
  if (error instanceof LimpidError) return `${error.name}: ${error.message}`;
  return String((error as Error)?.stack ?? error)
    .split("\n")
    .slice(0, 2)
    .join(" ");
}

function entryOf(stored: ReadonlyMap<string, StoredTensor>, key: string): StoredTensor {
  const entry = stored.get(key);
  if (entry === undefined) throw new GoldensError(`There is no tensor ${key}.`);
  return entry;
}

/** Where our numbers are further from the stored ones than the tolerance allows. */
function compare(golden: GoldenCase, computed: Computed, stored: ReadonlyMap<string, StoredTensor>): string[] {
  const pairs = [
    ...Object.entries(computed.roles).map(([role, ours]) => [role, ours, golden.tensors[role]] as const),
    ...Object.entries(computed.layers ?? {}).map(
      ([layer, ours]) => [`layer ${layer}`, ours, golden.layerRelevance?.[layer]] as const,
    ),
  ];
  const { rel_to_max: relative, abs: absolute } = golden.tolerance;
  const tolerance = relative ?? absolute;
  if (typeof tolerance !== "number") return [`the tolerance ${JSON.stringify(golden.tolerance)} is not known`];
  return pairs.flatMap(([what, ours, key]) => {
    if (key === undefined) return [`the case has no ${what}`];
    const theirs = entryOf(stored, key).data;
    if (ours.length !== theirs.length) return [`${what} has ${ours.length} entries instead of ${theirs.length}`];
    let largest = 0;
    let worst = 0;
    for (let i = 0; i < theirs.length; i++) {
      largest = Math.max(largest, Math.abs(theirs[i]!));
      const difference = Math.abs(ours[i]! - theirs[i]!);
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    }
    const unit = relative === undefined ? 1 : largest;
    return worst <= tolerance * unit
      ? []
      : [
          `${what} is off by ${(worst / unit).toExponential(1)}${relative === undefined ? "" : " of its largest entry"}, ${tolerance} is allowed`,
        ];
  });
}
