import { sentenceCase } from "../../comms/format.js";
import { depthsToPlay, type ShatteredGradientsState } from "../../comms/states/shattered-gradients.js";
import { dropdown } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { form, plainField, range } from "../parts/form.js";
import { writes } from "../parts/lock.js";
import type { Shown } from "../parts/model.js";
import type { ShatteredGradientsModel } from "./model.js";

const RANDOM_ONLY = "A trained network is as it is";

const fields = [
  plainField("depth", "Depth", "Hidden layers, or residual blocks", range(1, depthsToPlay.at(-1)!, 1)),
  plainField("width", "Width", "Units of each layer", range(10, 400, 10)),
  plainField(
    "beta",
    "β",
    "Share of a block in the residual sum: a smaller one keeps gradients together longer",
    range(0.01, 10 ** 0.5, 0.1, true),
  ),
  plainField(
    "gamma",
    "γ of LRP",
    "Weight of what speaks for a unit. At 0 LRP is input × gradient, and shatters as the gradient does",
    range(0, 1, 0.05),
  ),
  plainField("interval", "Line", "The inputs that are followed, 256 points", {
    kind: "choice",
    choices: [
      { value: "symmetric", label: "[−2, 2]", hint: "As in Balduzzi et al. 2017" },
      { value: "unit", label: "[0, 1]", hint: "A quarter of it, four times as close" },
    ],
  }),
  plainField("scale", "Scale", "Of the panels", {
    kind: "choice",
    choices: [
      { value: "linear", label: "Linear", hint: "Values as they are" },
      { value: "logarithmic", label: "Log", hint: "Magnitudes on a logarithmic scale" },
    ],
  }),
];

/** Network, depth, width and the rest: every control scans again at once. */
export function controls(model: ShatteredGradientsModel): { element: HTMLElement; dispose(): void } {
  const architecture = dropdown("Network", "How the layers are connected", (value) =>
    model.choose({ architecture: value, playing: false }),
  );
  const settings = form(
    (name, value) => {
      if (name === "scale") model.choose({ logarithmic: value === "logarithmic" });
      else {
        const changed = { [name]: value } as Partial<Shown<ShatteredGradientsState>>;
        model.choose(name === "depth" || name === "width" ? { ...changed, playing: false } : changed);
      }
    },
    (name) => (name === "scale" ? "logarithmic" : name),
  );
  writes(architecture.element, "architecture");
  settings.offer(fields);
  const play = element("button", { type: "button", class: "limpid-button", "data-action": "play" });
  play.addEventListener("click", () => model.choose({ playing: !model.trait("playing") }));
  const reseed = element(
    "button",
    { type: "button", class: "limpid-button", "data-action": "seed", title: "Draw the weights again" },
    "New seed",
  );
  reseed.addEventListener("click", () => model.choose({ seed: model.trait("seed") + 1 }));

  const show = () => {
    const kind = model.trait("architecture");
    const trained = kind === "trained";
    architecture.set(kind);
    settings.set({
      depth: model.trait("depth"),
      width: model.trait("width"),
      beta: model.trait("beta"),
      gamma: model.trait("gamma"),
      interval: model.trait("interval"),
      scale: model.trait("logarithmic") ? "logarithmic" : "linear",
    });
    for (const name of ["depth", "width", "interval"]) settings.rest(name, trained ? RANDOM_ONLY : null);
    settings.rest("beta", kind === "residual" ? null : "Only residual nets have a β");
    const playing = model.trait("playing");
    play.textContent = playing ? "❚❚ Depths" : "▶ Depths";
    play.setAttribute("aria-pressed", String(playing));
    play.title = playing ? "Stop at this depth" : "Walk through the depths, up to 50 layers";
    play.disabled = reseed.disabled = trained;
  };
  const offer = () => {
    // A trained network has the name that its owner gave it.
    const labelOf = ({ value, label }: { value: string; label: string }) =>
      value === "trained" ? label : sentenceCase(label);
    architecture.offer(model.trait("architectures").map((one) => ({ ...one, label: labelOf(one) })));
  };
  const undo = [
    model.watch(["architectures"], offer),
    model.watch(["architecture", "depth", "width", "beta", "gamma", "interval", "logarithmic", "playing"], show),
  ];
  offer();
  show();
  return {
    element: element(
      "div",
      { class: "limpid-settings" },
      architecture.element,
      settings.element,
      element("div", { class: "limpid-buttons" }, play, reseed),
    ),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}
