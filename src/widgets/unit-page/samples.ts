import { formatNumber } from "../../comms/format.js";
import { colorOf } from "../../comms/states/colors.js";
import type { UnitBox, UnitSample } from "../../comms/states/unit-page.js";
import { element } from "../parts/dom.js";
import type { Grid } from "../parts/grid.js";
import { pictureAt, pixelCanvas } from "../parts/pixels.js";

/** What is shown of samples of one kind. */
export interface SamplesContent {
  title: string;
  hint: string;
  samples: readonly UnitSample[];
  /** Where they begin among the pictures. */
  first: number;
  pictures: Grid<Uint8Array>;
  deconvolutions: Grid<Uint8Array> | null;
  relevances: Grid<Uint8Array> | null;
  boxes: readonly UnitBox[];
}

/** Samples side by side: the input with what the unit saw of it, deconvolution, relevance, and by what it is ranked. */
export function sampleStrip({ title, hint, samples, first, ...maps }: SamplesContent): HTMLElement {
  const { pictures, deconvolutions, relevances, boxes } = maps;
  const tiles = samples.map(({ name, value }, at) => {
    const of = (label: string, grid: Grid<Uint8Array> | null, read = pictureAt) => {
      const frame = element("div", { class: "limpid-unit-frame" });
      if (grid === null) return frame;
      const canvas = pixelCanvas(`${label} of ${name}`);
      canvas.element.title = `${label} of ${name}`;
      canvas.draw(read(grid, first + at));
      frame.append(canvas.element);
      return frame;
    };
    const picture = of("Input", pictures);
    const box = boxes[first + at];
    if (box !== undefined) {
      const mark = element("span", { class: "limpid-unit-field", title: "What the unit sees" });
      for (const side of ["top", "left", "height", "width"] as const) mark.style[side] = `${100 * box[side]}%`;
      picture.append(mark);
    }
    return element(
      "li",
      {},
      picture,
      of("Deconvolution", deconvolutions),
      of("Relevance", relevances, colored),
      element("span", { class: "limpid-unit-name", title: name }, name),
      element("span", { class: "limpid-unit-value" }, formatNumber(value, 2)),
    );
  });
  return element(
    "section",
    { class: "limpid-unit-samples", title: hint },
    element("h4", {}, title),
    element("ol", { "aria-label": title }, ...tiles),
  );
}

/** Bytes about 128 as red and blue. */
function colored(grid: Grid<Uint8Array>, index: number): Grid<Uint8Array> {
  const { shape, values } = pictureAt(grid, index);
  const pixels = new Uint8Array(3 * values.length);
  for (let at = 0; at < values.length; at++) pixels.set(table[values[at]!]!, 3 * at);
  return { shape: [shape[0]!, shape[1]!, 3], values: pixels };
}

const table = Array.from({ length: 256 }, (_, byte) => colorOf(Math.max(-1, (byte - 128) / 127), true));
