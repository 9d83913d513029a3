import type { TypedModel } from "./model.js";

/** A page of cards, of which one may be open. */
interface Paged {
  page: number;
  pages: number;
  selected: number;
}

/** Arrow keys walk over the cards of a grid, Page Up and Page Down turn pages, Escape closes the card that is open. */
export function cardKeys(grid: HTMLElement, paged: TypedModel<Pick<Paged, "page">>): void {
  const model = paged as unknown as TypedModel<Paged>;
  grid.addEventListener("keydown", (event) => {
    const all = [...grid.querySelectorAll<HTMLButtonElement>(":scope > button")];
    const place = all.indexOf(event.target as HTMLButtonElement);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const across = all.filter((card) => card.offsetTop === all[0]!.offsetTop).length;
    const [page, pages] = [model.trait("page"), model.trait("pages")];
    if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      const next = Math.min(Math.max(page + (event.key === "PageDown" ? 1 : -1), 0), pages - 1);
      if (next !== page) model.choose({ page: next });
      return;
    }
    if (event.key === "Escape" && model.trait("selected") >= 0) {
      event.preventDefault();
      model.choose({ selected: -1 });
    }
    const to = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + across,
      ArrowUp: place - across,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[Math.min(Math.max(to, 0), all.length - 1)]?.focus();
  });
}
