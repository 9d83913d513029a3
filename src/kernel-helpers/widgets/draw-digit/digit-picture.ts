import type { Bytes } from "../../../comms/states/array.js";
import { type DrawDigitState, wishWords } from "../../../comms/states/draw-digit.js";
import { barsPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  framed,
  paragraph,
  photo,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { enlarged } from "../../pictures/input-bytes.js";
import { scoreInWords } from "../explorer/explorer-picture.js";
import { booksOf, type Mapped, mapPicture } from "../heatmap/heatmap-picture.js";

type Shown = Mapped & Pick<DrawDigitState, "digit" | "classes" | "explained" | "prototype">;

const [PAD, MAP, SIDE] = [224, 280, 260];

/** The drawing pad as its file has it: what is drawn, what speaks for it, what the network sees and would rather see. */
export function digitPicture(shown: Shown): StaticPicture {
  const { digit, classes, explained, prototype } = shown;
  const body = row(
    [
      digit ? photo(enlarged(digit, PAD), PAD) : paragraph("Nothing is drawn yet.", PAD),
      mapPicture(shown, MAP),
      classes.length > 0 &&
        column(
          [
            titled(
              "What the network sees",
              barsPicture(
                SIDE,
                classes.map((score) => ({
                  name: score.name,
                  share: score.probability,
                  value: scoreInWords(score),
                  chosen: score.index === explained,
                })),
              ),
            ),
            prototype && titled(wishWords(shown), small(prototype)),
          ],
          16,
        ),
    ],
    24,
  );
  return framed(column([headingPicture(body.width, shown.title, shown.subtitle, booksOf(shown)), body], 14));
}

const small = (bytes: Bytes): StaticPicture => photo(enlarged(bytes, 112), 112);
