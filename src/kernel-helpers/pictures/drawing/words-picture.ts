import { column, framed, paragraph, type StaticPicture } from "./static-picture.js";
import { INK, SOFT } from "./svg.js";

const WIDTH = 420;

/** What is drawn: `Explorer: tiger cat …` in its words, one line of them each. */
interface Told {
  staticPicture(): StaticPicture | null;
  toString(): string;
}

/**
 * What a file keeps of a widget: its picture; of one that has nothing to show yet, or could not be computed, its words in a frame, so that
 * viewers without widgets show that it is there, and why it is empty.
 */
export function pictureOrWords(widget: Told): StaticPicture {
  return widget.staticPicture() ?? wordsPicture(String(widget));
}

function wordsPicture(words: string): StaticPicture {
  const [first = "", ...more] = words.split("\n").filter((line) => line.trim() !== "");
  const isBare = more.length === 0 && /^\w+:?\s*$/.test(first);
  return framed(
    column(
      [
        paragraph(first.replace(/:\s*$/, ""), WIDTH, { weight: 600, color: INK }),
        ...more.map((line) => paragraph(line, WIDTH, { color: SOFT })),
        isBare && paragraph("Nothing to show yet", WIDTH, { color: SOFT }),
      ],
      4,
    ),
  );
}
