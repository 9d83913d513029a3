import { formatNumber } from "../../../comms/format.js";
import { clipLimit } from "../../../comms/states/colors.js";
import type { HeatmapState } from "../../../comms/states/heatmap.js";
import { type RelevanceBrowserState, type SampleCard, thereWords } from "../../../comms/states/relevance-browser.js";
import { barsPicture, headingPicture } from "../../pictures/drawing/parts.js";
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
import { ACCENT, AGAINST, cut, FOR, INK, LINE, SOFT, tag, write } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";
import type { Photo } from "../../pictures/relevance-map.js";
import type { HeatmapTraits } from "../heatmap/heatmap.js";
import { mapPicture } from "../heatmap/heatmap-picture.js";

const WIDTH = 820;
const ACROSS = 6;
const GAP = 12;
const CARD = (WIDTH - GAP * (ACROSS - 1)) / ACROSS;
const SMALL = { size: 12 };
/** Layers that are listed of the open sample. */
const LISTED = 14;

type Shown = HeatmapTraits<RelevanceBrowserState>;

/** What a file keeps of a browser: how much is there, the page, and the open sample. */
export function browserPicture(state: Shown): StaticPicture {
  const cards = state.cards.map((card, place) => cardPicture(state, card, place));
  const rows = [cards.slice(0, ACROSS), cards.slice(ACROSS)].filter((own) => own.length > 0);
  return framed(
    column(
      [
        headingPicture(WIDTH, state.title.replaceAll("*", ""), state.subtitle, ""),
        thereBar(state),
        state.failure !== "" && paragraph(state.failure, WIDTH, { color: FOR }),
        paragraph(`${state.words}, ${state.pageWords}`, WIDTH, { weight: 600, color: SOFT }),
        ...rows.map((own) => row(own, GAP)),
        openPicture(state),
      ],
      12,
    ),
  );
}

function thereBar(state: Shown): StaticPicture {
  const share = state.count === 0 ? 0 : state.there / state.count;
  return drawing(
    WIDTH,
    26,
    write(0, 12, thereWords(state), { ...SMALL, color: INK }),
    tag("rect", { x: 0, y: 19, width: WIDTH, height: 6, fill: LINE }),
    tag("rect", { x: 0, y: 19, width: WIDTH * share, height: 6, fill: ACCENT }),
  );
}

function cardPicture(state: Shown, card: SampleCard, place: number): StaticPicture {
  const words = card.error !== "" ? "failed" : card.target === "" ? "output" : card.target;
  const output = card.output === null ? "" : formatNumber(card.output);
  return column(
    [
      card.error === ""
        ? (smallPicture(state, place) ?? paragraph("no map", CARD, SMALL))
        : paragraph(card.error, CARD, SMALL),
      drawing(
        CARD,
        32,
        write(0, 12, cut(words, CARD - 44), { color: card.right === false ? FOR : INK }),
        write(CARD, 12, output, { ...SMALL, anchor: "end" }),
        write(0, 28, cut(card.id, CARD, SMALL), { ...SMALL, color: SOFT }),
      ),
    ],
    4,
  );
}

function smallPicture(state: Shown, place: number): StaticPicture | null {
  if (state.maps === null) return null;
  const [, rows = 1, columns = 1] = state.maps.shape;
  const { buffer, byteOffset } = state.maps.data;
  const values = new Float32Array(buffer, byteOffset + 4 * place * rows * columns, rows * columns);
  const { signed, percentile, opacity } = state;
  const mode: HeatmapState["mode"] = state.pictures === null ? "map" : "overlay";
  const painted = paintHeatmap({
    ...{ image: photoAt(state, place), signed, mode, opacity, percentile },
    relevance: { shape: [rows, columns], values },
    limit: clipLimit(values, percentile),
  });
  return photo(painted, CARD, (CARD * rows) / columns);
}

function photoAt({ pictures }: Shown, place: number): Photo | null {
  if (pictures === null) return null;
  const [, height = 1, width = 1, channels = 1] = pictures.shape;
  const size = height * width * channels;
  const bytes = new Uint8Array(pictures.data.buffer, pictures.data.byteOffset + place * size, size);
  const pixels = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let at = 0; at < height * width; at++) {
    for (let color = 0; color < 3; color++)
      pixels[4 * at + color] = bytes[at * channels + (channels === 1 ? 0 : color)]!;
  }
  return { pixels, width, height };
}

function openPicture(state: Shown): StaticPicture | null {
  const { opened } = state;
  if (opened === null) return null;
  const largest = Math.max(...opened.layers.map(({ sum }) => Math.abs(sum)), Number.MIN_VALUE);
  const bars = barsPicture(
    WIDTH - 448 - 24,
    opened.layers.slice(0, LISTED).map(({ name, sum }) => ({
      ...{ name, share: Math.abs(sum) / largest, value: formatNumber(sum), chosen: false },
      ...(sum < 0 && { color: AGAINST }),
    })),
  );
  const more = opened.layers.length - LISTED;
  return titled(
    `${opened.id}${opened.target === "" ? "" : `: ${opened.target}`}`,
    row(
      [
        mapPicture(state),
        column([opened.layers.length > 0 && bars, more > 0 && paragraph(`and ${more} layers more`, 300, SMALL)], 4),
      ],
      24,
    ),
  );
}
