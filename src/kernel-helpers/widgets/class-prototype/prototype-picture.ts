import { formatFixed } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import type { ClassPrototypeState, Snapshot } from "../../../comms/states/class-prototype.js";
import { curvePicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { COST, FOR, INK } from "../../pictures/drawing/svg.js";
import { enlarged } from "../../pictures/input-bytes.js";

type Shown = Pick<
  ClassPrototypeState,
  | "title"
  | "subtitle"
  | "subject"
  | "step"
  | "probability"
  | "image"
  | "activationName"
  | "curves"
  | "gallery"
  | "examples"
  | "error"
>;

const [PICTURE, SIDE, THUMB] = [336, 336, 104];
const MOST = 6;

/** A class prototype as its file has it: the picture, its curves, what was kept, and real pictures of the class. */
export function prototypePicture(shown: Shown, caption: string): StaticPicture | null {
  const { image, error, subject, step, probability } = shown;
  const failure = error !== "" && paragraph(`This prototype could not be found: ${error}`, PICTURE, { color: FOR });
  if (image === null) return failure ? framed(failure) : null;
  const remark = [`step ${step}`, probability === null ? "" : `p(${subject}) = ${formatFixed(probability, 3)}`]
    .filter((part) => part !== "")
    .join(" · ");
  const body = row(
    [
      column([photo(enlarged(image, PICTURE), PICTURE), paragraph(caption, PICTURE, { size: 12 }), failure], 8),
      column([...curves(shown), kept(shown.gallery), examples(shown)], 14),
    ],
    24,
  );
  return framed(column([headingPicture(body.width, shown.title, shown.subtitle, remark), body], 14));
}

function curves({ curves: given, activationName }: Shown): StaticPicture[] {
  if (given === null || given.shape[0]! < 2) return [];
  const values = given.data as Float32Array;
  const at = (offset: number) => Array.from({ length: given.shape[0]! }, (_, point) => values[3 * point + offset]!);
  return [
    titled(activationName, curvePicture([SIDE, 90], at(0), at(1))),
    titled("What the prior costs", curvePicture([SIDE, 90], at(0), at(2), COST)),
  ];
}

function kept(gallery: readonly Snapshot[]): StaticPicture | null {
  if (gallery.length === 0) return null;
  const tiles = gallery.slice(-MOST).map(({ picture, name, caption, probability }) => {
    const sure = probability === null ? "" : ` · p ${formatFixed(probability, 2)}`;
    return column(
      [
        photo(enlarged(picture, THUMB), THUMB),
        paragraph(`${name}${sure}`, THUMB, { size: 11, color: INK }),
        paragraph(caption, THUMB, { size: 10 }),
      ],
      3,
    );
  });
  const rows = [tiles.slice(0, 3), tiles.slice(3)].filter((part) => part.length > 0).map((part) => row(part, 12));
  return titled(gallery.length > MOST ? `Kept, the last ${MOST} of ${gallery.length}` : "Kept", column(rows, 10));
}

function examples({ examples: given, subject }: Shown): StaticPicture | null {
  if (given === null) return null;
  const [count = 0, height = 0, width = 0, channels = 1] = given.shape;
  const size = height * width * channels;
  const { buffer, byteOffset } = given.data;
  const pictures = Array.from({ length: count }, (_, index): StaticPicture => {
    const data = new Uint8Array(buffer as ArrayBuffer, byteOffset + index * size, size);
    return photo(enlarged({ shape: [height, width, channels], dtype: "uint8", data } satisfies Bytes, 36), 36);
  });
  return titled(`Real pictures of ${subject}`, row(pictures, 6));
}
