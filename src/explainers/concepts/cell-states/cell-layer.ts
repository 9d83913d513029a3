import type { CellKind, GateName } from "./cell.js";

/** The cells of one recurrent layer over sequences. */
export interface CellLayer {
  /** Its name; of a bidirectional or nested one with the name of what holds it, of stacked cells with their number. */
  readonly layer: string;
  readonly kind: CellKind;
  readonly cells: number;
  readonly sequences: number;
  readonly steps: number;
  /** Which way it reads its sequences. */
  readonly reads: "forward" | "backward";
  /** The memory after each step, `c` of an LSTM, `h` of others: `[sequences × steps, cells]`. */
  readonly states: Float32Array;
  /** `[sequences × steps, cells]` each; 0.5 at masked steps. Empty for a simple RNN, or where gates are not wanted. */
  readonly gates: Readonly<Partial<Record<GateName, Float32Array>>>;
}
