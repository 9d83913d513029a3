import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { nodesOfConditions } from "../../../network/conditions.js";
import { forward, type Node, type Recording, vjp } from "../../../network/index.js";
import { sameShape, sumTo } from "../../../network/shapes.js";
import type { Bias } from "../rule.js";
import { isGate } from "../rules/product.js";
import { stabilizerOf } from "../stabilizer.js";
import { type Entry, preActivations } from "./pre-activations.js";

export interface Joint {
  /** ε of every pre-activation. */
  readonly epsilon: number;
  /** Which part of the bias's (and ε's) share goes to the lower units, evenly: 0 none, 1 all. */
  readonly biasFactor: number;
}

/** What a node did with what arrived. */
interface JointShare {
  readonly inputs: (Tensor | null)[];
  /** What it kept of the relevance; `null` for nodes inside a pre-activation, whose root tells for all. */
  readonly absorbed: Tensor | null;
}

export interface JointRule {
  /** The share of a node, or `undefined` where the rule says nothing about it. Runs inside `tidy`. */
  readonly share: (node: Node, arrived: Tensor) => JointShare | undefined;
  /** Whether what arrives at a node is not relevance but `R / z`, on its way through a pre-activation. */
  readonly isInside: (id: number) => boolean;
  /** Frees what an interrupted propagation left. */
  readonly dispose: () => void;
}

/**
 * The rule of Arras et al. 2017, eq. 3, for every pre-activation of a recurrent network, with one denominator for all its
 * terms: `R_i = Σ_j (a_i w_ij + δ (b_j + ε sign z_j) / N) / (z_j + ε sign z_j) R_j`, where N counts the lower units and δ
 * is the bias factor. Units of a cell's initial state count, too: their share is kept, as the initial state's relevance.
 *
 * No `Rule` of single nodes: `z_j` is added up by several (input and recurrent weights, sums, cuts into gates), and on the way
 * through those inside `R / z` is sent, not relevance. Shares by each of their own denominators are another method, which
 * explodes where two of the terms cancel.
 *
 * With `bias: "distribute"` nothing is kept: δ is 1, and only units that are computed from the input count.
 */
export function jointRule(recording: Recording, { epsilon, ...joint }: Joint, bias: Bias): JointRule {
  const { graph, weights } = recording;
  const conserves = bias === "distribute";
  const biasFactor = conserves ? 1 : joint.biasFactor;
  const { isRoot, isInside, units, entries } = preActivations(graph);
  const silent = nodesOfConditions(graph);
  const isMasked = silent.size > 0;
  /** What the units that enter at `node:input` get beside their proportional share. */
  const even = new Map<string, Tensor>();

  const share = (node: Node, arrived: Tensor): JointShare | undefined => {
    if (isInside(node.id)) return { inputs: passOn(node, arrived), absorbed: null };
    if (isRoot(node)) return fromRoot(node, arrived);
    if (!isInitialState(node)) return undefined;
    return conserves
      ? { inputs: [sumTo(arrived, recording.value(node.inputs[0]!).shape)], absorbed: tf.zerosLike(arrived) }
      : { inputs: [null], absorbed: tf.clone(arrived) };
  };

  /** A constant behind a gate. It keeps what reaches it, if anything may be kept; else the gate has it. */
  const isInitialState = ({ operation, inputs }: Node): boolean =>
    operation.kind === "scale" && operation.weights !== null && isGate(graph, inputs[0]!);

  /** Where units enter that leftovers are shared among, and how many there are of them in all. */
  const receivers = (root: Node): { entries: Entry[]; units: number } => {
    const all = entries(root).filter(({ node, input }) => !silent.has(node.inputs[input]!));
    if (!conserves) return { entries: all, units: units(root) };
    const computed = all.filter(({ node, input }) => !isInitialState(graph.nodes[node.inputs[input]!]!));
    const found = computed.length > 0 ? computed : all;
    return { entries: found, units: found.reduce((sum, { count }) => sum + count, 0) };
  };

  const fromRoot = (root: Node, R: Tensor): JointShare => {
    const z = recording.value(root.id);
    const δ = stabilizerOf(z, epsilon);
    const s = tf.div(R, tf.add(z, δ));
    const kept = tf.mul(s, tf.add(constantPart(root), δ));
    const found = receivers(root);
    const given = (biasFactor / found.units) * found.entries.reduce((sum, { count }) => sum + count, 0);
    if (conserves && isMasked) shareAmongPresent(found.entries, tf.sum(kept, -1, true));
    else if (biasFactor > 0) {
      const each = tf.mul(tf.sum(kept, -1, true), biasFactor / found.units);
      for (const entry of found.entries) shareEvenly(entry, each);
    }
    return { inputs: passOn(root, s), absorbed: tf.mul(kept, 1 - given) };
  };

  /** Before its first word that is not masked a state is 0 as a whole, and counts as little as one that is not there. */
  const shareAmongPresent = (found: readonly Entry[], all: Tensor): void => {
    const present = found.map(({ node, input }) => {
      const value = recording.value(node.inputs[input]!);
      const some = tf.cast(tf.any(tf.notEqual(value, 0), -1, true), "float32");
      return sameShape(some.shape, all.shape) ? some : tf.onesLike(all);
    });
    const units = present
      .map((some, index) => tf.mul(some, found[index]!.count))
      .reduce((total, part) => tf.add(total, part));
    const none = tf.cast(tf.equal(units, 0), "float32");
    const each = tf.div(
      all,
      tf.add(
        units,
        tf.mul(
          none,
          found.reduce((sum, { count }) => sum + count, 0),
        ),
      ),
    );
    found.forEach((entry, index) => {
      shareEvenly(entry, tf.mul(each, tf.add(present[index]!, none)));
    });
  };

  /** `z` where all lower units are 0: the biases, as they arrive at the root, and what conditions alone make. */
  const constantPart = (node: Node): Tensor =>
    forward(
      node,
      node.inputs.map((id) => {
        if (silent.has(id)) return recording.value(id);
        const isPart = node.operation.kind !== "dense" && isInside(id);
        return isPart ? constantPart(graph.nodes[id]!) : tf.zerosLike(recording.value(id));
      }),
      weights,
    );

  const shareEvenly = ({ node, input }: Entry, each: Tensor): void => {
    const key = `${node.id}:${input}`;
    const before = even.get(key);
    even.set(key, tf.engine().keep(before === undefined ? tf.clone(each) : tf.add(before, each)));
    before?.dispose();
  };

  /** `s` to the nodes inside, relevance to the units that enter here. */
  const passOn = (node: Node, s: Tensor): (Tensor | null)[] =>
    vjp(node, s, recording.around(node), weights).map((part, input) => {
      const id = node.inputs[input]!;
      if (silent.has(id)) return null;
      if (node.operation.kind !== "dense" && isInside(id)) return part;
      const key = `${node.id}:${input}`;
      const extra = even.get(key);
      const relevance = tf.mul(part, recording.value(id));
      if (extra === undefined) return relevance;
      const sum = tf.add(relevance, fitting(extra, relevance));
      even.delete(key);
      extra.dispose();
      return sum;
    });

  return { share, isInside, dispose: () => even.forEach((tensor) => void tensor.dispose()) };
}

/** One number per position, or per sample where a reshape lies between a pre-activation and its units. */
function fitting(each: Tensor, relevance: Tensor): Tensor {
  if (sameShape(each.shape.slice(0, -1), relevance.shape.slice(0, -1))) return each;
  const positions = relevance.size / relevance.shape[0]! / relevance.shape.at(-1)!;
  const perSample = tf.div(tf.sum(tf.reshape(each, [relevance.shape[0]!, -1]), 1), positions);
  return tf.reshape(perSample, [relevance.shape[0]!, ...relevance.shape.slice(1).map(() => 1)]);
}
