import { formatNumber } from "../../comms/format.js";
import { element, emphasize } from "./dom.js";

export interface Heading {
  element: HTMLElement;
  /** What is shown, how it was computed, and in small type the books: how much of the output the relevance adds up to. */
  set(heading: {
    title: string;
    subtitle: string;
    output: number | null;
    total: number | null;
    signed: boolean;
    remark?: string;
  }): void;
}

/** The one line on top of a widget. */
export function heading(): Heading {
  const title = element("span", { class: "limpid-title" });
  const subtitle = element("span", { class: "limpid-subtitle" });
  const books = element("span", { class: "limpid-books" });
  const line = element("header", { class: "limpid-heading" }, element("div", {}, title, " ", subtitle), books);
  return {
    element: line,
    set({ title: main, subtitle: beside, output, total, signed, remark = "" }) {
      emphasize(title, main);
      emphasize(subtitle, beside);
      books.textContent = [
        output === null ? "" : `output ${formatNumber(output)}`,
        total === null ? "" : `${signed ? "relevance" : "sum"} ${formatNumber(total)}`,
        remark,
      ]
        .filter((part) => part !== "")
        .join(" · ");
      books.title =
        output !== null && total !== null && signed
          ? `The relevance adds up to ${formatNumber(total, 4)}; the explained output is ${formatNumber(output, 4)}.`
          : "";
      line.hidden = main === "" && beside === "" && books.textContent === "";
    },
  };
}
