import type { BiasChoice, Choice } from "../comms/states/explorer.js";
import type { Attribution } from "../explainers/attribution.js";
import {
  gradCam,
  gradientTimesInput,
  guidedBackprop,
  integratedGradients,
  sensitivity,
  smoothGrad,
} from "../explainers/gradient/index.js";
import { type Composite, type LrpAttribution, lrp } from "../explainers/lrp/index.js";
import { occlusion } from "../explainers/perturbation/index.js";
import type { RunOptions } from "../explainers/progress.js";
import { findComposite } from "../explainers/registry/index.js";
import type { Recording } from "../explainers/trace/index.js";
import type { LoadedModel } from "./models/index.js";

/** What an explanation is made with. */
export interface Settings {
  target: number;
  composite: string;
  epsilon: number;
  gamma: number;
  bias: BiasChoice;
}

type Setting = Exclude<keyof Settings, "target">;

/** A method as the explorer offers it. */
export interface ExplorerMethod extends Choice {
  /** In a heading. */
  short: string;
  /** Whether the sign of its values has a meaning. */
  signed: boolean;
  /** Whether its values are shares, whose sum has a meaning. */
  additive: boolean;
  uses(settings: Settings): Setting[];
  explain(
    model: LoadedModel,
    recording: Recording,
    settings: Settings,
    run: RunOptions,
  ): Promise<Attribution | LrpAttribution>;
}

interface ExplorerComposite extends Choice {
  short: string;
  uses: Setting[];
  make(model: LoadedModel, settings: Settings): Composite;
}

/** The composites in the order of the list: those of the registry whose parameters the explorer has controls for. */
export const composites: ExplorerComposite[] = [
  "epsilon-gamma-box",
  "epsilon-plus",
  "epsilon-plus-flat",
  "epsilon-alpha2-beta1",
  "epsilon-alpha2-beta1-flat",
  "overview-2019",
  "alpha1-beta0",
  "deep-taylor",
].map((id) => {
  const { name, rules, description, parameters, make } = findComposite(id);
  const uses = (["epsilon", "gamma"] as const).filter((parameter) => parameter in parameters);
  return {
    value: id,
    label: `${name}: ${rules}`,
    short: name,
    hint: description,
    uses,
    make: ({ input }, settings) => make(Object.fromEntries(uses.map((use) => [use, settings[use]])), input),
  };
});

function compositeOf({ composite }: Settings): ExplorerComposite {
  const found = composites.find(({ value }) => value === composite);
  if (!found) {
    throw new TypeError(
      `There is no composite "${composite}"; an explorer has ${composites.map(({ value }) => value).join(", ")}`,
    );
  }
  return found;
}

const none = (): Setting[] => [];

/** The methods in the order of the list. */
export const methods: ExplorerMethod[] = [
  {
    value: "lrp",
    label: "Layer-wise relevance propagation",
    short: "LRP",
    hint: "Shares the output among the pixels, layer by layer: which pixels contribute how much",
    signed: true,
    additive: true,
    uses: (settings) => ["composite", "bias", ...compositeOf(settings).uses],
    explain: (model, recording, settings) =>
      lrp(model, { composite: compositeOf(settings).make(model, settings), bias: settings.bias })(recording, {
        target: settings.target,
      }),
  },
  {
    value: "sensitivity",
    label: "Sensitivity",
    short: "sensitivity",
    hint: "Squared gradient: which pixels would change the output most, whatever they contribute now",
    signed: false,
    additive: false,
    uses: none,
    explain: (model, recording, { target }) => sensitivity(model)(recording, { target }),
  },
  {
    value: "gradient-x-input",
    label: "Gradient × input",
    short: "gradient × input",
    hint: "First-order share of each pixel; noisy in deep networks",
    signed: true,
    additive: true,
    uses: none,
    explain: (model, recording, { target }) => gradientTimesInput(model)(recording, { target }),
  },
  {
    value: "integrated-gradients",
    label: "Integrated gradients",
    short: "integrated gradients, 32 steps",
    hint: "Gradients summed on the way from gray to the photo: completely shares the difference of the outputs",
    signed: true,
    additive: true,
    uses: none,
    explain: (model, recording, { target }, run) =>
      integratedGradients(model, { steps: 32 })(recording, { target, ...run }),
  },
  {
    value: "smoothgrad",
    label: "SmoothGrad",
    short: "SmoothGrad, 32 samples",
    hint: "The mean gradient over noisy copies of the photo",
    signed: true,
    additive: false,
    uses: none,
    explain: (model, recording, { target }, run) => smoothGrad(model, { samples: 32 })(recording, { target, ...run }),
  },
  {
    value: "guided-backprop",
    label: "Guided backpropagation",
    short: "guided backprop",
    hint: "The gradient through units that are active and get a positive gradient: sharp edges, hardly depends on the class",
    signed: true,
    additive: false,
    uses: none,
    explain: (model, recording, { target }) => guidedBackprop(model)(recording, { target }),
  },
  {
    value: "grad-cam",
    label: "Grad-CAM",
    short: "Grad-CAM",
    hint: "The last map of features, weighted by its mean gradient: coarse, where rather than what",
    signed: false,
    additive: false,
    uses: none,
    explain: (model, recording, { target }) => gradCam(model)(recording, { target }),
  },
  {
    value: "occlusion",
    label: "Occlusion",
    short: "occlusion, 32 × 32 windows",
    hint: "How far the output falls when a gray window covers the place: one forward pass a window",
    signed: true,
    additive: false,
    uses: none,
    explain: (model, recording, { target }, run) => {
      const [, height = 1, width = 1, channels = 1] = recording.inputs[0]!.shape;
      const window = Math.max(1, Math.min(32, height >> 2, width >> 2));
      const strides = Math.max(1, window >> 1);
      const options = { window: [window, window, channels], strides: [strides, strides, channels] };
      return occlusion(model, options)(recording.inputs[0]!, { target, ...run });
    },
  },
];

export function methodOf(name: string): ExplorerMethod {
  const found = methods.find(({ value }) => value === name);
  if (!found) {
    throw new TypeError(
      `There is no method "${name}"; an explorer has ${methods.map(({ value }) => value).join(", ")}`,
    );
  }
  return found;
}

/** How it is explained, for a heading: `LRP, ε-γ-box`. */
export function subtitleOf(method: ExplorerMethod, settings: Settings): string {
  return method.uses(settings).includes("composite") ? `${method.short}, ${compositeOf(settings).short}` : method.short;
}
