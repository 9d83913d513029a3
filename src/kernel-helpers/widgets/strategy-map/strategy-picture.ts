import { formatNumber, formatPercent, formatSigned } from "../../../comms/format.js";
import { clipLimit } from "../../../comms/states/colors.js";
import { colorOfSeries } from "../../../comms/states/plot.js";
import { picturesOf, type StrategyMapState } from "../../../comms/states/strategy-map.js";
import { headingPicture } from "../../pictures/drawing/parts.js";
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
import { ACCENT, BAR, cut, INK, LINE, SOFT, tag, write } from "../../pictures/drawing/svg.js";
import { paintHeatmap } from "../../pictures/heatmap-png.js";

const WIDTH = 720;
const PLANE = 340;
const MEAN = 96;

/** The widget as its file has it: the plane, the eigenvalues, the clusters' means, what was measured. */
export function strategyPicture(shown: StrategyMapState): StaticPicture | null {
  const { title, subtitle, remark, error, points, measured } = shown;
  if (points === null) return error === "" ? null : framed(paragraph(`This could not be analyzed: ${error}`, WIDTH));
  return framed(
    column(
      [
        headingPicture(WIDTH, title.replaceAll("*", ""), subtitle, ""),
        row([titled("Maps, near where they are alike", plane(shown)), eigenvalues(shown)], 30),
        means(shown),
        remark !== "" && paragraph(remark, WIDTH),
        measured !== null && table(shown),
        error !== "" && paragraph(error, WIDTH),
      ],
      14,
    ),
  );
}

function plane({ points, clusters }: StrategyMapState): StaticPicture {
  const places = points!.data as Float32Array;
  const own = (clusters?.data ?? new Uint8Array()) as Uint8Array;
  const extent = [0, 1].map((axis) => {
    const all = Array.from({ length: places.length / 2 }, (_, at) => places[2 * at + axis]!);
    return [Math.min(...all), Math.max(...all)] as const;
  });
  const at = (value: number, axis: number) => {
    const [low, high] = extent[axis]!;
    return (10 + ((PLANE - 20) * (value - low)) / (high - low || 1)).toFixed(1);
  };
  const dots = Array.from({ length: places.length / 2 }, (_, map) =>
    tag("circle", {
      cx: at(places[2 * map]!, 0),
      cy: at(places[2 * map + 1]!, 1),
      r: 3,
      fill: colorOfSeries(own[map] ?? 0),
      "fill-opacity": 0.75,
    }),
  );
  const frame = { x: 0.5, y: 0.5, width: PLANE - 1, height: PLANE - 1, fill: "none", stroke: LINE };
  return drawing(PLANE, PLANE, tag("rect", frame), ...dots);
}

function eigenvalues({ eigenvalues: values, suggested, sizes }: StrategyMapState): StaticPicture {
  const [width, height, left] = [WIDTH - PLANE - 30, 190, 40];
  const most = Math.max(...values, 1e-9);
  const x = (index: number) => left + ((index + 0.5) * (width - left)) / values.length;
  const y = (value: number) => 8 + (height - 34) * (1 - value / most);
  const gap = (x(suggested - 1) + x(suggested)) / 2;
  const count = sizes.length;
  return titled(
    `Eigenvalues: the largest gap says ${suggested} cluster${suggested === 1 ? "" : "s"}${count === suggested ? "" : `, shown are ${count}`}`,
    drawing(
      width,
      height,
      tag("rect", { x: left, y: 0.5, width: width - left - 0.5, height: height - 26, fill: "none", stroke: LINE }),
      suggested < values.length
        ? tag("path", { d: `M${gap} 0.5V${height - 26}`, stroke: ACCENT, "stroke-dasharray": "4 3" })
        : "",
      ...values.map((value, index) =>
        tag("circle", { cx: x(index), cy: y(value), r: 4, fill: index < count ? ACCENT : BAR }),
      ),
      ...values.map((_, index) => write(x(index), height - 10, String(index + 1), { size: 11, anchor: "middle" })),
      write(left - 6, 14, formatNumber(most, 2), { size: 11, anchor: "end" }),
      write(left - 6, height - 28, "0", { size: 11, anchor: "end" }),
    ),
  );
}

function means({ means: all, sizes }: StrategyMapState): StaticPicture | false {
  if (all === null) return false;
  const [, height = 1, width = 1] = all.shape;
  const values = all.data as Float32Array;
  const limit = clipLimit(values, 99.5);
  const tiles = sizes.slice(0, 7).map((size, cluster) => {
    const map = {
      shape: [height, width] as const,
      values: values.slice(cluster * height * width, (cluster + 1) * height * width),
    };
    const painted = paintHeatmap({
      image: null,
      relevance: map,
      signed: true,
      mode: "map",
      opacity: 1,
      percentile: 100,
      limit,
    });
    return column(
      [
        photo(painted, MEAN),
        drawing(
          MEAN,
          16,
          tag("circle", { cx: 5, cy: 9, r: 4, fill: colorOfSeries(cluster) }),
          write(14, 13, picturesOf(size), { size: 11, color: INK }),
        ),
      ],
      4,
    );
  });
  const title = `Mean maps, red speaks for the class; colors end at ±${formatNumber(limit)}`;
  return column([paragraph(title, WIDTH, { weight: 600, color: SOFT }), row(tiles, 8)], 6);
}

function table({ measured }: StrategyMapState): StaticPicture {
  const { group, share, replacement, classes } = measured!;
  const columns = [0, 220, 300, 420, 540];
  const head = ["", "pictures", "accuracy", "without region", "change"];
  const lines = classes
    .slice(0, 12)
    .map(({ name, count, accuracy: { before, after, difference }, explained }, place) => {
      const top = 40 + 20 * place;
      const weight = explained ? { weight: 600 } : {};
      return [
        write(0, top, cut(name, 210), { color: INK, ...weight }),
        ...[
          String(count),
          formatPercent(before.value),
          formatPercent(after.value),
          `${formatSigned(100 * difference.value)} points`,
        ].map((words, at) => write(columns[at + 1]!, top, words, { color: INK, ...weight })),
      ].join("");
    });
  return titled(
    `Without the region of ${group} (${formatPercent(share)} of each picture, filled by ${replacement})`,
    drawing(
      WIDTH,
      44 + 20 * lines.length,
      ...head.map((words, at) => write(columns[at]!, 16, words, { size: 12, color: SOFT })),
      ...lines,
    ),
  );
}
