import { formatNumber, formatTick } from "../../../comms/format.js";
import { colorOf } from "../../../comms/states/colors.js";
import { column, drawing, paragraph, row, type StaticPicture } from "./static-picture.js";
import { ACCENT, AGAINST, BAR, cut, FOR, INK, LINE, SOFT, tag, widthOf, write } from "./svg.js";

/** The title, how it was computed, and the remark in small type; each where it finds room. */
export function headingPicture(width: number, title: string, subtitle: string, remark: string): StaticPicture | null {
  const big = { size: 15, weight: 600, color: INK };
  if (title === "" && subtitle === "" && remark === "") return null;
  const [first, second, third] = [widthOf(title, big), widthOf(subtitle), widthOf(remark, { size: 12 })];
  // All in one line where they fit.
  if (first + second + third + 32 <= width && title !== "") {
    return drawing(
      width,
      20,
      write(0, 15, title, big),
      write(first + 8, 15, subtitle),
      write(width, 15, remark, { size: 12, anchor: "end" }),
    );
  }
  return column(
    [
      title !== "" && paragraph(title, width, big),
      subtitle !== "" && paragraph(subtitle, width),
      remark !== "" && paragraph(remark, width, { size: 12 }),
    ],
    2,
  );
}

/** The scale of a map: colors (of which it uses the share `reach`), what the ends mean, and numbers. */
export function colorBarPicture(
  width: number,
  limit: number,
  signed: boolean,
  [low, high]: readonly [low: string, high: string],
  paint = colorOf,
): StaticPicture {
  const stops = 64;
  const step = width / stops;
  const ramp = Array.from({ length: stops }, (_, i) => {
    const share = i / (stops - 1);
    const fill = `rgb(${paint(signed ? 2 * share - 1 : share, signed).join(",")})`;
    // A hair wider than their distance, so that no gap is seen between them.
    return tag("rect", { x: i * step, y: 18, width: Math.min(step + 0.5, width - i * step), height: 12, fill });
  });
  const values = signed ? [-limit, -limit / 2, 0, limit / 2, limit] : [0, limit / 4, limit / 2, limit * 0.75, limit];
  const ticks = values.map((value, place) => {
    const anchor = place === 0 ? "start" : place === 4 ? "end" : "middle";
    return write((width * place) / 4, 44, formatTick(value, limit, signed), { size: 11, anchor });
  });
  return drawing(
    width,
    48,
    write(0, 12, low, { size: 12, color: signed ? AGAINST : SOFT }),
    write(width, 12, high, { size: 12, anchor: "end", color: signed ? FOR : SOFT }),
    ...(limit > 0 ? [...ramp, ...ticks] : ramp),
  );
}

export interface BarRow {
  name: string;
  /** 0 to 1; null where there is no bar, only the value. */
  share: number | null;
  value: string;
  chosen: boolean;
  /** Instead of what tells the chosen row from others. */
  color?: string;
}

/** Names with bars and values; the chosen one stands out. */
export function barsPicture(width: number, rows: readonly BarRow[]): StaticPicture {
  const widest = Math.max(0, ...rows.map((shown) => widthOf(shown.name, { weight: 600 })));
  const [name, values, step] = [Math.min(widest + 12, 0.45 * width), 52, 24];
  const length = width - name - values;
  return drawing(
    width,
    rows.length * step,
    ...rows.flatMap((shown, place) => {
      const top = place * step;
      const letters = shown.chosen ? { color: INK, weight: 600 } : { color: INK };
      return [
        write(0, top + 16, cut(shown.name, name - 8, letters), letters),
        ...(shown.share === null
          ? []
          : [
              tag("rect", { x: name, y: top + 7, width: length, height: 10, fill: "#eeeeee" }),
              tag("rect", {
                ...{ x: name, y: top + 7, width: length * Math.min(Math.max(shown.share, 0), 1), height: 10 },
                fill: shown.color ?? (shown.chosen ? ACCENT : BAR),
              }),
            ]),
        write(width, top + 16, shown.value, { color: INK, anchor: "end" }),
      ];
    }),
  );
}

/** Names and what was set, in two columns. */
export function settingsPicture(
  width: number,
  rows: readonly (readonly [name: string, value: string])[],
): StaticPicture {
  const name = 110;
  return column(
    rows.map(([label, value]) =>
      row([paragraph(cut(label, name - 8), name), paragraph(value, width - name, { color: INK })], 0),
    ),
    3,
  );
}

/** A line over its steps in a frame, with the ends of its range. */
export function curvePicture(
  [width, height]: readonly [width: number, height: number],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  color = ACCENT,
): StaticPicture {
  const values = Array.from(y);
  const finite = values.filter(Number.isFinite);
  const left = 44;
  const frame = { x: left + 0.5, y: 0.5, width: width - left - 1, height: height - 1, fill: "none", stroke: LINE };
  if (finite.length < 2) return drawing(width, height, tag("rect", frame));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const [first, last] = [x[0]!, x[x.length - 1]!];
  const points = values
    .map((value, i) =>
      [
        left + ((x[i]! - first) / (last - first || 1)) * (width - left),
        height - 6 - ((height - 12) * (value - low)) / (high - low || 1),
      ]
        .map((place) => place.toFixed(1))
        .join(" "),
    )
    .join("L");
  return drawing(
    width,
    height,
    tag("rect", frame),
    tag("path", { d: `M${points}`, fill: "none", stroke: color, "stroke-width": 1.5, "stroke-linejoin": "round" }),
    write(left - 6, 12, formatNumber(high, 2), { size: 11, color: SOFT, anchor: "end" }),
    write(left - 6, height - 3, formatNumber(low, 2), { size: 11, color: SOFT, anchor: "end" }),
  );
}
