import { COLORS, colorize, colorTable } from "../../../comms/states/colors.js";
import { endWords } from "../../../comms/states/heatmap.js";
import {
  contourSegments,
  electrodeValues,
  interpolated,
  levelsOf,
  magnitudeOf,
  type ScalpMapState,
  type ScalpPart,
} from "../../../comms/states/scalp-map.js";
import { windowWords } from "../../../comms/states/signal-rows.js";
import { colorBarPicture, headingPicture } from "../../pictures/drawing/parts.js";
import {
  column,
  drawing,
  framed,
  paragraph,
  row,
  type StaticPicture,
  titled,
} from "../../pictures/drawing/static-picture.js";
import { FOR, INK, LINE, tag, writeAsIs } from "../../pictures/drawing/svg.js";
import { encodePng } from "../../pictures/png.js";

const WIDTH = 240;
const [HEAD, CENTER] = [100, 120];

/** The widget as its file has it: its heads side by side, each with its scale; null while there is nothing to see. */
export function scalpPicture(shown: ScalpMapState): StaticPicture | null {
  const { title, subtitle, error, maps } = shown;
  const failure = error !== "" && paragraph(`This could not be shown: ${error}`, WIDTH, { color: FOR });
  if (maps.length === 0 || shown.weights === null) return failure || null;
  const seen = maps.map((part) => seenOf(shown, part));
  const most = Math.max(...seen.map(({ limit }) => limit));
  const heads = maps.map((part, at) => {
    const limit = shown.scale === "shared" ? most : seen[at]!.limit;
    return titled(
      `${part.title}${part.unit && ` (${part.unit})`}`,
      column(
        [
          headPicture(shown, part, seen[at]!, limit),
          colorBarPicture(WIDTH, limit, part.signed, endWords(part.signed, part.ends)),
        ],
        6,
      ),
    );
  });
  const lines = Array.from({ length: Math.ceil(heads.length / 3) }, (_, at) =>
    row(heads.slice(3 * at, 3 * at + 3), 24),
  );
  const width = Math.max(...lines.map((line) => line.width));
  const samples = Math.max(...maps.map(({ values }) => values.shape[1]!));
  return framed(
    column(
      [
        headingPicture(width, title, subtitle, ""),
        ...lines,
        samples > 1 && paragraph(windowWords(shown, shown.brush, samples), width, { size: 12 }),
        failure,
      ],
      12,
    ),
  );
}

function seenOf({ drawn, weights, electrodes, brush }: ScalpMapState, { values, over }: ScalpPart) {
  const now = electrodeValues(values.data as Float32Array, electrodes.length, over, brush);
  const map = interpolated(drawn!.data as Uint8Array, weights!.data as Float32Array, now);
  return { map, limit: magnitudeOf(now) };
}

function headPicture(
  { drawn, places, contours, names, electrodes }: ScalpMapState,
  { signed }: ScalpPart,
  { map }: { map: Float32Array },
  limit: number,
): StaticPicture {
  const side = drawn!.shape[0]!;
  const table = colorTable(signed, false).slice();
  table[COLORS] = 0xffffffff;
  const words = new Uint32Array(map.length);
  colorize(map, limit, signed, table, words);
  const rgba = new Uint8Array(words.buffer);
  const rgb = Uint8Array.from({ length: 3 * map.length }, (_, at) => rgba[4 * Math.floor(at / 3) + (at % 3)]!);
  const href = `data:image/png;base64,${encodePng(rgb, side, side).toString("base64")}`;
  const cell = (2 * HEAD) / side;
  const at = (value: number) => (CENTER - HEAD + value * cell).toFixed(1);
  const lines = contours
    ? levelsOf(limit, signed).map((level) => {
        const segments = contourSegments(map, side, level);
        const d = segments.map(([a, b, c, e]) => `M${at(a!)} ${at(b!)}L${at(c!)} ${at(e!)}`).join("");
        return d && tag("path", { d, stroke: "#1a1a1a", "stroke-width": level === 0 ? 1.1 : 0.5, fill: "none" });
      })
    : [];
  const place = places!.data as Float32Array;
  const dots = electrodes.flatMap((name, electrode) => {
    const [x, y] = [CENTER + HEAD * place[2 * electrode]!, CENTER - HEAD * place[2 * electrode + 1]!];
    return [
      tag("circle", { cx: x, cy: y, r: 1.8, fill: "#1a1a1a" }),
      names ? writeAsIs(x, y - 4, name, { size: 9, color: INK, anchor: "middle" }) : "",
    ];
  });
  return {
    ...drawing(
      WIDTH,
      CENTER + HEAD + 8,
      tag("path", {
        d: `M${CENTER - 12} ${CENTER - HEAD + 1}L${CENTER} ${CENTER - HEAD - 14}L${CENTER + 12} ${CENTER - HEAD + 1}`,
        fill: "none",
        stroke: LINE,
        "stroke-width": 2,
      }),
      tag("image", { x: CENTER - HEAD, y: CENTER - HEAD, width: 2 * HEAD, height: 2 * HEAD, href }),
      tag("circle", { cx: CENTER, cy: CENTER, r: HEAD, fill: "none", stroke: "#9e9e9e", "stroke-width": 2 }),
      ...lines,
      ...dots,
    ),
    pixels: true,
  };
}
