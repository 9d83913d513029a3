import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { isAffineNode, type Node, propagate, type Recording, type Scalar, type Step } from "../../network/index.js";
import { scoped } from "../../network/tensors.js";
import { Books, type Ledger } from "./books.js";
import type { Composite } from "./composite.js";
import { distribute, recover } from "./distribute.js";
import { type JointRule, jointRule } from "./joint.js";
import { Layer } from "./layer.js";
import type { Choice } from "./plan.js";
import type { Bias, Rule, Term } from "./rule.js";
import { type WeightlessOptions, weightless } from "./weightless.js";

/** How relevance is propagated. */
export interface Settings {
  readonly composite: Composite;
  readonly bias: Bias;
  readonly choices: ReadonlyMap<number, Choice>;
  readonly weightless: WeightlessOptions;
  /** Whether the relevance of every layer is kept. */
  readonly keepLayers: boolean;
}

/** What propagation leaves on the backend; the caller owns it. */
export interface Outcome {
  /** By input node. */
  readonly relevance: Map<number, Tensor>;
  /** The relevance that arrived at each node, where it was to be kept. */
  readonly kept: Map<number, Tensor>;
  readonly sums: Tensor;
  /** What `sums` mean. */
  readonly ledger: Ledger;
}

/** The numbers of a rule: as they are, or as the inputs of a program. */
type NumbersOf = (rule: Rule) => Readonly<Record<string, Scalar>>;

/** Sends `seed` from the node `explained` to the inputs. Explanations of one form share a compiled program. */
export function propagateRelevance(recording: Recording, explained: number, seed: Tensor, settings: Settings): Outcome {
  const { weights, kept } = recording;
  const { key, rules, numbers } = formOf(recording, explained, settings);
  return scoped(() => {
    const compute = (scalars: readonly Scalar[]) => {
      let used = 0;
      const numbersOf = new Map(
        rules.map((rule) => [
          rule,
          Object.fromEntries(Object.keys(rule.numbers ?? {}).map((name) => [name, scalars[used++]!])),
        ]),
      );
      return run(recording, explained, seed, settings, (rule) => numbersOf.get(rule)!);
    };
    const { tensors, notes } = weights.programs.run(key, [...kept, seed], numbers, compute, recording.repeats);
    for (const tensor of tensors) tf.keep(tensor);
    const [sums, ...others] = tensors as [Tensor, ...Tensor[]];
    const named = (ids: readonly number[], begin: number) =>
      new Map(ids.map((id, index) => [id, others[begin + index]!]));
    return {
      sums,
      ledger: notes.ledger,
      relevance: named(notes.inputs, 0),
      kept: named(notes.kept, notes.inputs.length),
    };
  });
}

/** What tells propagations apart that need different programs, and the numbers in which those of one form differ. */
function formOf(recording: Recording, explained: number, { composite, bias, choices, ...settings }: Settings) {
  const rules = [...new Set([...choices.values()].map(({ rule }) => rule))];
  const forms = rules.map((rule) => rule.form ?? `rule ${identityOf(rule)}`);
  const key = JSON.stringify([
    "relevance of",
    explained,
    recording.form,
    forms,
    [...choices].map(([id, { rule, bias, facts }]) => [id, rules.indexOf(rule), bias, facts.gated, facts.nonNegative]),
    composite.joint,
    bias,
    settings,
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

function run(recording: Recording, explained: number, seed: Tensor, settings: Settings, numbersOf: NumbersOf) {
  const { composite, bias, keepLayers } = settings;
  const books = new Books(recording.batch);
  const kept = new Map<number, Tensor>();
  const joint = composite.joint && jointRule(recording, composite.joint, bias);
  try {
    const step = stepOf(recording, settings, numbersOf, books, joint);
    const relevance = propagate(recording, new Map([[explained, seed]]), step, {
      observe(node, arrived) {
        if (joint?.isInside(node.id)) return;
        books.add(node.id, "sum", arrived);
        if (keepLayers) kept.set(node.id, tf.keep(tf.clone(arrived)));
      },
    });
    return {
      tensors: [books.sums(), ...relevance.values(), ...kept.values()],
      notes: { ledger: books.ledger, inputs: [...relevance.keys()], kept: [...kept.keys()] },
    };
  } catch (error) {
    for (const tensor of kept.values()) tensor.dispose();
    throw error;
  } finally {
    joint?.dispose();
    books.dispose();
  }
}

/** Relevance through one node, with its entries in the books. */
function stepOf(
  recording: Recording,
  { choices, weightless: options }: Settings,
  numbersOf: NumbersOf,
  books: Books,
  joint: JointRule | undefined,
): Step {
  const { graph, weights } = recording;
  return (node, R, values) => {
    const share = joint?.share(node, R);
    if (share !== undefined) {
      if (share.absorbed !== null) {
        books.add(node.id, "passedOn", R);
        books.add(node.id, "passedOn", share.absorbed, -1);
        books.add(node.id, "absorbedByBias", share.absorbed);
      }
      return share.inputs;
    }
    if (!isAffineNode(node)) {
      const { inputs, terms, whole } = weightless(graph, node, R, values, weights, options);
      for (const part of inputs) if (part !== null) books.add(node.id, "passedOn", part);
      if (terms.length === 0 && !whole) {
        books.add(node.id, "absorbedByEmpty", R);
        for (const part of inputs) if (part !== null) books.add(node.id, "absorbedByEmpty", part, -1);
      } else if (options.bias !== "distribute") book(node, terms);
      return inputs;
    }
    const { rule, bias, facts } = choices.get(node.id)!;
    const a = values.inputs[0]!;
    const layer = new Layer(node, a, values.output, facts, weights);
    let { inputs, terms } = rule.share(layer, R, bias !== "ignore", numbersOf(rule));
    if (bias === "distribute" && terms.length > 0) {
      const leftover = terms
        .map(({ s, bias, stabilizer }) => tf.mul(s, bias === null ? stabilizer : tf.add(bias, stabilizer)))
        .reduce((total, part) => tf.add(total, part));
      const extra = distribute(leftover, {
        total: () => layer.total,
        back: (s) => tf.mul(layer.magnitude, layer.wAbs.vjp(s, a.shape)),
        count: () => tf.maximum(layer.inputsSeen, 1),
        evenly: (s) => layer.one.vjp(s, a.shape),
      });
      inputs = tf.add(inputs, extra);
      if (layer.hasBlindUnits) inputs = recover(R, inputs, a);
      terms = [];
    }
    books.add(node.id, "passedOn", inputs);
    book(node, terms);
    return [inputs];
  };

  function book(node: Node, terms: readonly Term[]): void {
    for (const term of terms) books.addTerm(node.id, term);
  }
}
