import {
  type Attribution,
  alpha1Beta0,
  type Bias,
  type Composite,
  deepTaylor,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  gradientTimesInput,
  type LrpAttribution,
  lrp,
  overview2019,
  ParameterError,
  sensitivity,
} from "../explainers/index.js";
import type { LoadedImage, LoadedModel } from "../kernel-helpers/index.js";

/** What the options of `limpid explain` say about the method; undefined where they say nothing. */
export interface Settings {
  composite: string | undefined;
  epsilon: number | undefined;
  gamma: number | undefined;
  bias: string | undefined;
}

type Run = (photo: LoadedImage, target: number) => Promise<Attribution | LrpAttribution>;

interface Method {
  /** Whether relevance speaks for and against; sensitivity only has a size. */
  signed: boolean;
  /** Which settings it takes. */
  takes: readonly (keyof Settings)[];
  prepare(model: LoadedModel, settings: Settings): Run;
}

type Box = Parameters<typeof epsilonGammaBox>[0];

const composites: { [name: string]: (options: Box) => Composite } = {
  "epsilon-plus": epsilonPlus,
  "epsilon-plus-flat": epsilonPlusFlat,
  "epsilon-gamma-box": epsilonGammaBox,
  "epsilon-alpha2-beta1": epsilonAlpha2Beta1,
  "epsilon-alpha2-beta1-flat": epsilonAlpha2Beta1Flat,
  "alpha1-beta0": alpha1Beta0,
  "deep-taylor": deepTaylor,
  "excitation-backprop": excitationBackprop,
  "overview-2019": overview2019,
};

/** The composite that `limpid explain` uses unless told otherwise. */
export const defaultComposite = "epsilon-gamma-box";

export const compositeNames: readonly string[] = Object.keys(composites);

const methods: { [name: string]: Method } = {
  lrp: {
    signed: true,
    takes: ["composite", "epsilon", "gamma", "bias"],
    prepare(model, settings) {
      const name = settings.composite ?? defaultComposite;
      const make = known(composites, "composite", name);
      const { low, high } = model.input;
      const given = { epsilon: settings.epsilon, gamma: settings.gamma };
      const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const composite = make({ low, high, ...stated });
      for (const key of Object.keys(stated)) {
        if (!(key in composite.parameters)) throw new ParameterError(key, stated[key], `left out with ${name}`);
      }
      const explain = lrp(model.net, { composite, ...(settings.bias && { bias: settings.bias as Bias }) });
      return (photo, target) => explain(photo.tensor, { target });
    },
  },
  sensitivity: byGradient(sensitivity, false),
  "gradient-times-input": byGradient(gradientTimesInput, true),
};

function byGradient(method: typeof gradientTimesInput, signed: boolean): Method {
  return {
    signed,
    takes: [],
    prepare(model) {
      const explain = method(model.net);
      return (photo, target) => explain(photo.tensor, { target });
    },
  };
}

export const methodNames: readonly string[] = Object.keys(methods);

/**
 * A method by its name, ready to explain one photo after the other.
 *
 * @throws ParameterError for a name, a setting or a value that does not exist.
 */
export function prepareMethod(name: string, model: LoadedModel, settings: Settings): { run: Run; signed: boolean } {
  const method = known(methods, "method", name);
  for (const key of Object.keys(settings) as (keyof Settings)[]) {
    if (settings[key] !== undefined && !method.takes.includes(key)) {
      throw new ParameterError(key, settings[key], `left out with ${name}`);
    }
  }
  return { run: method.prepare(model, settings), signed: method.signed };
}

function known<T>(table: { [name: string]: T }, what: string, name: string): T {
  if (!Object.hasOwn(table, name)) throw new ParameterError(what, name, `one of ${Object.keys(table).join(", ")}`);
  return table[name]!;
}
