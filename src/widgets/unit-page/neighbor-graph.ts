import { formatNumber, formatSigned } from "../../comms/format.js";
import type { UnitNeighbor, UnitNeighbors } from "../../comms/states/unit-page.js";
import { element } from "../parts/dom.js";

const HEIGHT = 150;
const NAMESPACE = "http://www.w3.org/2000/svg";

/** Relevance on its way through a channel: from channels above to it, and on to channels below. A click walks to one. */
export function neighborGraph(
  { upper, lower, relevance, samples }: UnitNeighbors,
  own: { layer: string; channel: number },
  onChoose: (neighbor: UnitNeighbor) => void,
): HTMLElement {
  const lines = document.createElementNS(NAMESPACE, "svg");
  lines.setAttribute("viewBox", `0 0 100 ${HEIGHT}`);
  lines.setAttribute("preserveAspectRatio", "none");
  lines.setAttribute("aria-hidden", "true");
  const largest = Math.max(...[...upper, ...lower].map((one) => Math.abs(one.relevance)), 1e-30);
  const at = (place: number, count: number) => (100 * (place + 0.5)) / count;
  const line = (from: [x: number, y: number], to: [x: number, y: number], value: number) => {
    const made = document.createElementNS(NAMESPACE, "line");
    const [x1, y1, x2, y2] = [...from, ...to];
    for (const [name, number] of Object.entries({ x1, y1, x2, y2 })) made.setAttribute(name, String(number));
    made.setAttribute("stroke-width", String(1 + (5 * Math.abs(value)) / largest));
    made.setAttribute("class", value < 0 ? "limpid-unit-against" : "limpid-unit-for");
    lines.append(made);
  };
  upper.forEach((one, place) => void line([at(place, upper.length), 24], [50, HEIGHT / 2], one.relevance));
  lower.forEach((one, place) => void line([50, HEIGHT / 2], [at(place, lower.length), HEIGHT - 24], one.relevance));
  const row = (name: string, list: readonly UnitNeighbor[], words: string) =>
    element(
      "div",
      { class: "limpid-unit-row", role: "group", "aria-label": name },
      ...(list.length === 0
        ? [element("span", { class: "limpid-unit-none" }, words)]
        : list.map((one) => {
            const hint = `Channel ${one.channel} of ${one.layer}: relevance ${formatNumber(one.relevance)}`;
            const seen = [one.layer, String(one.channel), formatSigned(one.relevance, 2)] as const;
            const made = element(
              "button",
              { type: "button", class: "limpid-unit-node", title: hint, "aria-label": `${seen.join(" ")}: ${hint}` },
              element("span", {}, seen[0]),
              " ",
              element("strong", {}, seen[1]),
              " ",
              element("span", {}, seen[2]),
            );
            made.addEventListener("click", () => onChoose(one));
            return made;
          })),
    );
  const middle = element(
    "div",
    { class: "limpid-unit-row" },
    element(
      "span",
      { class: "limpid-unit-node limpid-unit-own" },
      element("span", {}, own.layer),
      element("strong", {}, String(own.channel)),
      element("span", {}, formatSigned(relevance, 2)),
    ),
  );
  return element(
    "section",
    { class: "limpid-unit-neighbors" },
    element(
      "h4",
      {
        title: "Layer-wise relevance propagation from channel to channel: red gives positive relevance, blue negative",
      },
      `Relevance neighbors, mean over ${samples === 1 ? "its strongest input" : `its ${samples} strongest inputs`}`,
    ),
    element(
      "div",
      { class: "limpid-unit-graph" },
      lines as unknown as HTMLElement,
      row("Channels that its relevance comes through", upper, "from the output itself"),
      middle,
      row("Channels that its relevance goes to", lower, "to the input"),
    ),
  );
}
