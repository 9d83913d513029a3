import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type AffineNode, affineKindOf, type LinearMap, type Scalar, type Weights } from "../../network/index.js";
import { ones as onesMap } from "./ones.js";

/** An affine layer `z = w·a + b` as a rule sees it, with the values of one forward pass. */
export class Layer {
  constructor(
    readonly node: AffineNode,
    /** The input. */
    readonly a: Tensor,
    /** The output before any activation, bias included. */
    readonly z: Tensor,
    readonly facts: Facts,
    private readonly weights: Weights,
  ) {}

  /** The bias, or `null`. */
  get b(): Tensor | null {
    return this.node.operation.bias;
  }

  /** `w` */
  get w(): LinearMap {
    return this.weights.map(this.node);
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
    return onesMap(this.node.operation, this.w);
  }

  /** The layer's linear map with `make(w)` for its weights, made once. */
  variant(key: string, make: (w: Tensor) => Tensor): LinearMap {
    return this.weights.map(this.node, key, make);
  }

  /** A variant that depends on a parameter: only the one of the latest parameter is kept. */
  latest(family: string, parameter: Scalar, make: (w: Tensor) => Tensor): LinearMap {
    return this.weights.latest(this.node, family, parameter, make);
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

  /** A tensor made from this layer's weights alone, once. */
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
    if (affineKindOf(this.node.operation).seesNoPadding(this.node.operation)) return false;
    const shape = this.a.shape.slice(1);
    return this.constant(`blind ${shape}`, () => tf.any(tf.equal(this.inputsSeen, 0))).dataSync()[0] === 1;
  }

  /** `b⁺ + offset` or its like: a bias part ready to be added, or a plain number where there is no bias. */
  offset(key: string, part: (b: Tensor) => Tensor, number: number, useBias: boolean): Tensor | number {
    const { b } = this;
    if (b === null || !useBias) return number;
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
