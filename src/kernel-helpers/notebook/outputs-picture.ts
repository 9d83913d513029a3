import type { CellOutput } from "../../comms/states/controls.js";
import { givenPicture } from "../pictures/drawing/given-picture.js";
import { column, drawing, paragraph, type StaticPicture } from "../pictures/drawing/static-picture.js";
import { cut, FOR, INK, write } from "../pictures/drawing/svg.js";

/** Width of text, and how many lines of it a picture has at most. */
const WIDTH = 640;
const LINES = 20;

/** Outputs one below the other: the pictures of widgets, files of pictures, text. */
export function outputsPicture(
  outputs: readonly CellOutput[],
  widgetOf: (output: CellOutput) => { staticPicture(): StaticPicture | null } | undefined,
): StaticPicture | null {
  const drawn = (output: CellOutput): StaticPicture | null => {
    if (output.output_type === "stream") return lines(output.text);
    if (output.output_type === "error") {
      return paragraph(`${output.ename}: ${output.evalue}`, WIDTH, { color: FOR });
    }
    return widgetOf(output)?.staticPicture() ?? givenPicture(output.data) ?? lines(output.data["text/plain"]);
  };
  return outputs.length === 0 ? null : column(outputs.map(drawn));
}

function lines(text: unknown): StaticPicture | null {
  if (typeof text !== "string" || text === "") return null;
  const all = text.replace(/\n$/, "").replaceAll("*", "∗").split("\n");
  const shown = all.length > LINES ? [...all.slice(0, LINES), `… ${all.length - LINES} more lines`] : all;
  return drawing(
    WIDTH,
    18 * shown.length,
    ...shown.map((line, place) => write(0, 18 * place + 13, cut(line, WIDTH), { color: INK })),
  );
}
