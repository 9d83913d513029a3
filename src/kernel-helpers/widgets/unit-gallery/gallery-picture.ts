import { formatFixed, formatShort } from "../../../comms/format.js";
import { colorOfSeries } from "../../../comms/states/plot.js";
import { isOn, type UnitCard, type UnitGalleryState } from "../../../comms/states/unit-gallery.js";
import { detectorBars } from "../../concepts/dissection-picture.js";
import { headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { cut, INK, SOFT, tag, write } from "../../pictures/drawing/svg.js";

const WIDTH = 820;
const ACROSS = 3;
const GAP = 14;
const CARD = (WIDTH - GAP * (ACROSS - 1)) / ACROSS;
const SMALL = { size: 12 };

type Shown = UnitGalleryState;

/** What a file keeps of a gallery: the counts, and the first units of the page. */
export function galleryPicture(state: Shown): StaticPicture {
  const cards = state.cards.slice(0, 2 * ACROSS).map((card, place) => cardPicture(state, card, place));
  const rows = [cards.slice(0, ACROSS), cards.slice(ACROSS)].filter((own) => own.length > 0);
  const bars = detectorBars(
    state.layers.map(({ name, units, byKind, rotated }) => ({ layer: name, units, byKind, rotated })),
    state.kinds,
    WIDTH,
  );
  return framed(
    column(
      [
        headingPicture(WIDTH, state.title, state.subtitle, ""),
        titled("Detectors by layer", bars),
        paragraph(state.words, WIDTH, { weight: 600, color: SOFT }),
        ...rows.map((own) => row(own, GAP)),
        paragraph(
          `Lit: where the unit is on, at its largest ${formatShort(100 * state.share)} % of values. A detector overlaps its concept by more than ${formatShort(state.leastOverlap)} (IoU).`,
          WIDTH,
          SMALL,
        ),
      ],
      14,
    ),
  );
}

function cardPicture(state: Shown, card: UnitCard, place: number): StaticPicture {
  const { layer, unit, concept, kind, overlap, isDetector } = card;
  const each = (CARD - 3 * 4) / 4;
  const color = colorOfSeries(state.kinds.indexOf(kind));
  const words = concept === "" ? "no concept" : `${concept} (${kind})`;
  const head = drawing(
    CARD,
    36,
    write(0, 12, cut(`${layer} · unit ${unit}`, CARD - 70, SMALL), { ...SMALL, color: SOFT }),
    write(CARD, 12, `IoU ${formatFixed(overlap, 2)}`, { ...SMALL, anchor: "end", color: isDetector ? INK : SOFT }),
    concept === "" ? "" : tag("rect", { x: 0, y: 21, width: 10, height: 10, fill: color }),
    write(concept === "" ? 0 : 16, 31, cut(words, CARD - 20), { color: isDetector ? INK : SOFT }),
  );
  const pictures = card.pictures.map((_, at) => litPicture(state, card, place, at, each));
  return column([head, row(pictures, 4)], 4);
}

/** A picture as bytes, dark where the unit is off. */
function litPicture(state: Shown, card: UnitCard, place: number, at: number, width: number): StaticPicture {
  const { shape, data } = state.pictures!;
  const [, rows = 1, columns = 1, channels = 1] = shape;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const from = card.pictures[at]! * rows * columns * channels;
  const masks = state.masks!;
  const [, kept = 1, size = 1] = masks.shape;
  const start = masks.data.byteOffset + (place * kept + at) * size;
  const mask = new Uint8Array(masks.data.buffer, start, size);
  const pixels = new Uint8Array(3 * rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const cell =
        Math.floor(((y + 0.5) * state.side) / rows) * state.side + Math.floor(((x + 0.5) * state.side) / columns);
      const light = isOn(mask, cell) ? 1 : 0.35;
      for (let color = 0; color < 3; color++) {
        const value = bytes[from + (y * columns + x) * channels + (channels === 1 ? 0 : color)]!;
        pixels[3 * (y * columns + x) + color] = light * value;
      }
    }
  }
  return photo({ pixels, width: columns, height: rows }, width);
}
