import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/*
 * A propagation is some two thousand small operations, and on a native backend starting one costs more than doing it. A
 * computation that is repeated on tensors of the same shapes is therefore compiled where the backend can: recorded once, and
 * from then on run as one program.
 */

/** A number that a program takes as an input, so that another value needs no other program: a tensor while it is compiled. */
export type Scalar = number | Tensor;

/** What a computation gives: tensors, and plain data about them that depends on shapes and settings only. */
export interface Computed<Notes> {
  readonly tensors: readonly Tensor[];
  readonly notes: Notes;
}

/** A compiled computation. */
export interface Program {
  /** The same tensors as the computation gives for these inputs; the caller owns them. */
  run(inputs: readonly Tensor[], numbers: readonly number[]): Tensor[];
  dispose(): void;
}

/** What a backend must offer for computations to be compiled on it. */
export interface Compiler {
  /** The backend's name, as `tf.getBackend()` gives it. */
  readonly backend: string;
  /** From which call on a computation runs as a program: making one takes about as long as so many runs without. */
  readonly from: number;
  /**
   * Runs `compute` once and gives its results together with the program that repeats it. There is no program where
   * `compute` did what cannot be repeated, such as reading a tensor that depends on the inputs.
   */
  compile(
    inputs: readonly Tensor[],
    numbers: readonly number[],
    compute: (numbers: readonly Tensor[]) => readonly Tensor[],
  ): { readonly tensors: readonly Tensor[]; readonly program: Program | undefined };
}

let compiler: Compiler | undefined;
let compiling = false;

/** Lets repeated computations be compiled; `undefined` runs all of them operation by operation. Returns the one before. */
export function setCompiler(next: Compiler | undefined): Compiler | undefined {
  const before = compiler;
  compiler = next;
  return before;
}

let uncompiled = 0;

/**
 * Runs all of `work` operation by operation. A program gives the same numbers to rounding; work whose last digits must not depend on how
 * often its computations have run before does without.
 */
export async function withoutPrograms<T>(work: () => Promise<T>): Promise<T> {
  uncompiled++;
  try {
    return await work();
  } finally {
    uncompiled--;
  }
}

/** Whether a computation is being compiled: it must not read tensors then, nor depend on what they hold. */
export const isCompiling = (): boolean => compiling;

/**
 * What a program depends on beside the numbers in its inputs: shapes, types, and which of them are one tensor. A recorded
 * computation tells inputs apart by their data, so inputs that share data need a program of their own.
 */
function formOf(inputs: readonly Tensor[]): string {
  const places = new Map<object, number>();
  return inputs
    .map(({ shape, dtype, dataId }, index) => {
      const first = places.get(dataId);
      if (first === undefined) places.set(dataId, index);
      return `${dtype === "float32" ? "" : dtype}${shape}${first === undefined ? "" : `=${first}`}`;
    })
    .join(";");
}

/** How many computations of one model are remembered. */
const MOST = 48;

interface Entry {
  calls: number;
  program: Program | undefined;
  notes: unknown;
  /** It cannot be compiled. */
  refused: boolean;
}

/** The repeated computations of one model. They end with its weights, which their programs hold. */
export class Programs {
  readonly #entries = new Map<string, Entry>();
  readonly #isConstant: (tensor: Tensor) => boolean;

  /** @param isConstant whether a tensor's data are those of a constant that computations use */
  constructor(isConstant: (tensor: Tensor) => boolean = () => false) {
    this.#isConstant = isConstant;
  }

  /**
   * `compute`, as a program from the compiler's `from`th call of the same `key` on.
   *
   * @param key names the computation: equal keys mean the same operations on inputs of the same form
   * @param inputs every tensor that `compute` uses and that may differ from call to call
   * @param numbers likewise; `compute` gets them as they are, or as tensors
   * @param soon compiles at the second call, where many are sure to follow
   */
  run<Notes>(
    key: string,
    inputs: readonly Tensor[],
    numbers: readonly number[],
    compute: (numbers: readonly Scalar[]) => Computed<Notes>,
    soon = false,
  ): Computed<Notes> {
    if (compiling || uncompiled > 0 || compiler === undefined || compiler.backend !== tf.getBackend())
      return compute(numbers);
    // TensorFlow.js' own gradients need every operation on their tape.
    if (tf.engine().isTapeOn()) return compute(numbers);
    // What is a constant of the computation as well cannot be told from it: such an input would stay one for good.
    if (inputs.some((input) => this.#isConstant(input))) return compute(numbers);
    const entry = this.#entry(`${key} on ${formOf(inputs)}`);
    if (entry.program !== undefined) {
      return { tensors: entry.program.run(inputs, numbers), notes: entry.notes as Notes };
    }
    entry.calls++;
    if (entry.refused || entry.calls < (soon ? Math.min(2, compiler.from) : compiler.from)) return compute(numbers);
    let notes: Notes | undefined;
    compiling = true;
    try {
      const { tensors, program } = compiler.compile(inputs, numbers, (scalars) => {
        const computed = compute(scalars);
        notes = computed.notes;
        return computed.tensors;
      });
      entry.program = program;
      entry.notes = notes;
      entry.refused = program === undefined;
      return { tensors, notes: notes as Notes };
    } finally {
      compiling = false;
    }
  }

  /** How many computations run as programs. */
  get compiled(): number {
    return [...this.#entries.values()].filter(({ program }) => program !== undefined).length;
  }

  dispose(): void {
    for (const { program } of this.#entries.values()) program?.dispose();
    this.#entries.clear();
  }

  /** The entry of a key, which becomes the latest used; the one unused for longest makes room. */
  #entry(key: string): Entry {
    const entry = this.#entries.get(key) ?? { calls: 0, program: undefined, notes: undefined, refused: false };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > MOST) {
      const [oldest, { program }] = this.#entries.entries().next().value!;
      program?.dispose();
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
