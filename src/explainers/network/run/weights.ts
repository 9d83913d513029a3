import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { AffineNode, Node } from "../graph.js";
import { type LinearMap, linearMap } from "../operations/index.js";
import type { Site } from "../operations/parts/kind.js";
import { Pool } from "../tensors.js";
import { Programs, type Scalar } from "./programs.js";

/**
 * The weights of one graph and everything made from them that does not depend on data (`w⁺`, `w²`, turned filters,
 * denominators), made once and disposed of together.
 */
export class Weights {
  /** Repeated computations with these weights. */
  readonly programs: Programs;
  readonly #pool: Pool;
  readonly #maps = new Map<string, LinearMap>();
  readonly #tensors = new Map<string, Tensor>();
  readonly #latest = new Map<string, { parameter: number; map: LinearMap; pool: Pool }>();

  constructor(pool = new Pool()) {
    this.#pool = pool;
    this.programs = new Programs((tensor) => pool.holds(tensor));
  }

  /** What an operation is told of the node at which it stands. */
  site(node: Node): Site {
    return { name: node.name, map: () => this.map(node as AffineNode) };
  }

  /** The linear map of an affine node, with `make(weights)` in place of its weights where a variant is named. */
  map(node: AffineNode, variant = "", make?: (weights: Tensor) => Tensor): LinearMap {
    const key = `${node.id}:${variant}`;
    let map = this.#maps.get(key);
    if (map === undefined) {
      const own: Tensor = node.operation.weights ?? this.tensor("one", () => tf.scalar(1));
      const weights = make === undefined ? own : this.#pool.own(tf.tidy(() => make(own)));
      map = linearMap(node.operation, weights, this.#pool);
      this.#maps.set(key, map);
    }
    return map;
  }

  /**
   * The linear map of a variant of which only the latest is kept: for variants that depend on a parameter, such as the γ
   * that a slider moves.
   */
  latest(node: AffineNode, family: string, parameter: Scalar, make: (weights: Tensor) => Tensor): LinearMap {
    const key = `${node.id}:${family}`;
    const own: Tensor = node.operation.weights ?? this.tensor("one", () => tf.scalar(1));
    // A tensor stands for numbers to come: what is made from it belongs to the program that is being compiled.
    if (typeof parameter !== "number") return linearMap(node.operation, make(own), { own: (tensor) => tensor });
    const kept = this.#latest.get(key);
    if (kept?.parameter === parameter) return kept.map;
    kept?.pool.dispose();
    const pool = new Pool();
    const map = linearMap(node.operation, pool.own(tf.tidy(() => make(own))), pool);
    this.#latest.set(key, { parameter, map, pool });
    return map;
  }

  /** A tensor that depends on weights and shapes only, by key. */
  tensor(key: string, make: () => Tensor): Tensor {
    let tensor = this.#tensors.get(key);
    if (tensor === undefined) {
      tensor = this.#pool.own(tf.tidy(make));
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  get disposed(): boolean {
    return this.#pool.disposed;
  }

  dispose(): void {
    this.programs.dispose();
    this.#pool.dispose();
    for (const { pool } of this.#latest.values()) pool.dispose();
    this.#latest.clear();
    this.#maps.clear();
    this.#tensors.clear();
  }
}
