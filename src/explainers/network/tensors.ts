import { clone, engine, type Tensor } from "@tensorflow/tfjs-core";

/** A second handle on a tensor's data (no copy) that survives `tidy` and the disposal of the first. */
export function hold<T extends Tensor>(tensor: T): T {
  return engine().keep(clone(tensor)) as T;
}

/**
 * Runs `compute` and frees every tensor it made and did not keep; unlike `tidy` it may return anything. Of a long typed array `tidy` looks
 * at every number for a tensor, which takes longer than most of what is computed in it.
 */
export function scoped<T>(compute: () => T): T {
  engine().startScope();
  try {
    return compute();
  } finally {
    engine().endScope();
  }
}

/** What TensorFlow.js keeps for its own gradients. */
interface Taped {
  readonly state: { gradientDepth: number; activeTape: readonly { readonly saved?: readonly Tensor[] }[] | null };
}

/** Runs what uses TensorFlow.js' own gradients; where that throws, the tape with all that it saved would be left behind. */
export function taping<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { state } = engine() as unknown as Taped;
    if (state.gradientDepth === 0) {
      for (const { saved = [] } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
      state.activeTape = null;
    }
    throw error;
  }
}

/** Gives one of some tensors to the surrounding scope and frees the others. */
export function handOver(results: ReadonlyMap<number, Tensor>, id: number): Tensor | undefined {
  try {
    const wanted = results.get(id);
    return wanted && clone(wanted);
  } finally {
    for (const tensor of results.values()) tensor.dispose();
  }
}

/** Tensors with one owner: everything added is disposed of together. */
export class Pool {
  #tensors: Tensor[] = [];
  readonly #data = new Set<object>();
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership of `tensor`. */
  own<T extends Tensor>(tensor: T): T {
    engine().keep(tensor);
    this.#tensors.push(tensor);
    this.#data.add(tensor.dataId);
    return tensor;
  }

  /** Owns a second handle on `tensor`'s data. */
  hold<T extends Tensor>(tensor: T): T {
    return this.own(clone(tensor) as T);
  }

  /** Whether the data of `tensor` are those of one of the pool's tensors. */
  holds({ dataId }: Tensor): boolean {
    return this.#data.has(dataId);
  }

  dispose(): void {
    this.#disposed = true;
    for (const tensor of this.#tensors) if (!tensor.isDisposed) tensor.dispose();
    this.#tensors = [];
    this.#data.clear();
  }
}
