import { formatNumber } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import { colorOf } from "../../../comms/states/colors.js";
import type { UnitPageState, UnitSample } from "../../../comms/states/unit-page.js";
import { spriteColumns } from "../../../comms/states/unit-page.js";
import { headingPicture, settingsPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  framed,
  type Pixels,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { enlarged } from "../../pictures/input-bytes.js";
import { aboutRows } from "./unit-words.js";

type Shown = Pick<
  UnitPageState,
  | "title"
  | "subtitle"
  | "image"
  | "imageName"
  | "maps"
  | "mapsWords"
  | "about"
  | "pictures"
  | "deconvolutions"
  | "relevances"
  | "neighbors"
  | "preference"
  | "preferenceWords"
  | "error"
  | "passError"
>;

const [SIDE, THUMB] = [336, 80];

/** A channel's page as its file has it. */
export function unitPagePicture(shown: Shown): StaticPicture | null {
  const { about, maps, mapsWords, preference, preferenceWords, neighbors } = shown;
  if (about === null && maps === null) return null;
  const names = (list: NonNullable<Shown["neighbors"]>["upper"]) =>
    list.map(({ layer, channel, relevance }) => `${layer} ${channel} (${formatNumber(relevance, 2)})`).join(", ") ||
    "none";
  const left = column(
    [
      shown.image && titled(`Shown: ${shown.imageName}`, photo(enlarged(shown.image, 112), 112)),
      maps &&
        mapsWords &&
        titled(
          `Channels of ${mapsWords.layer}, ${formatNumber(mapsWords.low, 2)} to ${formatNumber(mapsWords.high, 2)}`,
          photo(sprite(maps, mapsWords.low < 0), SIDE),
        ),
    ],
    14,
  );
  const right =
    about &&
    column(
      [
        settingsPicture(SIDE + 100, aboutRows(about)),
        ...strips(shown, about.byActivation, 0, "Strongest by activation"),
        ...strips(shown, about.byRelevance, about.byActivation.length, "Strongest by relevance"),
        preference &&
          titled(
            "What it prefers",
            column([photo(enlarged(preference, 112), 112), paragraph(preferenceWords, SIDE, { size: 12 })], 4),
          ),
        neighbors && paragraph(`Relevance comes through ${names(neighbors.upper)}`, SIDE + 100, { size: 12 }),
        neighbors && paragraph(`Relevance goes to ${names(neighbors.lower)}`, SIDE + 100, { size: 12 }),
      ],
      10,
    );
  const body = row([left, right], 24);
  return framed(column([headingPicture(body.width, shown.title, shown.subtitle, ""), body], 14));
}

/** A row of samples with what is under each: picture, deconvolution, relevance. */
function strips(shown: Shown, samples: readonly UnitSample[], first: number, title: string): StaticPicture[] {
  const { pictures, deconvolutions, relevances } = shown;
  if (pictures === null || samples.length === 0) return [];
  const tiles = samples.map(({ name, value }, at) =>
    column(
      [
        photo(enlarged(one(pictures, first + at), THUMB), THUMB),
        deconvolutions && photo(enlarged(one(deconvolutions, first + at), THUMB), THUMB),
        relevances && photo(colored(one(relevances, first + at)), THUMB),
        paragraph(`${name}: ${formatNumber(value, 2)}`, THUMB, { size: 10 }),
      ],
      3,
    ),
  );
  return [titled(title, row(tiles, 8))];
}

function one({ shape, data }: Bytes, at: number): Bytes {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return {
    shape: shape.slice(1),
    dtype: "uint8",
    data: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset + at * size, size),
  };
}

function colored({ shape, data }: Bytes): Pixels {
  const [height = 1, width = 1] = shape;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pixels = new Uint8Array(3 * bytes.length);
  bytes.forEach((byte, at) => void pixels.set(colorOf((byte - 128) / 127, true), 3 * at));
  return { pixels, width, height };
}

/** The maps of all channels side by side. */
function sprite({ shape, data }: Bytes, signed: boolean): Pixels {
  const [channels = 1, height = 1, width = 1] = shape;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const columns = spriteColumns(channels);
  const rows = Math.ceil(channels / columns);
  const [wide, high] = [columns * (width + 1), rows * (height + 1)];
  const pixels = new Uint8Array(3 * wide * high).fill(255);
  for (let channel = 0; channel < channels; channel++) {
    const [top, left] = [Math.floor(channel / columns) * (height + 1), (channel % columns) * (width + 1)];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = bytes[(channel * height + y) * width + x]!;
        pixels.set(colorOf(signed ? (byte - 128) / 127 : byte / 255, signed), 3 * ((top + y) * wide + left + x));
      }
    }
  }
  return { pixels, width: wide, height: high };
}
