import type { LoadedModel } from "../../models/index.js";
import { type Compared, comparedColumn } from "./compared.js";
import { type ComparedPhoto, type CompareOptions, Comparison } from "./comparison.js";
import { MethodGrid } from "./method-grid.js";

export type { CompareOptions } from "./comparison.js";

/**
 * Explains a photo, or several, by several methods and shows the maps as small multiples, each as soon as it is there. The photo goes
 * through the network once; one method that fails is named in its place, and the others go on. A click on a map opens the explorer
 * with that method.
 *
 * @param photo What `loadImage` gave, a tensor `[1, height, width, channel]`, or a list of either: a row each.
 * @param compared Methods, or results of one photo; an object gives them names of your own.
 * @throws ParameterError for a method or a parameter that does not exist, or scores of something else; TargetError, InputShapeError
 * @example compare(model, photo, ["lrp", "integrated-gradients", "smoothgrad", "occlusion", "grad-cam", "guided-backprop"])
 * @example compare(model, photo, { "γ = 0.1": { method: "lrp", parameters: { gamma: 0.1 } }, mine: result })
 * @example compare(model, photos, ["lrp", "occlusion"], { scores: await evaluate(model, photos, ["lrp", "occlusion"], ["deletion"]), sort: "deletion" })
 */
export function compare(
  model: LoadedModel,
  photo: ComparedPhoto | readonly ComparedPhoto[],
  compared: readonly Compared[] | Readonly<Record<string, Compared>>,
  options: CompareOptions = {},
): MethodGrid {
  const given = Array.isArray(compared) ? compared.map((one) => [undefined, one] as const) : Object.entries(compared);
  const columns = given.map(([name, one]) => comparedColumn(model, one, name));
  const comparison = new Comparison(model, photo, columns, options);
  const grid = new MethodGrid(comparison.grid, comparison);
  comparison.begin(grid);
  return grid;
}
