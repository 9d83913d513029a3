import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { nodesOfConditions } from "../../../network/conditions.js";
import { isAffineNode, type Node, type Recording, scoped } from "../../../network/index.js";
import { complete } from "../distribute.js";
import { Layer } from "../layer.js";
import type { Choice } from "../propagation/plan.js";
import type { Shares } from "../rule.js";
import { averageFor } from "../rules/proportional.js";
import { distributed, type ShareTerm, sharesOf, termsOf, type Unit } from "./formulas.js";

/** What the inputs from one layer have of a unit: those that it sees, by their index in that layer's value of one sample. */
export interface InputShares {
  /** The node that they are values of. */
  readonly node: number;
  readonly units: Int32Array;
  /** `a_i` */
  readonly activations: Float32Array;
  /** `w_ik`, of a sum or an average the factor that it gives; null where the layer has no such numbers. */
  readonly weights: Float32Array | null;
  /** `R_i←k` */
  readonly shares: Float32Array;
}

/** How one unit's relevance is shared out over what it sees. */
export interface UnitShares {
  /** What the unit computed: of a layer with weights before any activation. */
  readonly value: number;
  /** `R_k` */
  readonly relevance: number;
  readonly rule: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputShares[];
  /** What none of them gets: biases, empty parts and stabilizers keep it. */
  readonly kept: number;
  /** The rule's quotients; null where its shares are no quotients or not those of its formula. */
  readonly terms: readonly ShareTerm[] | null;
}

/** How far a formula may be from what was propagated, of the largest share. */
const TOLERANCE = 1e-3;

/**
 * Takes the relevance of one unit apart: the rule is given this relevance alone, which is what it shares out of it, since rules are linear
 * in relevance.
 *
 * @param unit its index in the value of the node, of one sample
 * @param arrived the relevance at the node's output
 * @throws ParameterError where there is no such unit, or more than one sample was explained
 */
export function unitShares(
  recording: Recording,
  node: Node,
  { unit, arrived, choice: { rule, bias, facts } }: { unit: number; arrived: Tensor; choice: Choice },
): UnitShares {
  const { graph, weights } = recording;
  const { output } = recording.around(node);
  if (!Number.isInteger(unit) || unit < 0 || unit >= output.size) {
    throw new ParameterError("unit", unit, `a unit of "${node.name}", from 0 to ${output.size - 1}`);
  }
  if (recording.batch !== 1) {
    throw new ParameterError("x", `${recording.batch} samples`, "one sample, where a unit is to be taken apart");
  }
  return scoped(() => {
    const layer = new Layer(graph, node, recording.around(node), facts, bias, weights);
    const one = oneAt(unit, output);
    const R = tf.mul(arrived, one);
    const relevance = valueAt(R, unit);
    const silent = nodesOfConditions(graph);
    const isSilent = node.inputs.map((id) => silent.has(id));
    const given = rule.share(layer, R, rule.numbers ?? {});
    const { inputs } = complete(layer, R, given, isSilent);
    const factors = factorsOf(layer, one);
    const parts = node.inputs.map((id, index): InputShares => {
      const a = layer.inputs[index]!.dataSync<"float32">();
      const share = inputs[index]?.dataSync<"float32">();
      const w = factors?.weights[index]?.dataSync<"float32">();
      const isSeen = factors?.seen[index]?.dataSync<"float32">() ?? w;
      const units = indices(a.length, (i) => (isSeen?.[i] ?? 0) !== 0 || (share?.[i] ?? 0) !== 0);
      const at = (values: ArrayLike<number> | undefined) => Float32Array.from(units, (i) => values?.[i] ?? 0);
      return { node: id, units, activations: at(a), weights: w === undefined ? null : at(w), shares: at(share) };
    });
    const passed = parts.reduce((sum, { shares }) => sum + shares.reduce((total, share) => total + share, 0), 0);
    return {
      value: output.dataSync<"float32">()[unit]!,
      relevance,
      rule: rule.name,
      parameters: rule.parameters ?? {},
      inputs: parts,
      kept: relevance - passed,
      terms: quotients(layer, { unit, relevance, given, parts, choice: { rule, bias, facts } }),
    };
  });
}

/** `∂z_k/∂a_i` of what is linear in its inputs, and which inputs the unit sees; undefined of what is not. */
function factorsOf(layer: Layer, one: Tensor): { weights: Tensor[]; seen: Tensor[] } | undefined {
  const { node } = layer;
  if (isAffineNode(node)) {
    return { weights: [layer.w.vjp(one, layer.a.shape)], seen: [layer.one.vjp(one, layer.a.shape)] };
  }
  const average = averageFor(node.operation);
  const linear = average === undefined ? layer : layer.like({ ...node, operation: average });
  if (!["sum", "pool", "reduce", "pool3d", "resize"].includes(linear.node.operation.kind)) return undefined;
  const weights = linear.vjp(one);
  return { weights, seen: weights };
}

/** The rule's formula at this unit, where it gives what was propagated. */
function quotients(
  layer: Layer,
  found: { unit: number; relevance: number; given: Shares; parts: readonly InputShares[]; choice: Choice },
): ShareTerm[] | null {
  const { unit, relevance, given, parts, choice } = found;
  if (parts.some(({ weights }) => weights === null)) return null;
  const channels = (layer.a.shape.at(-1) ?? 1) as number;
  const first = given.terms?.[0]?.stabilizer ?? 0;
  const bias = isAffineNode(layer.node) && layer.usesBias ? layer.b : null;
  const unitOf: Unit = {
    activations: joined(parts.map(({ activations }) => activations)),
    weights: joined(parts.map(({ weights }) => weights!)),
    channels: Int32Array.from(parts.flatMap(({ units }) => Array.from(units, (i) => i % channels))),
    bias: bias === null ? 0 : valueAt(tf.broadcastTo(bias, layer.z.shape), unit),
    stabilizer: typeof first === "number" ? first : valueAt(tf.broadcastTo(first, layer.z.shape), unit),
    relevance,
  };
  const own = termsOf(choice.rule, unitOf);
  if (own === undefined) return null;
  const terms = choice.bias === "distribute" ? [...own, distributed(unitOf, own)] : own;
  const shares = joined(parts.map((part) => part.shares));
  const least = TOLERANCE * Math.max(...shares.map(Math.abs)) + 1e-7 * Math.abs(relevance);
  return sharesOf(terms).every((share, i) => Math.abs(share - shares[i]!) <= least) ? terms : null;
}

const oneAt = (unit: number, { size, shape }: Tensor): Tensor =>
  tf.reshape(tf.cast(tf.equal(tf.range(0, size, 1, "int32"), unit), "float32"), shape);

const valueAt = (x: Tensor, unit: number): number => x.dataSync<"float32">()[unit]!;

function indices(count: number, isIn: (i: number) => boolean): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < count; i++) if (isIn(i)) found.push(i);
  return Int32Array.from(found);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
