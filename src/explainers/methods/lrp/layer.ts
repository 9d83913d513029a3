import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import {
  type AffineNode,
  affineKindOf,
  forward,
  type Graph,
  isAffine,
  isAffineNode,
  type LinearMap,
  type Node,
  type Scalar,
  type Values,
  vjp,
  type Weights,
} from "../../network/index.js";
import type { Bias } from "./bias.js";
import { ones as onesMap } from "./ones.js";

/** A node as a rule sees it, with the values of one forward pass: an affine one is `z = w·a + b`. */
export class Layer {
  constructor(
    readonly graph: Graph,
    readonly node: Node,
    private readonly values: Values,
    readonly facts: Facts,
    /** What becomes of the biases' share here. */
    readonly bias: Bias,
    private readonly weights: Weights,
  ) {}

  get inputs(): readonly Tensor[] {
    return this.values.inputs;
  }

  /** The input; of several, the first. */
  get a(): Tensor {
    return this.values.inputs[0]!;
  }

  /** The output; of an affine layer before any activation, bias included. */
  get z(): Tensor {
    return this.values.output;
  }

  /** What the node computes from other inputs. */
  forward(inputs: readonly Tensor[]): Tensor {
    return forward(this.node, inputs, this.weights);
  }

  /** The vector-Jacobian products with `s`, in the shape of the output, one for each input: `Σ_j ∂z_j/∂a_i s_j`. */
  vjp(s: Tensor): Tensor[] {
    return vjp(this.node, s, this.values, this.weights);
  }

  /** The same place with another operation, or other inputs; `z` is what comes out of them. */
  like(node: Node, inputs = this.inputs): Layer {
    const values = { inputs, output: forward(node, inputs, this.weights) };
    return new Layer(this.graph, node, values, this.facts, this.bias, this.weights);
  }

  /** Whether biases count in the denominators. */
  get usesBias(): boolean {
    return this.bias !== "ignore";
  }

  get #affine(): AffineNode {
    const { node } = this;
    if (isAffineNode(node)) return node;
    throw new UnsupportedOperationError(
      node.name,
      node.operation.kind,
      "A rule for layers with weights",
      "Let the composite choose another rule for it.",
    );
  }

  /** The bias, or `null`. */
  get b(): Tensor | null {
    return this.#affine.operation.bias;
  }

  /** `w` */
  get w(): LinearMap {
    return this.weights.map(this.#affine);
  }

  /** `w⁺ = max(w, 0)` */
  get wPlus(): LinearMap {
    return this.variant("+", (w) => tf.relu(w));
  }

  /** `w⁻ = min(w, 0)` */
  get wMinus(): LinearMap {
    return this.variant("-", (w) => tf.minimum(w, 0));
  }

  /** `|w|` */
  get wAbs(): LinearMap {
    return this.variant("abs", (w) => tf.abs(w));
  }

  /** `w²` */
  get wSquare(): LinearMap {
    return this.variant("square", (w) => tf.square(w));
  }

  /** Weights that are all 1. */
  get one(): LinearMap {
    return onesMap(this.#affine.operation, this.w);
  }

  /** The layer's linear map with `make(w)` for its weights, made once. */
  variant(key: string, make: (w: Tensor) => Tensor): LinearMap {
    return this.weights.map(this.#affine, key, make);
  }

  /** A variant that depends on a parameter: only the one of the latest parameter is kept. */
  latest(family: string, parameter: Scalar, make: (w: Tensor) => Tensor): LinearMap {
    return this.weights.latest(this.#affine, family, parameter, make);
  }

  #magnitude: Tensor | undefined;
  #total: Tensor | undefined;

  /** `|a|` */
  get magnitude(): Tensor {
    this.#magnitude ??= this.facts.nonNegative ? this.a : tf.abs(this.a);
    return this.#magnitude;
  }

  /** `Σ_i |a_i w_ij|`, computed once for rule and distribution. */
  get total(): Tensor {
    this.#total ??= this.wAbs.forward(this.magnitude);
    return this.#total;
  }

  /** Size of the axis of the weights that meets the input's channels. */
  get inputChannels(): number {
    return this.a.shape.at(-1)!;
  }

  /** A tensor made from this node's weights and shapes alone, once. */
  constant(key: string, make: () => Tensor): Tensor {
    return this.weights.tensor(`${this.node.id}:${key}`, make);
  }

  /** How many inputs each unit has, of one sample. */
  get inputsSeen(): Tensor {
    const shape = [1, ...this.a.shape.slice(1)];
    return this.constant(`inputs seen ${shape}`, () => this.one.forward(tf.ones(shape)));
  }

  /** Whether some units see nothing but padding. */
  get hasBlindUnits(): boolean {
    const { operation } = this.node;
    if (!isAffine(operation) || affineKindOf(operation).seesNoPadding(operation)) return false;
    const shape = this.a.shape.slice(1);
    return this.constant(`blind ${shape}`, () => tf.any(tf.equal(this.inputsSeen, 0))).dataSync()[0] === 1;
  }

  /** `b⁺ + offset` or its like: a bias part ready to be added, or a plain number where there is no bias. */
  offset(key: string, part: (b: Tensor) => Tensor, number: number, usesBias = this.usesBias): Tensor | number {
    const { b } = this;
    if (b === null || !usesBias) return number;
    return this.constant(`${key} ${number}`, () => tf.add(part(b), number));
  }
}

/** What is known about a layer's values without looking at them. */
export interface Facts {
  /** `a ≥ 0` everywhere, e.g. behind a ReLU. */
  readonly nonNegative: boolean;
  /** No relevance arrives where `z ≤ 0`: a ReLU follows, and every rule behind it gives in proportion to activations. */
  readonly gated: boolean;
}
