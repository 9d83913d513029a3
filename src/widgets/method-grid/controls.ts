import { formatFixed } from "../../comms/format.js";
import type { PictureMode } from "../../comms/states/heatmap.js";
import type { GridScale } from "../../comms/states/method-grid.js";
import { segments } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { slider } from "../parts/slider.js";
import type { MethodGridModel } from "./model.js";

export interface Controls {
  element: HTMLElement;
  show(): void;
}

/** How all maps are seen: one set of controls, bound to the model. */
export function controls(model: MethodGridModel): Controls {
  const mode = segments(
    "Shown",
    "What is drawn: the photo, relevance over the grayed photo, or relevance alone",
    [
      { value: "image", label: "Image", hint: "The photo as it is" },
      { value: "overlay", label: "Overlay", hint: "Relevance laid over the grayed photo" },
      { value: "map", label: "Relevance", hint: "Relevance alone, zero in the middle color" },
    ],
    (value) => model.choose({ mode: value as PictureMode }),
  );
  const scale = segments(
    "Scale",
    "Which values get the end colors: each map's own largest, or the same for all maps",
    [
      { value: "own", label: "each its own", hint: "Where each map has its largest values; sizes are not compared" },
      { value: "shared", label: "one for all", hint: "Equal colors are equal values in all maps" },
    ],
    (value) => model.choose({ scale: value as GridScale }),
  );
  const opacity = slider({
    label: "Opacity",
    hint: "How strongly relevance covers the photo; it does not change the explanation",
    min: 0,
    max: 1,
    step: 0.05,
    format: (value) => formatFixed(value, 2),
    onInput: (value) => model.choose({ opacity: value }),
  });
  const clip = slider({
    label: "Contrast",
    hint: "Share of the values that the colors tell apart: less shows faint relevance, and the strongest alike",
    min: 90,
    max: 100,
    step: 0.1,
    format: (value) => `${formatFixed(value, 1)}\u202f%`,
    onInput: (value) => model.choose({ percentile: value }),
  });
  return {
    element: element(
      "div",
      { class: "limpid-grid-controls", role: "group", "aria-label": "How all maps are seen" },
      ...[mode.element, scale.element, opacity.element, clip.element],
    ),
    show() {
      const photoless = model.rows.every(({ image }) => image === null);
      const current = photoless ? "map" : model.trait("mode");
      mode.set(current);
      mode.rest(photoless ? "There is no photo to show relevance on" : null);
      scale.set(model.trait("scale"));
      scale.rest(current === "image" ? "The photo alone has no scale" : null);
      opacity.set(model.trait("opacity"));
      opacity.rest(current === "overlay" ? null : "Only an overlay has an opacity");
      clip.set(model.trait("percentile"));
      const held = model.trait("scale") === "shared" && model.trait("limit") !== null;
      clip.rest(held ? "The scale was set" : current === "image" ? "The photo alone has no scale" : null);
    },
  };
}
