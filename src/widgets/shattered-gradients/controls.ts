import { depthsToPlay } from "../../comms/states/shattered-gradients.js";
import { dropdown, segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { formatFixed, formatNumber } from "../parts/format.js";
import { type Slider, slider } from "../parts/slider.js";
import type { ShatteredGradientsModel } from "./model.js";

const RANDOM_ONLY = "A trained network is as it is";

/** Network, depth, width and the rest: every control scans again at once. */
export function controls(model: ShatteredGradientsModel): { element: HTMLElement; dispose(): void } {
  const architecture = dropdown("Network", "How the layers are connected", (value) =>
    model.choose({ architecture: value, playing: false }),
  );
  const whole = (label: string, hint: string, [min, max, step]: [number, number, number], name: "depth" | "width") =>
    slider({
      label,
      hint,
      min,
      max,
      step,
      format: String,
      onInput: (value) => model.choose({ [name]: value, playing: false }),
    });
  const depth = whole("Depth", "Hidden layers, or residual blocks", [1, depthsToPlay.at(-1)!, 1], "depth");
  const width = whole("Width", "Units of each layer", [10, 400, 10], "width");
  const beta = slider({
    label: "β",
    hint: "Share of a block in the residual sum: a smaller one keeps gradients together longer",
    min: -2,
    max: 0.5,
    step: 0.1,
    logarithmic: true,
    format: (value) => formatNumber(value, 2),
    onInput: (value) => model.choose({ beta: value }),
  });
  const gamma = slider({
    label: "γ of LRP",
    hint: "Weight of what speaks for a unit. At 0 LRP is input × gradient, and shatters as the gradient does",
    min: 0,
    max: 1,
    step: 0.05,
    format: (value) => formatFixed(value, 2),
    onInput: (value) => model.choose({ gamma: value }),
  });
  const interval = segments(
    "Line",
    "The inputs that are followed, 256 points",
    [
      { value: "symmetric", label: "[−2, 2]", hint: "As in Balduzzi et al. 2017" },
      { value: "unit", label: "[0, 1]", hint: "A quarter of it, four times as close" },
    ],
    (value) => model.choose({ interval: value as "symmetric" | "unit" }),
  );
  const scale = segments(
    "Scale",
    "Of the panels",
    [
      { value: "linear", label: "linear" },
      { value: "logarithmic", label: "log", hint: "Magnitudes on a logarithmic scale" },
    ],
    (value) => model.choose({ logarithmic: value === "logarithmic" }),
  );
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
    const sliders: [Slider, "depth" | "width" | "beta" | "gamma"][] = [
      [depth, "depth"],
      [width, "width"],
      [beta, "beta"],
      [gamma, "gamma"],
    ];
    for (const [control, name] of sliders) control.set(model.trait(name));
    interval.set(model.trait("interval"));
    scale.set(model.trait("logarithmic") ? "logarithmic" : "linear");
    for (const control of [depth, width, interval]) control.rest(trained ? RANDOM_ONLY : null);
    beta.rest(kind === "residual" ? null : "Only residual nets have a β");
    const playing = model.trait("playing");
    play.textContent = playing ? "❚❚ Depths" : "▶ Depths";
    play.setAttribute("aria-pressed", String(playing));
    play.title = playing ? "Stop at this depth" : "Walk through the depths, up to 50 layers";
    play.disabled = reseed.disabled = trained;
  };
  const offer = () => architecture.offer(model.trait("architectures"));
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
      depth.element,
      width.element,
      beta.element,
      gamma.element,
      interval.element,
      scale.element,
      element("div", { class: "limpid-buttons" }, play, reseed),
    ),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}
