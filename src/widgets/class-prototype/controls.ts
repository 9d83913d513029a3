import { formatFixed, formatNumber } from "../../comms/format.js";
import type { PrototypeSettings } from "../../comms/states/class-prototype.js";
import { dropdown, segments } from "../parts/choices.js";
import { classSearch } from "../parts/class-search.js";
import { element, uniqueId } from "../parts/dom.js";
import { type Slider, type SliderOptions, slider } from "../parts/slider.js";
import type { ClassPrototypeModel } from "./model.js";

const CANVASES: Record<string, { label: string; hint: string }> = {
  pixels: { label: "Pixels", hint: "Each pixel by itself: free to make noise that only the network sees" },
  fourier: {
    label: "Fourier, decorrelated",
    hint: "Waves in the strengths and colors of natural pictures: broad shapes come as easily as fine ones",
  },
  generator: { label: "Decoder", hint: "Only what a trained decoder can draw (synthesis of preferred inputs)" },
};

/** Sliders over powers of ten whose left end means off. */
function strength(label: string, hint: string, [from, to]: [number, number], onInput: (value: number) => void): Slider {
  const inner = slider({
    label,
    hint,
    min: from - 0.25,
    max: to,
    step: 0.25,
    format: (exponent) => (exponent < from ? "off" : formatNumber(Number((10 ** exponent).toPrecision(2)), 2)),
    onInput: (exponent) => onInput(exponent < from ? 0 : Number((10 ** exponent).toPrecision(2))),
  });
  return { ...inner, set: (value) => inner.set(value === 0 ? from - 0.25 : Math.log10(value)) };
}

const amount = (
  options: Pick<SliderOptions, "label" | "hint" | "max" | "step" | "onInput"> & {
    /** What stands behind the number; with ± before it where it begins so. */
    unit: string;
    decimals?: number;
    /** What the value is multiplied by to be in that unit. */
    factor?: number;
  },
) =>
  slider({
    ...options,
    min: 0,
    format: (value) =>
      value === 0
        ? "off"
        : `${options.unit.startsWith("±") ? "±" : ""}${formatFixed((options.factor ?? 1) * value, options.decimals ?? 0)}${options.unit.replace("±", "")}`,
  });

/** What to look for and what a picture should be like, bound to the model; every slider acts while the run goes on. */
export function controls(model: ClassPrototypeModel): { element: HTMLElement; dispose(): void } {
  const kind = segments(
    "Look for",
    "A class of the output, or one channel of a layer inside",
    [
      { value: "class", label: "Class", hint: "An output of the network" },
      { value: "channel", label: "Channel", hint: "The mean of a channel inside the network" },
    ],
    (value) => model.choose({ kind: value as "class" | "channel" }),
    { showLabel: false },
  );
  const nameOf = (index: number) => model.trait("classNames")[index] ?? String(index);
  const target = classSearch({
    label: "Class",
    hint: "The class whose prototype is sought: a part of its name, or its number",
    shown: () => nameOf(model.trait("target")),
    onChoose: (index) => {
      if (index !== model.trait("target")) model.choose({ target: index });
    },
  });
  const layer = dropdown("Layer", "Where the channel is", (value) => model.choose({ layer: value, channel: 0 }));
  const channel = channelField(model);
  const maximize = segments(
    "Maximize",
    "The class's own score, or its probability, which also lowers the others",
    [
      { value: "logProbability", label: "log p", hint: "Log probability: stops growing once the network is sure" },
      { value: "logit", label: "Logit", hint: "The score before the softmax: grows without end, stronger pictures" },
    ],
    (value) => model.choose({ maximize: value as "logit" | "logProbability" }),
  );
  const canvas = dropdown("Drawn in", "What is optimized", (value) => model.choose({ drawnIn: value }));
  const density = dropdown("Looks like", "A density fitted to data that the picture is held to", (value) =>
    model.choose({ density: value }),
  );

  const set = (name: keyof PrototypeSettings) => (value: number) => model.choose({ [name]: value });
  const sliders: { [Name in keyof PrototypeSettings]: Slider } = {
    l2: strength("L2", "Pulls every value to zero: fewer strong colors", [-5, -1], set("l2")),
    totalVariation: strength(
      "Smooth",
      "Total variation: makes neighboring pixels alike",
      [-5, -1],
      set("totalVariation"),
    ),
    jitter: amount({
      label: "Jitter",
      hint: "Moves the picture at each step: only what survives it stays",
      max: 32,
      step: 1,
      unit: " px",
      onInput: set("jitter"),
    }),
    rotation: amount({
      label: "Turn",
      hint: "Turns the picture at each step",
      max: 45,
      step: 1,
      unit: "±°",
      onInput: set("rotation"),
    }),
    scale: amount({
      label: "Zoom",
      hint: "Enlarges or reduces the picture at each step",
      max: 0.5,
      step: 0.05,
      unit: "±\u202f%",
      factor: 100,
      onInput: set("scale"),
    }),
    blur: amount({
      label: "Blur",
      hint: "Blurs the picture every fourth step",
      max: 3,
      step: 0.1,
      unit: " px",
      decimals: 1,
      onInput: set("blur"),
    }),
    strength: strength("Density", "How strongly the picture is held to the density", [-5, 0], set("strength")),
    code: strength("Code", "Pulls the decoder's code to zero, where its most usual digits are", [-4, 1], set("code")),
    learningRate: strength("Step size", "Of Adam: larger is faster and rougher", [-3, 0], set("learningRate")),
  };
  const names = Object.keys(sliders) as (keyof PrototypeSettings)[];

  const show = () => {
    const isClass = model.trait("kind") === "class";
    kind.set(model.trait("kind"));
    target.element.hidden = !isClass;
    maximize.element.hidden = !isClass;
    layer.element.hidden = channel.element.hidden = isClass;
    target.show();
    channel.show();
    layer.set(model.trait("layer"));
    maximize.set(model.trait("maximize"));
    canvas.set(model.trait("drawnIn"));
    density.set(model.trait("density"));
    for (const name of names) sliders[name].set(model.trait(name));
    const coded = model.trait("drawnIn") === "generator";
    sliders.code.element.hidden = !coded;
    sliders.blur.rest(coded ? "A decoder's code cannot be blurred" : null);
    const densities = model.trait("densities");
    density.element.hidden = densities.length === 0;
    sliders.strength.element.hidden = densities.length === 0;
    sliders.strength.rest(model.trait("density") === "" ? "No density is chosen" : null);
  };
  const offer = () => {
    const names = model.trait("classNames");
    target.offer(names, names.length || model.trait("outputs") || Number.POSITIVE_INFINITY);
    layer.offer(model.trait("layers").map(({ name, channels }) => ({ value: name, label: `${name} (${channels})` })));
    kind.rest(model.trait("layers").length === 0 ? "The network has no layers with channels" : null);
    canvas.offer(
      model
        .trait("canvases")
        .map((value) => ({ value, label: CANVASES[value]?.label ?? value, hint: CANVASES[value]?.hint })),
    );
    density.offer([
      { value: "", label: "Anything", hint: "No density" },
      ...model.trait("densities").map((value) => ({ value, label: value, hint: `Probable under ${value}` })),
    ]);
  };
  const undo = [
    model.watch(["classNames", "outputs", "layers", "canvases", "densities"], () => {
      offer();
      show();
    }),
    model.watch(["kind", "target", "layer", "channel", "maximize", "drawnIn", "density", ...names], show),
  ];
  offer();
  show();
  const part = (title: string, ...children: HTMLElement[]) =>
    element("section", {}, element("h4", {}, title), element("div", { class: "limpid-settings" }, ...children));
  return {
    element: element(
      "div",
      { class: "limpid-side limpid-prototype-controls" },
      part("What to look for", kind.element, target.element, layer.element, channel.element, maximize.element),
      part(
        "What a picture should be like",
        ...names
          .filter((name) => !["learningRate", "strength", "code"].includes(name))
          .map((name) => sliders[name].element),
        density.element,
        sliders.strength.element,
      ),
      part("How it is drawn", canvas.element, sliders.code.element, sliders.learningRate.element),
    ),
    dispose() {
      for (const stop of undo) stop();
    },
  };
}

function channelField(model: ClassPrototypeModel) {
  const id = uniqueId();
  const input = element("input", { id, class: "limpid-field", type: "number", min: 0, step: 1 });
  input.addEventListener("change", () => {
    const value = Math.round(Number(input.value));
    if (Number.isFinite(value) && value >= 0) model.choose({ channel: value });
  });
  return {
    element: element(
      "div",
      { class: "limpid-row", title: "Number of the channel in its layer" },
      element("label", { for: id }, "Channel"),
      element("div", { class: "limpid-fill" }, input),
    ),
    show() {
      const layer = model.trait("layers").find(({ name }) => name === model.trait("layer"));
      if (layer) input.max = String(layer.channels - 1);
      input.value = String(model.trait("channel"));
    },
  };
}
