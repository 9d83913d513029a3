import type { BiasChoice } from "../../comms/states/explorer.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { formatFixed, formatNumber } from "../parts/format.js";
import { slider } from "../parts/slider.js";
import type { ExplorerModel } from "./model.js";

const REST = "The chosen method does not read this setting";

/** The form of how the class is explained, bound to its model. */
export function settings(model: ExplorerModel): { element: HTMLElement; dispose(): void } {
  const method = dropdown("Method", "How the output is led back to the pixels", (value) =>
    model.ask({ method: value }),
  );
  const composite = dropdown("Composite", "Which rule explains which kind of layer", (value) =>
    model.ask({ composite: value }),
  );
  const epsilon = slider({
    label: "ε",
    hint: "Stabilizer of the ε-rule: a larger one drops weak and contradictory evidence",
    min: -9,
    max: 1,
    step: 0.25,
    logarithmic: true,
    format: (value) => formatNumber(value, 2),
    onInput: (value) => model.ask({ epsilon: value }),
  });
  const gamma = slider({
    label: "γ",
    hint: "Weight of the γ-rule for what speaks for the class: a larger one makes smoother, more positive maps",
    min: 0,
    max: 1,
    step: 0.01,
    format: (value) => formatFixed(value, 2),
    onInput: (value) => model.ask({ gamma: value }),
  });
  const bias = segments(
    "Biases",
    "What becomes of the relevance that a layer's biases explain",
    [
      {
        value: "absorb",
        label: "absorb",
        hint: "Biases keep their share, as in the papers: deep networks lose most on the way",
      },
      { value: "ignore", label: "ignore", hint: "Biases are left out of the denominators" },
      {
        value: "distribute",
        label: "share out",
        hint: "What the biases would keep is shared over the inputs: nothing is lost",
      },
    ],
    (value) => model.ask({ bias: value as BiasChoice }),
  );
  const offer = () => {
    method.offer(model.trait("methods"));
    composite.offer(model.trait("composites"));
  };
  const show = () => {
    const uses = new Set(model.trait("uses"));
    const controls = { composite, epsilon, gamma, bias };
    for (const [name, control] of Object.entries(controls)) control.rest(uses.has(name) ? null : REST);
    method.set(model.trait("method"));
    composite.set(model.trait("composite"));
    epsilon.set(model.trait("epsilon"));
    gamma.set(model.trait("gamma"));
    bias.set(model.trait("bias"));
  };
  const undo = [
    model.watch(["methods", "composites"], offer),
    model.watch(["method", "composite", "epsilon", "gamma", "bias", "uses"], show),
  ];
  offer();
  show();
  return {
    element: element(
      "div",
      { class: "limpid-settings" },
      method.element,
      composite.element,
      epsilon.element,
      gamma.element,
      bias.element,
    ),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}
