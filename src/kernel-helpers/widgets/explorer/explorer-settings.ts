import { type ExplorerState, explorerDefaults } from "../../../comms/states/explorer.js";
import type { FieldValue } from "../../../comms/states/field.js";
import { ParameterError } from "../../../explainers/errors.js";
import { checkParameters, findMethod, type Parameters } from "../../../explainers/index.js";
import { choice, data, invalid, list, type Trait, text, unsynced } from "../base/traits.js";
import { compositeChoices, methodChoices, methodNames } from "./explorer-methods.js";
import { parameterForm } from "./parameter-form.js";

type Values = ExplorerState["parameters"];

/** How it is explained: what a reader chooses, and what follows from it. */
export interface ExplorerSettings
  extends Pick<
    ExplorerState,
    "method" | "methods" | "parameters" | "form" | "composite" | "composites" | "epsilon" | "gamma" | "bias" | "uses"
  > {
  /** Stated parameters by method: coming back to a method finds them again. */
  _stated: { [method: string]: Values };
  /** Names of the network's layers that have a map of positions. */
  _maps: string[];
}

/** Parameters of LRP that are traits of their own as well. */
const shortcuts = ["composite", "bias", "epsilon", "gamma"] as const;
const LRP = findMethod("lrp");
const compositeNames = compositeChoices.map(({ value }) => value);

const oneOf = (names: readonly string[], initial: string): Trait<string> => ({
  expected: `one of ${names.join(", ")}`,
  initial: () => initial,
  check: (value) => (names.includes(value as string) ? (value as string) : invalid),
});

/** A trait that holds what the registry says LRP's parameter of that name holds. */
const parameterOfLrp = (name: string, initial: number): Trait<number> => {
  const { range, accepts } = LRP.parameters[name]!;
  return {
    expected: range,
    initial: () => initial,
    check: (value) => (accepts(value) ? (value as number) : invalid),
  };
};

const anyValues = data<Values>({});

export const settingsTraits: { [Name in keyof ExplorerSettings]: Trait<ExplorerSettings[Name]> } = {
  method: oneOf(methodNames, LRP.id),
  methods: data(methodChoices([])),
  parameters: {
    ...anyValues,
    expected: "an object of numbers, words, true and false by parameter",
    check: (value) =>
      value !== null && typeof value === "object" && !Array.isArray(value) ? anyValues.check(value) : invalid,
    mutable: false,
  },
  form: data<ExplorerState["form"]>([]),
  composite: oneOf(compositeNames, LRP.parameters["composite"]!.default as string),
  composites: data([...compositeChoices]),
  epsilon: parameterOfLrp("epsilon", explorerDefaults.epsilon),
  gamma: parameterOfLrp("gamma", explorerDefaults.gamma),
  bias: choice("absorb", "ignore", "distribute"),
  uses: list(text()),
  _stated: unsynced(data<ExplorerSettings["_stated"]>({})),
  _maps: unsynced(list(text())),
};

/**
 * Brings settings into agreement after some were set: the parameters are those of the method, the four shortcuts are LRP's
 * parameters of that name, and the form is the method's.
 *
 * @throws ParameterError naming the parameter, its value and its range
 */
export function agree(next: ExplorerSettings, names: ReadonlySet<string>): void {
  const stated = { ...next._stated };
  if (names.has("parameters")) {
    stated[next.method] = withoutNull(next.parameters);
    checkParameters(findMethod(next.method), stated[next.method]!);
  }
  const short = shortcuts.filter((name) => names.has(name)).map((name) => [name, next[name]]);
  if (short.length > 0) stated[LRP.id] = { ...stated[LRP.id], ...Object.fromEntries(short) };
  const composite = stated[LRP.id]?.["composite"] ?? next.composite;
  if (!compositeNames.includes(composite as string)) {
    throw new ParameterError("composite", composite, `one of ${compositeNames.join(", ")}`);
  }
  next._stated = stated;
  // Frozen: a change within it would pass unnoticed.
  next.parameters = Object.freeze({ ...stated[next.method] });

  const ofLrp = stated[LRP.id] ?? {};
  const readByLrp = LRP.parametersWith(ofLrp);
  for (const name of shortcuts) {
    // One that the composite does not read keeps the value that it has.
    const value = ofLrp[name] ?? readByLrp[name]?.default;
    if (value !== undefined) Object.assign(next, { [name]: value });
  }

  const read = parametersRead(next);
  next.form = parameterForm(read, { input: "image", layers: next._maps, values: next.parameters });
  next.uses = shortcuts.filter((name) => next.method === LRP.id && name in read);
}

/** What the chosen method is to be made with: the stated parameters that it reads. */
export function valuesRead(settings: ExplorerSettings): Values {
  const read = parametersRead(settings);
  return Object.fromEntries(Object.entries(settings.parameters).filter(([name]) => name in read));
}

const parametersRead = ({ method, parameters }: Pick<ExplorerSettings, "method" | "parameters">): Parameters =>
  findMethod(method).parametersWith(parameters);

/** A field that is left to the method is not stated. */
function withoutNull(values: Values): { [name: string]: Exclude<FieldValue, null> } {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [name: string]: Exclude<FieldValue, null> };
}
