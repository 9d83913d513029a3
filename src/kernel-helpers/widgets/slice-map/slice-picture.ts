import { formatNumber, formatSigned } from "../../../comms/format.js";
import { clipLimit, colorize, colorTable, groundGray } from "../../../comms/states/colors.js";
import { endWords } from "../../../comms/states/heatmap.js";
import type { SliceMapState } from "../../../comms/states/slice-map.js";
import {
  agreementOf,
  agreementWords,
  cutIndexes,
  cutoffOf,
  extentOf,
  indexOf,
  mapAt,
  type Plane,
  placeOf,
  placeWords,
  planesOf,
  sizeOf,
} from "../../../comms/states/slices.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  type Pixels,
  paragraph,
  photo,
  row,
  type StaticPicture,
} from "../../pictures/drawing/static-picture.js";
import { INK, PAPER, SOFT, tag, write } from "../../pictures/drawing/svg.js";

const MAP_WIDTH = 330;
const GAP = 4;
/** Of what has no value and nothing beneath it. */
const EMPTY = 238;

/** A slice map as its file has it: the maps beside each other, each with its cuts and its scale. */
export function slicePicture(shown: SliceMapState): StaticPicture | null {
  const { values, maps, shape, cursor, affine, threshold, frame, frames, frameLabel } = shown;
  if (values === null || maps.length === 0) return null;
  const numbers = { values: values.data as Float32Array, shape: values.shape };
  const planes = planesOf(shape, shown.directions);
  const all = maps.map((info, map) => {
    const own = mapAt(numbers, frame, map);
    const limit = shown.limits[map] ?? clipLimit(own, shown.percentile);
    const value = own[indexOf(shape, cursor)]!;
    const words = Number.isNaN(value) ? "outside the mask" : `${formatSigned(value)} ${info.unit}`.trim();
    const cut = threshold === 0 ? "" : ` · magnitudes from ${formatNumber(cutoffOf(own, threshold))} on`;
    return column(
      [
        paragraph(info.label, MAP_WIDTH, { weight: 600, color: INK }),
        mosaic(planes, (plane, width) => planePicture(shown, plane, own, limit, info.signed, width), shown),
        paragraph(`at the cross: ${words}${cut}`, MAP_WIDTH, { size: 12 }),
        colorBarPicture(MAP_WIDTH, limit, info.signed, endWords(info.signed, info.ends)),
      ],
      6,
    );
  });
  const lines: StaticPicture[] = [];
  for (let at = 0; at < all.length; at += 2) lines.push(row(all.slice(at, at + 2), 20));
  const width = Math.max(...lines.map((line) => line.width));
  const others = maps.slice(1).map(({ label }, other) => {
    const agreement = agreementOf(mapAt(numbers, frame, 0), mapAt(numbers, frame, other + 1), threshold);
    return paragraph(`${maps[0]!.label} and ${label}: ${agreementWords(agreement, threshold)}`, width, { size: 12 });
  });
  const chosen = frames.length === 0 ? "" : `${frameLabel}: ${frames[frame]}`;
  return framed(
    column(
      [
        headingPicture(width, shown.title, shown.subtitle, chosen),
        ...lines,
        paragraph(placeWords(cursor, affine), width, { size: 12 }),
        ...others,
      ],
      10,
    ),
  );
}

/** Three cuts to one scale, coronal and sagittal above axial; one fills the width. */
function mosaic(
  planes: readonly Plane[],
  draw: (plane: Plane, width: number) => StaticPicture,
  { shape, voxel }: SliceMapState,
): StaticPicture {
  const wide = planes.map((plane) => extentOf(shape, voxel, plane)[1]);
  if (planes.length === 1) return draw(planes[0]!, MAP_WIDTH);
  const scale = (MAP_WIDTH - GAP) / (wide[0]! + wide[1]!);
  const [first, second, third] = planes.map((plane, at) => draw(plane, wide[at]! * scale));
  return column([row([first, second], GAP), third], GAP);
}

/** A cut with the letters of its edges and the lines in which the others meet it. */
function planePicture(
  { shape, voxel, cursor, ground, threshold, opacity }: SliceMapState,
  plane: Plane,
  values: Float32Array,
  limit: number,
  signed: boolean,
  width: number,
): StaticPicture {
  const [rows, columns] = sizeOf(shape, plane);
  const [tall, wide] = extentOf(shape, voxel, plane);
  const height = (width * tall) / wide;
  const indexes = cutIndexes(shape, plane, cursor);
  const cutoff = cutoffOf(values, threshold);
  const slice = Float32Array.from(indexes, (at) => (Math.abs(values[at]!) >= cutoff ? values[at]! : Number.NaN));
  const words = new Uint32Array(slice.length);
  const bytes = ground && (ground.data as Uint8Array);
  colorize(slice, limit, signed, colorTable(signed, bytes !== null), words);
  const colors = new Uint8Array(words.buffer);
  const [w, h] = [Math.round(2 * width), Math.round(2 * height)];
  const painted: Pixels = { pixels: new Uint8Array(3 * w * h), width: w, height: h };
  for (let y = 0, to = 0; y < h; y++) {
    const start = Math.floor((y * rows) / h) * columns;
    for (let x = 0; x < w; x++) {
      const from = start + Math.floor((x * columns) / w);
      const gray = bytes ? bytes[indexes[from]!]! : 0;
      const paper = bytes ? groundGray(gray, gray, gray) : EMPTY;
      const alpha = Number.isNaN(slice[from]!) ? 0 : bytes ? (opacity * colors[4 * from + 3]!) / 255 : 1;
      for (let channel = 0; channel < 3; channel++) {
        painted.pixels[to++] = paper + alpha * (colors[4 * from + channel]! - paper);
      }
    }
  }
  const [down, across] = placeOf(shape, plane, cursor);
  const [x, y] = [((across + 0.5) * width) / columns, ((down + 0.5) * height) / rows];
  const line = { stroke: SOFT, "stroke-width": 0.75, "stroke-dasharray": "3 3" };
  const { left, right, top, bottom } = plane.edges;
  // On paper of its own: it stands on every color.
  const letter = (x: number, y: number, words: string) =>
    words === ""
      ? ""
      : tag("rect", { x: x - 6, y: y - 6, width: 12, height: 12, rx: 2, fill: PAPER, "fill-opacity": 0.6 }) +
        write(x, y + 4, words, { size: 11, color: INK, anchor: "middle" });
  const over = [
    tag("line", { x1: x, y1: 0, x2: x, y2: height, ...line }),
    tag("line", { x1: 0, y1: y, x2: width, y2: y, ...line }),
    letter(9, height / 2, left),
    letter(width - 9, height / 2, right),
    letter(width / 2, 9, top),
    letter(width / 2, height - 9, bottom),
  ];
  const picture = photo(painted, width);
  return { ...drawing(width, height, picture.svg, ...over), pixels: true };
}
