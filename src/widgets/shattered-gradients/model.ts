import { DOMWidgetModel } from "@jupyter-widgets/base";
import { MODULE, MODULE_VERSION } from "../../comms/states/module.js";
import {
  correlationRows,
  curveRows,
  type ShatteredGradientsState,
  shatteredGradientsDefaults,
} from "../../comms/states/shattered-gradients.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, TypedModel } from "../parts/model.js";

type Rows<Names extends readonly string[]> = { [Name in Names[number]]: Float32Array };

export class ShatteredGradientsModel extends TypedModel<ShatteredGradientsState> {
  override defaults() {
    return {
      ...super.defaults(),
      ...shatteredGradientsDefaults,
      _model_name: "ShatteredGradientsModel",
      _model_module: MODULE,
      _model_module_version: MODULE_VERSION,
      _view_name: "ShatteredGradientsView",
      _view_module: MODULE,
      _view_module_version: MODULE_VERSION,
    };
  }

  /** The curves by name, as parts of the one buffer that came. */
  get curves(): Rows<typeof curveRows> | null {
    return rows(this.trait("curves"), curveRows);
  }

  get correlations(): Rows<typeof correlationRows> | null {
    return rows(this.trait("correlations"), correlationRows);
  }

  static override serializers = {
    ...DOMWidgetModel.serializers,
    curves: arraySerializer,
    correlations: arraySerializer,
  };
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
