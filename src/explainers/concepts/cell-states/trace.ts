import type { follow } from "../../progress.js";
import type { Step } from "./cell.js";

/** What a recurrent layer is given. */
export interface Sequences {
  /** `[sequences, steps, features]` */
  readonly values: Float32Array;
  readonly count: number;
  readonly steps: number;
  readonly features: number;
  /** Whether a step counts, `[sequences, steps]`; what does not leaves the states as they are. */
  readonly mask: Float32Array | undefined;
  /** First states by cell and state, `[sequences, units]` each; zeros where there are none. */
  readonly initial: readonly Float32Array[] | undefined;
  readonly backwards: boolean;
}

/** The course of one cell's states, in the order of the input whichever way it was read. */
export interface CellTrace {
  readonly step: Step;
  /** The memory after each step, `[sequences × steps, units]`. */
  readonly states: Float32Array;
  /** Each gate of the step, `[sequences × steps, units]`; none where gates are not wanted. */
  readonly gates: readonly Float32Array[];
}

export interface LayerTrace {
  readonly count: number;
  readonly length: number;
  readonly cells: readonly CellTrace[];
  /** What the last cell gave, in the order in which it was read, `[sequences, steps, units]`. */
  readonly outputs: Float32Array;
  /** States after the last step that was read, by cell and state. */
  readonly last: readonly Float32Array[];
}

/** Bytes that a trace takes. */
export const bytesOf = (steps: readonly Step[], { count, steps: length }: Sequences, gates: boolean): number =>
  4 * count * length * steps.reduce((sum, { units, gates: own }) => sum + units * (2 + (gates ? own.length : 0)), 0);

/** Runs cells that lie on top of each other over sequences, one step at a time. */
export async function traced(
  steps: readonly Step[],
  given: Sequences,
  withGates: boolean,
  progress: ReturnType<typeof follow> | undefined,
): Promise<LayerTrace> {
  const { values, count, steps: length, features, mask, backwards } = given;
  const rows = count * length;
  const cells = steps.map((step) => ({
    step,
    states: new Float32Array(rows * step.units),
    gates: withGates ? step.gates.map(() => new Float32Array(rows * step.units)) : [],
  }));
  const top = steps.at(-1)!.units;
  const outputs = new Float32Array(rows * top);
  const scratch = steps.map(({ units, gates }) => new Float32Array(units * gates.length));
  const last = steps.flatMap(({ units, states }) =>
    Array.from({ length: states }, () => new Float32Array(count * units)),
  );
  for (let sequence = 0; sequence < count; sequence++) {
    let offset = 0;
    const states = steps.map(({ units, states: own }) => {
      const first = given.initial?.slice(offset, offset + own);
      offset += own;
      return Array.from({ length: own }, (_, at) =>
        Float32Array.from(first?.[at]?.subarray(sequence * units, (sequence + 1) * units) ?? new Float32Array(units)),
      );
    });
    for (let read = 0; read < length; read++) {
      const time = backwards ? length - 1 - read : read;
      const row = sequence * length + time;
      let x: ArrayLike<number> = values;
      let at = row * features;
      const counts = mask === undefined || mask[row] !== 0;
      for (let index = 0; index < steps.length; index++) {
        const step = steps[index]!;
        const own = states[index]!;
        // A gate of a step that does not count has no value: it is left at 0.5, neither open nor shut.
        if (counts) step.advance(x, at, own, scratch[index]!);
        else scratch[index]!.fill(0.5);
        const cell = cells[index]!;
        cell.states.set(own[step.memory]!, row * step.units);
        cell.gates.forEach((gate, which) => {
          gate.set(scratch[index]!.subarray(which * step.units, (which + 1) * step.units), row * step.units);
        });
        x = own[0]!;
        at = 0;
      }
      outputs.set(states.at(-1)![0]!, (sequence * length + read) * top);
      if (read % PACE === PACE - 1) await progress?.step(PACE);
    }
    await progress?.step(length % PACE);
    states.flat().forEach((state, which) => {
      last[which]!.set(state, sequence * state.length);
    });
  }
  return { count, length, cells, outputs, last };
}

/** Steps between two looks at the clock. */
const PACE = 32;
