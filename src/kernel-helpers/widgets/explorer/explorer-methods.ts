import type { BiasChoice, ExplorerState, MethodChoice } from "../../../comms/states/explorer.js";
import { families } from "../../../explainers/families.js";
import { type Method, needsNoData } from "../../../explainers/method.js";
import { findComposite } from "../../../explainers/methods/lrp/index.js";
import { findMethod, methods } from "../../../explainers/methods.js";

/** The methods of the registry that explain a photo with nothing at hand but the network. */
const offered = methods.filter((method) => needsNoData(method, "image"));

export const methodNames: readonly string[] = offered.map(({ id }) => id);

/** Methods that look at a layer's map of positions need a network that has one. */
const needsMap = ({ parameters }: Method) => Object.values(parameters).some(({ type }) => type === "layer");

/** The methods for a network whose layers with maps are these. */
export const methodsFor = (maps: readonly string[]): readonly Method[] =>
  offered.filter((method) => maps.length > 0 || !needsMap(method));

/** The same as a list to choose from. */
export const methodChoices = (maps: readonly string[]): MethodChoice[] =>
  methodsFor(maps).map(({ id, name, question, family, reference }) => ({
    value: id,
    label: name,
    hint: question,
    family: families[family].title,
    reference,
  }));

/** Names of the composites of LRP that are for photos. */
export const compositeNames: readonly string[] = findMethod("lrp")
  .parameters["composite"]!.choices!.map(findComposite)
  .filter(({ inputs }) => inputs.includes("image"))
  .map(({ id }) => id);

/** How it is explained, for a heading: `LRP, ε-γ-box`. LRP is named with its composite. */
export function subtitleOf({ name, short = name, parameters }: Method, composite: string): string {
  return "composite" in parameters ? `${short}, ${findComposite(composite).name}` : short;
}

/** What becomes of the biases, in words. */
export const biasWords = { absorb: "biases absorb", ignore: "biases ignored", distribute: "biases shared out" };

/** The same for a heading; empty where the method does not ask. */
export function remarkOf({ form, bias }: Pick<ExplorerState, "form"> & { bias: BiasChoice }): string {
  return form.some(({ name }) => name === "bias") ? biasWords[bias] : "";
}
