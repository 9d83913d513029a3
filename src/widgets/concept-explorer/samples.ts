import { formatNumber } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import { type ConceptRanking, RANKING_WORDS } from "../../comms/states/concept-explorer.js";
import { smallMap } from "../heatmap/small-map.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pictureAt, pixelCanvas } from "../parts/pixels.js";
import type { ConceptExplorerModel } from "./model.js";

/** Samples of the chosen channel, by both rankings; a click shows one at large with the channel's map of it. */
export function samplesPanel(model: ConceptExplorerModel): { element: HTMLElement; dispose(): void } {
  const note = element("p", { class: "limpid-concept-note", role: "status" });
  const strips = element("div", { class: "limpid-concept-strips" });
  const picture = smallMap("The sample");
  const map = smallMap("The channel's map of the sample");
  const caption = element("p", { class: "limpid-concept-note" });
  const large = element(
    "div",
    { class: "limpid-concept-sample" },
    element("div", { class: "limpid-concept-pair" }, picture.element, map.element),
    caption,
  );

  const showNote = () => {
    const [size, passed, channel, samples] = [
      model.trait("size"),
      model.trait("passed"),
      model.trait("channel"),
      model.trait("samples"),
    ];
    const part = passed < size ? ` So far ${passed} of ${size} samples have passed.` : "";
    note.textContent =
      size === 0
        ? "Give the explorer data, and samples that show what a channel is for stand here."
        : channel < 0
          ? `Choose a channel: samples that show what it is for stand here.${part}`
          : samples.length === 0
            ? passed === 0
              ? "The data set has not passed yet."
              : `Channel ${channel} contributed to and answered none of ${passed} samples.`
            : part.trim();
    note.hidden = note.textContent === "";
  };
  const tile = (at: number) => {
    const { name, value, by } = model.trait("samples")[at]!;
    const crops = model.trait("crops")!;
    const canvas = pixelCanvas("");
    canvas.element.setAttribute("aria-hidden", "true");
    canvas.element.removeAttribute("role");
    canvas.element.removeAttribute("aria-label");
    canvas.draw(pictureAt(crops, at));
    const frame = element("span", { class: "limpid-concept-crop" }, canvas.element);
    const masks = model.trait("masks");
    if (masks !== null) frame.append(outlined(pictureAt(masks, at)));
    const unit = by === "relevance" ? "relevance" : "activation";
    const made = element(
      "button",
      {
        type: "button",
        class: "limpid-concept-tile",
        "aria-pressed": String(model.trait("sample") === at),
        title: `${name}: ${unit} ${formatNumber(value, 4)}. Show the channel's map of it`,
        "aria-label": `${name}, ${unit} ${formatNumber(value)}`,
      },
      frame,
      element("span", { class: "limpid-concept-tile-value" }, formatNumber(value)),
    );
    made.addEventListener("click", () => model.choose({ sample: model.trait("sample") === at ? -1 : at }));
    return made;
  };
  const showStrips = () => {
    const buttons = () => [...strips.querySelectorAll("button")];
    const focused = buttons().indexOf(document.activeElement as HTMLButtonElement);
    const [samples, crops] = [model.trait("samples"), model.trait("crops")];
    strips.hidden = samples.length === 0 || crops?.shape[0] !== samples.length;
    if (strips.hidden) {
      strips.replaceChildren();
      return;
    }
    strips.replaceChildren(
      ...(["relevance", "activation"] as const).map((by: ConceptRanking) => {
        const own = samples.flatMap((sample, at) => (sample.by === by ? [at] : []));
        return element(
          "section",
          {},
          element("h4", {}, `Where ${model.trait("samplesOf")} ${RANKING_WORDS[by]}: its ${by} in each`),
          own.length === 0
            ? element("p", { class: "limpid-concept-note" }, "In none of the samples.")
            : element("div", { class: "limpid-concept-tiles" }, ...own.map(tile)),
        );
      }),
    );
    if (focused >= 0) buttons()[focused]?.focus();
  };
  const showSample = () => {
    const [image, relevance] = [model.trait("sampleImage"), model.trait("sampleMap")];
    large.hidden = image === null;
    const limit = relevance === null ? 0 : clipLimit(relevance.values, 99.5);
    picture.set({ image, relevance: null, limit: 0 });
    map.set({ image, relevance, limit });
    map.element.hidden = relevance === null;
    caption.textContent = `${model.trait("caption")}${limit > 0 ? ` · colors end at ±${formatNumber(limit, 2)}` : ""}`;
    for (const [at, button] of strips.querySelectorAll("button").entries()) {
      button.setAttribute("aria-pressed", String(at === model.trait("sample")));
    }
  };
  const undo = [
    model.watch(["size", "passed", "channel", "samples"], showNote),
    model.watch(["samples", "crops", "masks", "samplesOf"], showStrips),
    model.watch(["sampleImage", "sampleMap", "caption", "sample"], showSample),
  ];
  for (const run of [showNote, showStrips, showSample]) run();
  return {
    element: element("div", { class: "limpid-concept-samples" }, note, strips, large),
    dispose() {
      for (const stop of undo) stop();
      picture.dispose();
      map.dispose();
    },
  };
}

/** What is not within the mask is grayed, and the mask outlined. */
function outlined({ shape, values }: Grid<Uint8Array>): HTMLCanvasElement {
  const [rows = 1, columns = 1] = shape;
  const cell = Math.max(1, Math.round(192 / columns));
  const canvas = element("canvas", { class: "limpid-concept-mask", "aria-hidden": "true" });
  [canvas.width, canvas.height] = [columns * cell, rows * cell];
  const context = canvas.getContext("2d");
  if (context === null || !values.includes(1)) return canvas;
  context.fillStyle = "rgb(128 128 128 / 55%)";
  context.beginPath();
  values.forEach((isInside, at) => {
    const [x, y] = [(at % columns) * cell, Math.floor(at / columns) * cell];
    if (!isInside) {
      context.fillRect(x, y, cell, cell);
      return;
    }
    const [row, column] = [Math.floor(at / columns), at % columns];
    const edge = (isEdge: boolean, x0: number, y0: number, x1: number, y1: number) => {
      if (!isEdge) return;
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    };
    edge(row > 0 && !values[at - columns], x, y, x + cell, y);
    edge(row < rows - 1 && !values[at + columns], x, y + cell, x + cell, y + cell);
    edge(column > 0 && !values[at - 1], x, y, x, y + cell);
    edge(column < columns - 1 && !values[at + 1], x + cell, y, x + cell, y + cell);
  });
  for (const [color, thick] of [
    ["rgb(0 0 0 / 75%)", 4],
    ["#fff", 2],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.stroke();
  }
  return canvas;
}
