import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { nodesOfConditions } from "../../../network/conditions.js";
import { type Node, propagate, type Recording, type Scalar, type Step } from "../../../network/index.js";
import { scoped } from "../../../network/tensors.js";
import { complete } from "../distribute.js";
import { Layer } from "../layer.js";
import { type Joint, type JointRule, jointRule } from "../recurrent/joint.js";
import type { Bias, Rule } from "../rule.js";
import { type Posted, Postings } from "./ledger.js";
import { type Mask, maskOf } from "./mask.js";
import type { Choice } from "./plan.js";

/** How relevance is propagated. */
export interface Settings {
  /** By node. */
  readonly choices: ReadonlyMap<number, Choice>;
  readonly joint: Joint | undefined;
  readonly bias: Bias;
  readonly mask: Mask | undefined;
  /** Whether the relevance of every layer is kept. */
  readonly keepLayers: boolean;
  /** Nodes at which it ends. */
  readonly stop?: ReadonlySet<number>;
}

/** What propagation leaves on the backend; the caller owns it. */
export interface Outcome {
  /** By input node. */
  readonly relevance: Map<number, Tensor>;
  /** The relevance that arrived at each node, where it was to be kept. */
  readonly kept: Map<number, Tensor>;
  readonly sums: Tensor;
  /** What `sums` mean. */
  readonly posted: Posted;
}

/** The numbers of a rule: as they are, or as the inputs of a program. */
type NumbersOf = (rule: Rule) => Readonly<Record<string, Scalar>>;

/** Sends `seed` from the node `start` to the inputs. Explanations of one form share a compiled program. */
export function propagateRelevance(recording: Recording, start: number, seed: Tensor, settings: Settings): Outcome {
  const { weights, kept } = recording;
  const { mask } = settings;
  const { key, rules, numbers } = formOf(recording, start, settings);
  return scoped(() => {
    const compute = (scalars: readonly Scalar[]) => {
      let used = 0;
      const numbersOf = new Map(
        rules.map((rule) => [
          rule,
          Object.fromEntries(Object.keys(rule.numbers ?? {}).map((name) => [name, scalars[used++]!])),
        ]),
      );
      return run(recording, start, seed, settings, (rule) => numbersOf.get(rule)!);
    };
    // What a function does with what it closes over may differ from call to call: it is asked anew each time.
    const { tensors, notes } =
      typeof mask === "function"
        ? compute(numbers)
        : weights.programs.run(key, [...kept, seed, ...Object.values(mask ?? {})], numbers, compute, recording.repeats);
    for (const tensor of tensors) tf.keep(tensor);
    const [sums, ...others] = tensors as [Tensor, ...Tensor[]];
    const named = (ids: readonly number[], begin: number) =>
      new Map(ids.map((id, index) => [id, others[begin + index]!]));
    return {
      sums,
      posted: notes.posted,
      relevance: named(notes.inputs, 0),
      kept: named(notes.kept, notes.inputs.length),
    };
  });
}

/** What tells propagations apart that need different programs, and the numbers in which those of one form differ. */
function formOf(recording: Recording, start: number, { choices, joint, bias, mask, keepLayers, stop }: Settings) {
  const places = new Map<Rule, number>();
  for (const { rule } of choices.values()) if (!places.has(rule)) places.set(rule, places.size);
  const rules = [...places.keys()];
  const key = JSON.stringify([
    "relevance of",
    start,
    recording.form,
    rules.map((rule) => rule.form ?? `rule ${identityOf(rule)}`),
    [...choices].map(([id, { rule, bias, facts }]) => [id, places.get(rule), bias, facts.gated, facts.nonNegative]),
    joint,
    bias,
    keepLayers,
    stop && [...stop],
    typeof mask === "object" ? Object.entries(mask).map(([layer, { shape, dtype }]) => [layer, shape, dtype]) : null,
  ]);
  return { key, rules, numbers: rules.flatMap(({ numbers }) => Object.values(numbers ?? {})) };
}

const identities = new WeakMap<Rule, number>();
let identified = 0;

function identityOf(rule: Rule): number {
  const known = identities.get(rule) ?? ++identified;
  identities.set(rule, known);
  return known;
}

function run(recording: Recording, start: number, seed: Tensor, settings: Settings, numbersOf: NumbersOf) {
  const { bias, keepLayers, stop } = settings;
  const postings = new Postings(recording.batch);
  const kept = new Map<number, Tensor>();
  const joint = settings.joint && jointRule(recording, settings.joint, bias);
  let relevance = new Map<number, Tensor>();
  try {
    const mask = maskOf(recording.graph, settings.mask, postings);
    const step = stepOf(recording, settings, numbersOf, postings, joint);
    // Inside a pre-activation there is no relevance to be seen or masked.
    const isInside = (node: Node): boolean => joint?.isInside(node.id) === true;
    const masked: Step = (node, R, values) => step(node, isInside(node) ? R : mask(node, R), values);
    relevance = propagate(recording, new Map([[start, seed]]), masked, {
      ...(stop && { stop }),
      observe(node, arrived) {
        if (isInside(node)) return;
        postings.add(node.id, "sum", arrived);
        if (keepLayers) kept.set(node.id, tf.keep(tf.clone(arrived)));
      },
    });
    for (const [id, arrived] of relevance) {
      const left = tf.tidy(() => mask(recording.graph.nodes[id]!, arrived));
      if (left === arrived) continue;
      relevance.set(id, tf.keep(left));
      arrived.dispose();
    }
    return {
      tensors: [postings.sums(), ...relevance.values(), ...kept.values()],
      notes: { posted: postings.notes, inputs: [...relevance.keys()], kept: [...kept.keys()] },
    };
  } catch (error) {
    for (const tensor of [...kept.values(), ...relevance.values()]) tensor.dispose();
    throw error;
  } finally {
    joint?.dispose();
    postings.dispose();
  }
}

/** Relevance through one node, with its entries in the ledger. */
function stepOf(
  recording: Recording,
  { choices }: Settings,
  numbersOf: NumbersOf,
  postings: Postings,
  joint: JointRule | undefined,
): Step {
  const { graph, weights } = recording;
  const silent = nodesOfConditions(graph);
  return (node, R, values) => {
    const share = joint?.share(node, R);
    if (share !== undefined) {
      if (share.absorbed !== null) {
        postings.add(node.id, "passedOn", R);
        postings.add(node.id, "passedOn", share.absorbed, -1);
        postings.add(node.id, "absorbedByBias", share.absorbed);
      }
      return share.inputs;
    }
    if (silent.has(node.id)) {
      // Only where relevance starts: nothing else sends any here.
      postings.add(node.id, "absorbedByBias", R);
      return node.inputs.map(() => null);
    }
    const { rule, bias, facts } = choices.get(node.id)!;
    const layer = new Layer(graph, node, values, facts, bias, weights);
    const isSilent = node.inputs.map((id) => silent.has(id));
    const { inputs, terms, constant } = complete(layer, R, rule.share(layer, R, numbersOf(rule)), isSilent);
    for (const part of constant) postings.add(node.id, "absorbedByBias", part);
    const passed = inputs.filter((part) => part !== null);
    for (const part of passed) postings.add(node.id, "passedOn", part);
    if (terms === undefined) {
      postings.add(node.id, "absorbedByEmpty", R);
      for (const part of [...passed, ...constant]) postings.add(node.id, "absorbedByEmpty", part, -1);
    } else for (const term of terms) postings.addTerm(node.id, term);
    return [...inputs];
  };
}
