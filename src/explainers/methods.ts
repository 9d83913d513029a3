import { ParameterError } from "./errors.js";
import type { Method } from "./method.js";
import { occlusion } from "./methods/perturbation/windows/occlusion.js";
import { gradientMethods } from "./registry/gradient.js";
import { lrpMethods } from "./registry/lrp.js";
import { patternMethods } from "./registry/patterns.js";
import { perturbationMethods } from "./registry/perturbation.js";

/** Every method that explains one decision, family by family; commands, forms and documentation are made from it. */
export const methods: readonly Method[] = [
  ...lrpMethods,
  ...gradientMethods,
  ...patternMethods,
  occlusion,
  ...perturbationMethods,
];

/**
 * A method by its id.
 *
 * @throws ParameterError naming the methods there are
 * @example
 * const explain = findMethod("integrated-gradients")(model, { steps: 32, baseline: "blurred" }, { low: 0, high: 1 });
 * const { relevance } = await explain(photo, { target: "top1" });
 */
export function findMethod(id: string): Method {
  const found = methods.find((method) => method.id === id);
  if (found === undefined)
    throw new ParameterError("method", id, `one of ${methods.map((method) => method.id).join(", ")}`);
  return found;
}
