import { element } from "./dom.js";

/** What is to be said of results, folded: hidden where there is nothing. */
export function remarks(name: string, line: string): { element: HTMLElement; set(all: readonly string[]): void } {
  const box = element("details", { class: `limpid-more ${name}` });
  return {
    element: box,
    set(all) {
      box.hidden = all.length === 0;
      box.replaceChildren(
        element("summary", {}, `⚠ ${all.length} remark${all.length === 1 ? "" : "s"}`),
        ...all.map((remark) => element("p", { class: line }, remark)),
      );
    },
  };
}
