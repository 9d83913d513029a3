import { formatFixed, formatNumber, formatPercent, sentenceCase } from "../../comms/format.js";
import { clipLimit } from "../../comms/states/colors.js";
import { picturesOf, type StrategyClass, type StrategyEstimate } from "../../comms/states/strategy-map.js";
import { smallMap } from "../heatmap/small-map.js";
import { button } from "../parts/buttons.js";
import { dropdown } from "../parts/choices.js";
import { element } from "../parts/dom.js";
import { regionBox } from "../parts/region-box.js";
import { slider } from "../parts/slider.js";
import { titled } from "../parts/view.js";
import type { StrategyMapModel } from "./model.js";

/** The group that is looked at: the region it points at, and what the model loses without it. */
export function groupPanel(model: StrategyMapModel): { element: HTMLElement; dispose(): void } {
  const empty = element(
    "p",
    { class: "limpid-strategy-note" },
    "Draw a line around points, or take a cluster: what its maps have more of than the others is filled in on all pictures, and the model measured again.",
  );
  const group = dropdown("Group", "Whose region is shown and filled in", (value) =>
    model.choose({ group: Number(value), brush: null }),
  );
  const share = slider({
    label: "Region",
    hint: "How much of the picture the region is: the places where the group has most more relevance than the others",
    min: 0.005,
    max: 0.4,
    step: 0.005,
    format: (value) => `${formatNumber(100 * value, 2)}\u202f%`,
    onInput: (value) => model.choose({ share: value, brush: null }),
  });
  const replacement = dropdown("Filled by", "What stands in the region's place", (value) =>
    model.choose({ replacement: value }),
  );
  const measure = button("Fill in and measure", "Measure the model on all pictures with and without the region", () =>
    model.send({ event: "measure" }),
  );
  measure.classList.add("limpid-primary");
  const contrast = smallMap("Mean map of the group less that of the others");
  const region = element("canvas", { class: "limpid-strategy-region", "aria-hidden": "true" });
  const box = regionBox("Region of the group", (chosen) => model.choose({ brush: chosen }), { final: true });
  const scale = element("p", { class: "limpid-strategy-note" });
  const picture = element("div", { class: "limpid-strategy-contrast" }, contrast.element, region, box.element);
  const results = element("div", { class: "limpid-strategy-results" });
  const body = element(
    "div",
    { class: "limpid-strategy-group" },
    titled("More relevance here than in the others", picture, scale),
    element(
      "div",
      { class: "limpid-settings" },
      group.element,
      share.element,
      replacement.element,
      element("div", { class: "limpid-buttons" }, measure),
    ),
  );

  const show = () => {
    const [groups, chosen] = [model.trait("groups"), model.trait("group")];
    const own = groups[chosen];
    empty.hidden = own !== undefined;
    body.hidden = own === undefined;
    group.offer(
      groups.map(({ name, members }, at) => ({
        value: String(at),
        label: `${sentenceCase(name)} · ${picturesOf(members.length)}`,
      })),
    );
    group.set(String(chosen));
  };
  const showRegion = () => {
    const [map, marked, brush] = [model.trait("contrast"), model.trait("region"), model.trait("brush")];
    const [rows = 1, columns = 1] = map?.shape ?? [];
    const limit = map === null ? 0 : clipLimit(map.values, 99.5);
    contrast.set({ image: null, relevance: map, limit, mode: "map" });
    scale.textContent = `Outlined: the region. Drag to choose another. Colors end at ±${formatNumber(limit, 2)}.`;
    box.set(rows, columns, brush);
    outline(region, marked?.values ?? new Uint8Array(), rows, columns);
    share.set(model.trait("share"));
    share.rest(brush === null ? null : "A part was chosen by hand; moving this takes the group's own region again");
  };
  const showMeasured = () => {
    const measured = model.trait("measured");
    results.hidden = measured === null;
    if (measured === null) return;
    const { group: name, share: part, replacement: filled, level, classes } = measured;
    results.replaceChildren(
      element("h4", {}, `Without the region of ${name}: ${formatPercent(part)} of each picture, filled by ${filled}`),
      element(
        "div",
        { class: "limpid-strategy-scroll", tabindex: 0, role: "region", "aria-label": "What was measured" },
        tableOf(classes, level),
      ),
    );
  };
  const rest = () => {
    measure.disabled = model.running;
    measure.title = model.running
      ? "The kernel computes"
      : "Measure the model on all pictures with and without the region";
  };
  const showReplacements = () => {
    replacement.offer(model.trait("replacements").map((choice) => ({ ...choice, label: sentenceCase(choice.label) })));
    replacement.set(model.trait("replacement"));
  };
  const undo = [
    model.watch(["groups", "group"], show),
    model.watch(["contrast", "region", "brush", "share"], showRegion),
    model.watch(["measured"], showMeasured),
    model.watch(["running"], rest),
    model.watch(["replacement", "replacements"], showReplacements),
  ];
  model.on("comm_live_update", rest);
  for (const run of [show, showRegion, showMeasured, rest, showReplacements]) run();
  return {
    element: element("div", {}, empty, body, results),
    dispose() {
      for (const stop of undo) stop();
      model.off("comm_live_update", rest);
      contrast.dispose();
    },
  };
}

/** Edges between what is in the region and what is not, light on dark. */
function outline(canvas: HTMLCanvasElement, region: Uint8Array, rows: number, columns: number): void {
  const cell = Math.max(4, Math.round(480 / columns));
  [canvas.width, canvas.height] = [columns * cell, rows * cell];
  const context = canvas.getContext("2d");
  if (context === null) return;
  for (const [color, thick] of [
    ["rgb(0 0 0 / 75%)", 5],
    ["#fff", 2.5],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.beginPath();
    region.forEach((isInside, at) => {
      if (!isInside) return;
      const [row, column] = [Math.floor(at / columns), at % columns];
      const [x, y] = [column * cell, row * cell];
      const edge = (isEdge: boolean, x0: number, y0: number, x1: number, y1: number) => {
        if (!isEdge) return;
        context.moveTo(x0, y0);
        context.lineTo(x1, y1);
      };
      edge(row === 0 || !region[at - columns], x, y, x + cell, y);
      edge(row === rows - 1 || !region[at + columns], x, y + cell, x + cell, y + cell);
      edge(column === 0 || !region[at - 1], x, y, x, y + cell);
      edge(column === columns - 1 || !region[at + 1], x + cell, y, x + cell, y + cell);
    });
    context.stroke();
  }
}

function tableOf(classes: readonly StrategyClass[], level: number): HTMLElement {
  const percent = (value: number) => `${formatFixed(100 * value, 1)}\u202f%`;
  const interval = ({ low, high }: StrategyEstimate, of: (value: number) => string) =>
    low === null || high === null ? "too few" : `${of(low)} to ${of(high)}`;
  const cell = (estimate: StrategyEstimate, of: (value: number) => string) =>
    element(
      "td",
      {},
      of(estimate.value),
      element("span", { class: "limpid-strategy-interval" }, interval(estimate, of)),
    );
  const points = (value: number) => `${value > 0 ? "+" : ""}${formatFixed(100 * value, 1)}`;
  const head = [
    "class",
    "pictures",
    "accuracy",
    "without",
    "change, points",
    "probability",
    "without",
    "change, points",
  ];
  return element(
    "table",
    { class: "limpid-strategy-table" },
    element("caption", {}, `Small: intervals that hold the true value in ${formatPercent(level)} of cases.`),
    element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words)))),
    element(
      "tbody",
      {},
      ...classes.map(({ name, count, explained, accuracy, probability }) =>
        element(
          "tr",
          { class: explained ? "limpid-strategy-explained" : undefined },
          element("th", { scope: "row" }, name),
          element("td", {}, String(count)),
          cell(accuracy.before, percent),
          cell(accuracy.after, percent),
          cell(accuracy.difference, points),
          cell(probability.before, percent),
          cell(probability.after, percent),
          cell(probability.difference, points),
        ),
      ),
    ),
  );
}
