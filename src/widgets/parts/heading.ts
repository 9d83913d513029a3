import { formatNumber } from "../../comms/format.js";
import type { HeatmapState } from "../../comms/states/heatmap.js";
import { element, emphasize } from "./dom.js";
import type { TypedModel } from "./model.js";

/** The traits that a heading shows; a widget need not have the last three. */
type Headed = Pick<HeatmapState, "title" | "subtitle"> & Partial<Pick<HeatmapState, "output" | "total" | "signed">>;

export interface Heading {
  element: HTMLElement;
  /** Writes the remark anew. */
  show(): void;
  dispose(): void;
}

/**
 * The one line on top of a widget, bound to its model: what is shown, how it was computed, and in small type the books (how
 * much of the output the relevance adds up to) and a remark.
 */
export function heading(
  headed: TypedModel<Pick<HeatmapState, "title" | "subtitle">>,
  remark: () => string = () => "",
): Heading {
  const model = headed as unknown as TypedModel<Headed>;
  const title = element("h3", { class: "limpid-title" });
  const subtitle = element("span", { class: "limpid-subtitle" });
  const books = element("span", { class: "limpid-books" });
  const line = element("div", { class: "limpid-heading" }, element("div", {}, title, " ", subtitle), books);
  const show = () => {
    const [main, beside] = [model.trait("title"), model.trait("subtitle")];
    const [output = null, total = null, signed = true] = [
      model.trait("output"),
      model.trait("total"),
      model.trait("signed"),
    ];
    emphasize(title, main);
    title.hidden = main === "";
    emphasize(subtitle, beside);
    books.textContent = [
      output === null ? "" : `output ${formatNumber(output)}`,
      total === null ? "" : `${signed ? "relevance" : "sum"} ${formatNumber(total)}`,
      remark(),
    ]
      .filter((part) => part !== "")
      .join(" · ");
    books.title =
      output !== null && total !== null && signed
        ? `The relevance adds up to ${formatNumber(total, 4)}; the explained output is ${formatNumber(output, 4)}.`
        : "";
    line.hidden = main === "" && beside === "" && books.textContent === "";
  };
  const dispose = model.watch(["title", "subtitle", "output", "total", "signed"], show);
  show();
  return { element: line, show, dispose };
}
