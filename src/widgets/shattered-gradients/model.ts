import { correlationRows, curveRows, shatteredGradientsState } from "../../comms/states/shattered-gradients.js";
import type { Grid } from "../parts/grid.js";
import { modelOf } from "../parts/model.js";

type Rows<Names extends readonly string[]> = { [Name in Names[number]]: Float32Array };

export class ShatteredGradientsModel extends modelOf("ShatteredGradients", shatteredGradientsState) {
  /** The curves by name, as parts of the one buffer that came. */
  get curves(): Rows<typeof curveRows> | null {
    return rows(this.trait("curves"), curveRows);
  }

  get correlations(): Rows<typeof correlationRows> | null {
    return rows(this.trait("correlations"), correlationRows);
  }
}

function rows<const Names extends readonly string[]>(
  grid: Grid<Float32Array> | null,
  names: Names,
): Rows<Names> | null {
  if (!grid) return null;
  const columns = grid.shape[1]!;
  const entries = names.map((name, row) => [name, grid.values.subarray(row * columns, (row + 1) * columns)]);
  return Object.fromEntries(entries) as Rows<Names>;
}
