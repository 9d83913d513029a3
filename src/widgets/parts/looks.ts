import { formatFixed } from "../../comms/format.js";
import type { PictureMode } from "../../comms/states/heatmap.js";
import { segments } from "./choices.js";
import { writes } from "./lock.js";
import { slider } from "./slider.js";

/** How a map is seen over its photo. */
interface Look {
  mode: PictureMode;
  opacity: number;
  percentile: number;
}

/** What is drawn, how strongly, and up to which values the colors tell apart. */
export interface Looks {
  readonly elements: readonly HTMLElement[];
  /** Shows a state: `photoless` where there is nothing but a map, `held` says why the contrast rests. */
  show(look: Look, seen: { photoless: boolean; held: string | null }): PictureMode;
}

/** The controls of how maps are seen, for one of them or for many. `choose` gets what was chosen. */
export function looks(choose: (look: Partial<Look>) => void, { showLabel = true } = {}): Looks {
  const mode = segments(
    "Shown",
    "What is drawn: the photo, relevance over the grayed photo, or relevance alone",
    [
      { value: "image", label: "Image", hint: "The photo as it is" },
      { value: "overlay", label: "Overlay", hint: "Relevance laid over the grayed photo" },
      { value: "map", label: "Relevance", hint: "Relevance alone, zero in the middle color" },
    ],
    (value) => choose({ mode: value as PictureMode }),
    { showLabel },
  );
  const opacity = slider({
    label: "Opacity",
    hint: "How strongly relevance covers the photo; it does not change the explanation",
    min: 0,
    max: 1,
    step: 0.05,
    format: (value) => formatFixed(value, 2),
    onInput: (value) => choose({ opacity: value }),
  });
  const contrast = slider({
    label: "Contrast",
    hint: "Share of the values that the colors tell apart: less shows faint relevance, and the strongest alike",
    min: 90,
    max: 100,
    step: 0.1,
    format: (value) => `${formatFixed(value, 1)}\u202f%`,
    onInput: (value) => choose({ percentile: value }),
  });
  return {
    elements: [
      writes(mode.element, "mode"),
      writes(opacity.element, "opacity"),
      writes(contrast.element, "percentile"),
    ],
    show(look, { photoless, held }) {
      const current = photoless ? "map" : look.mode;
      mode.set(current);
      mode.rest(photoless ? "There is no photo to show relevance on" : null);
      opacity.set(look.opacity);
      opacity.rest(current === "overlay" ? null : "Only an overlay has an opacity");
      contrast.set(look.percentile);
      contrast.rest(held ?? (current === "image" ? "The photo alone has no scale" : null));
      return current;
    },
  };
}
