import type { GateName } from "./cell.js";
import type { CellLayer } from "./cell-layer.js";

/** A gate is shut below the first and open above the second (Karpathy, Johnson & Li 2015, section 4.2). */
const LEFT_BELOW = 0.1;
const RIGHT_ABOVE = 0.9;

/** How often the gates of each cell are shut or open. */
export interface GateSaturation {
  readonly layer: string;
  readonly gate: GateName;
  /** Share of the steps at which the gate is left-saturated, below 0.1, by cell. */
  readonly left: Float32Array;
  /** Share of the steps at which the gate is right-saturated, above 0.9, by cell. */
  readonly right: Float32Array;
}

/**
 * How often each gate is shut (below 0.1) or open (above 0.9), by cell.
 *
 * @example gateSaturation(layers)[1].right; // share of the steps at which cells forget nothing
 */
export function gateSaturation(layers: readonly CellLayer[]): GateSaturation[] {
  return layers.flatMap(({ layer, cells, gates }) =>
    Object.entries(gates).map(([gate, values]) => {
      const left = new Float32Array(cells);
      const right = new Float32Array(cells);
      const rows = values.length / cells;
      for (let at = 0, cell = 0; at < values.length; at++) {
        if (values[at]! < LEFT_BELOW) left[cell]!++;
        else if (values[at]! > RIGHT_ABOVE) right[cell]!++;
        cell = cell + 1 === cells ? 0 : cell + 1;
      }
      const share = (count: number) => count / rows;
      return { layer, gate: gate as GateName, left: left.map(share), right: right.map(share) };
    }),
  );
}
