import { findMethod, parameterRandomization } from "../../../src/explainers/index.js";
import { loadImage } from "../../../src/kernel-helpers/index.js";
import {
  column,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  svgFile,
} from "../../../src/kernel-helpers/pictures/drawing/static-picture.js";
import { paintHeatmap } from "../../../src/kernel-helpers/pictures/heatmap-png.js";
import { NAMES } from "./claims.js";
import { type Subject, spreadLayers } from "./subjects.js";

const SIDE = 150;
/** States that are shown: the original, with the topmost layer random, with four, with all. */
const STATES = [0, 1, 4, 8];

/** How maps of a photograph look before and after layers lose what they learned, sizes without signs; a WebP file. */
export async function looks({ model }: Pick<Subject, "model">): Promise<Buffer> {
  const image = await loadImage("chelsea.png", model.input);
  const layers = spreadLayers(model);
  const rows: StaticPicture[] = [heading(image, layers.length)];
  for (const id of ["guided-backprop", "sensitivity", "grad-cam"] as const) {
    const method = findMethod(id);
    const attribution = await method(model)(image.tensor);
    const check = parameterRandomization(model, { layers, similarities: ["spearman"], absolute: true });
    const { steps } = await check({ x: image.tensor, attribution, explain: (other) => method(other) });
    const maps = STATES.map((state) => {
      const map = steps[Math.min(state, steps.length - 1)]!.map!;
      const [, height, width] = map.shape as [number, number, number];
      const values = map.relevance.map(Math.abs);
      return photo(paintHeatmap({ relevance: { shape: [height, width], values }, signed: false, width: SIDE }), SIDE);
    });
    rows.push(row([paragraph(NAMES[id]!, 110, { weight: 600 }), ...maps], 10, "middle"));
  }
  image.dispose();
  const picture = framed(column(rows, 10));
  const { default: sharp } = await import("sharp");
  const svg = svgFile(
    picture,
    "Maps of guided backprop, sensitivity and Grad-CAM before and after layers are randomized",
  );
  return sharp(Buffer.from(svg), { density: 100 }).flatten({ background: "white" }).webp({ quality: 80 }).toBuffer();
}

/** The photograph, and what stands over each column. */
function heading(image: { pixels: Uint8ClampedArray; width: number; height: number }, layers: number): StaticPicture {
  const seen = photo(paintHeatmap({ image, width: SIDE }), 110);
  const words = STATES.map((state) =>
    state === 0
      ? "as trained"
      : state === layers
        ? `all ${layers} random`
        : `${state} of ${layers} random, from the top`,
  );
  return row([seen, ...words.map((text) => paragraph(text, SIDE))], 10, "middle");
}
