import { type ChoiceState, markOf, verdictWords } from "../../../comms/states/choice.js";
import { column, drawing, framed, paragraph, row, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { ACCENT, INK, LINE, SOFT, tag, widthOf } from "../../pictures/drawing/svg.js";

const WIDTH = 560;
const RIGHT = "#2e7d32";
const WRONG = "#c62828";

/** The question as its file has it: open, or with the reader's answer, the stated one and why. */
export function choicePicture(shown: ChoiceState): StaticPicture {
  const { question, answers, given, phase, explanation } = shown;
  const isOver = given !== null || phase === "taken";
  const rows = answers.map((answer, place) => {
    const mark = isOver ? markOf(shown, place) : null;
    const words = mark?.words ?? "";
    const beside = words === "" ? 0 : Math.ceil(widthOf(words, { size: 12 })) + 12;
    return row([
      dot(shown, place),
      paragraph(answer, WIDTH - 24 - beside, { color: INK, ...(mark?.right && { weight: 600 }) }),
      words !== "" && paragraph(words, beside, { size: 12, color: mark?.right ? RIGHT : WRONG }),
    ]);
  });
  return framed(
    column(
      [
        paragraph(question, WIDTH, { size: 15, weight: 600, color: INK }),
        column(rows, 6),
        isOver && paragraph(verdictWords(shown), WIDTH, { color: INK }),
        isOver && explanation !== "" && paragraph(explanation, WIDTH, { color: SOFT }),
      ],
      12,
    ),
  );
}

function dot({ given, multiple }: ChoiceState, place: number): StaticPicture {
  const isChosen = given?.includes(place) ?? false;
  const looks = { fill: isChosen ? ACCENT : "none", stroke: isChosen ? ACCENT : LINE, "stroke-width": 1.5 };
  const mark = multiple
    ? tag("rect", { x: 2, y: 3, width: 11, height: 11, rx: 2, ...looks })
    : tag("circle", { cx: 7.5, cy: 8.5, r: 5.5, ...looks });
  return drawing(16, 18, mark);
}
