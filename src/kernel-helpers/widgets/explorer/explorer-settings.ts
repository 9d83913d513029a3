import {
  type BiasChoice,
  type ExplorerState,
  explorerState,
  type ParameterValues,
} from "../../../comms/states/explorer.js";
import { accessor, data, invalid, list, type Trait, text, unsynced } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import { checkParameters } from "../../../explainers/method.js";
import { findMethod } from "../../../explainers/methods.js";
import type { Parameters } from "../../../explainers/parameters.js";
import { compositeNames, methodNames } from "./explorer-methods.js";
import { parameterForm } from "./parameter-form.js";

/**
 * What is held of how it is explained; everything else is read from it.
 *
 * @public The declaration of Explorer names it.
 */
export interface Held {
  method: string;
  /** Stated parameters by method: coming back to a method finds them again. Frozen: a change within would pass unnoticed. */
  _stated: { readonly [method: string]: Readonly<ParameterValues> };
  /** Names of the network's layers that have a map of positions. */
  _maps: string[];
}

/**
 * LRP's parameters of these names, whichever method is chosen.
 *
 * @public The declaration of Explorer names it.
 */
export interface Shortcuts {
  composite: string;
  bias: BiasChoice;
  /** Stabilizer of the ε-rule. */
  epsilon: number;
  /** Weight of the positive parts in the γ-rule. */
  gamma: number;
}

/** How it is explained: what a reader chooses, and what follows from it. */
export interface ExplorerSettings extends Held, Shortcuts, Pick<ExplorerState, "parameters" | "form"> {}

const LRP = findMethod("lrp");
const NONE: Readonly<ParameterValues> = Object.freeze({});

/** Where an explorer departs from a method's own defaults. */
const OPENING: { readonly [method: string]: Readonly<ParameterValues> | undefined } = {
  // Biases keep most of a deep network's output, and a map's sum says little beside it: shared out, all of it reaches the pixels.
  [LRP.id]: { bias: "distribute" },
  // The mean output where a place is visible is nowhere near zero: colors by sign would all be one.
  rise: { estimate: "difference" },
};

const openingOf = (method: string): Readonly<ParameterValues> => OPENING[method] ?? NONE;

const oneOf = (names: readonly string[], inner: Trait<string>): Trait<string> => ({
  ...inner,
  expected: `one of ${names.join(", ")}`,
  known: names,
  check: (value) => (names.includes(value as string) ? (value as string) : invalid),
});

/** A trait that reads and states LRP's parameter of that name. */
function shortcut<Name extends keyof Shortcuts>(name: Name): Trait<Shortcuts[Name]> {
  type Value = Shortcuts[Name];
  const { range, accepts, choices, default: initial } = LRP.parameters[name]!;
  const inner: Trait<Value> = {
    expected: range,
    ...(choices && { known: choices }),
    initial: () => initial as Value,
    check: (value) => (accepts(value) ? (value as Value) : invalid),
  };
  const valueIn = ({ _stated }: Held) => {
    const stated = _stated[LRP.id] ?? NONE;
    // One that the composite does not read has the value with which the next that does begins.
    return (stated[name] ?? openingOf(LRP.id)[name] ?? LRP.parametersWith(stated)[name]?.default ?? initial) as Value;
  };
  return unsynced(
    accessor<Held, Value>(inner, valueIn, (held, value) =>
      state(held, LRP.id, { ...held._stated[LRP.id], [name]: value }),
    ),
  );
}

function state(held: Held, method: string, values: ParameterValues): void {
  held._stated = { ...held._stated, [method]: Object.freeze(values) };
}

const values = explorerState.parameters;
const statedValues: Trait<ParameterValues> = {
  ...values,
  expected: "an object of numbers, words, true and false by parameter",
  check: (value) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? values.check(value) : invalid,
};

/** In the order in which they are set together: the method first, then its parameters, then single ones of LRP. */
export const settingsTraits: { [Name in keyof ExplorerSettings]: Trait<ExplorerSettings[Name]> } = {
  method: oneOf(methodNames, explorerState.method),
  parameters: accessor<Held, ParameterValues>(
    statedValues,
    ({ _stated, method }) => _stated[method] ?? NONE,
    (held, values) => {
      const stated = withoutNull(values);
      checkParameters(findMethod(held.method), stated);
      state(held, held.method, stated);
    },
  ),
  form: accessor<Held, ExplorerState["form"]>(explorerState.form, (held) => {
    const stated = held._stated[held.method] ?? NONE;
    const context = { input: "image", layers: held._maps, values: stated } as const;
    return parameterForm(parametersRead(held.method, stated), context).map((field) => ({
      ...field,
      default: openingOf(held.method)[field.name] ?? field.default,
    }));
  }),
  composite: oneOf(compositeNames, shortcut("composite")),
  bias: shortcut("bias"),
  epsilon: shortcut("epsilon"),
  gamma: shortcut("gamma"),
  _stated: unsynced(data<Held["_stated"]>({})),
  _maps: unsynced(list(text())),
};

/** @throws ParameterError where parameters state a composite that is not for pictures */
export function checkComposite({ composite }: ExplorerSettings): void {
  if (!compositeNames.includes(composite)) {
    throw ParameterError.notOneOf("composite", composite, compositeNames);
  }
}

/** What the chosen method is to be made with: the parameters that it reads, as far as they are stated or an explorer has a default of its own. */
export function valuesRead({ method, parameters }: Pick<ExplorerSettings, "method" | "parameters">): ParameterValues {
  const read = parametersRead(method, parameters);
  const values = { ...openingOf(method), ...parameters };
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in read));
}

const parametersRead = (method: string, stated: Readonly<ParameterValues>): Parameters =>
  findMethod(method).parametersWith(stated);

/** A field that is left to the method is not stated. */
function withoutNull(values: ParameterValues): { [name: string]: Exclude<ParameterValues[string], null> } {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [name: string]: Exclude<ParameterValues[string], null> };
}
