import type { DOMWidgetView } from "@jupyter-widgets/base";
import {
  columnGroups,
  gridLimits,
  type MethodGridState,
  scaleWords,
  shownScore,
  sortWords,
} from "../../comms/states/method-grid.js";
import { button } from "../parts/buttons.js";
import { element, emphasize } from "../parts/dom.js";
import { heading } from "../parts/heading.js";
import { reads } from "../parts/lock.js";
import { WidgetView } from "../parts/view.js";
import { controls } from "./controls.js";
import { legend } from "./legend.js";
import type { MethodGridModel } from "./model.js";
import { type Spot, type Tile, tile } from "./tile.js";

/** Least width of a map where several rows are compared, so that columns stay beneath each other. */
const LEAST = 140;
/** Space between maps, in CSS pixels; the style sheet has the same. */
const GAP = 12;

/** Maps as small multiples: one legend, one set of controls, and beneath them the one that was clicked. */
export class MethodGridView extends WidgetView<MethodGridState, MethodGridModel> {
  private tiles: Tile[] = [];
  private lists: HTMLElement[] = [];
  /** The tile that the Tab key reaches. */
  private current = 0;
  private detail: { model: unknown; view: Promise<DOMWidgetView> } | undefined;
  private readonly area = reads(element("div", { class: "limpid-grid-rows" }));
  private readonly beneath = element("section", {
    class: "limpid-grid-detail",
    "aria-label": "The chosen map",
    hidden: true,
  });
  private readonly sorted = element("p", { class: "limpid-grid-sorted", "aria-live": "polite", hidden: true });
  private readonly note = element("div", { class: "limpid-grid-error", role: "alert", hidden: true });
  private readonly legend = legend();

  override render(): void {
    const model = this.shown;
    const top = this.keep(heading(model, () => this.progress()));
    const stop = button("Stop", "Give up the maps that are not there yet", () => model.send({ event: "stop" }));
    const again = button("Run again", "Compute the maps that were stopped or failed", () =>
      model.send({ event: "again" }),
    );
    const looks = controls(model);
    top.element.append(element("div", { class: "limpid-grid-run" }, stop, again));

    const showRun = () => {
      top.show();
      top.element.hidden = false;
      stop.hidden = !model.running;
      again.hidden = model.running || !model.comm_live || this.count("failed") + this.count("stopped") === 0;
      this.el.setAttribute("aria-busy", String(model.running));
    };
    const relevant = () => {
      this.color();
      showRun();
    };
    this.lay(
      "method-grid",
      top.element,
      this.note,
      element("div", { class: "limpid-grid-head" }, this.legend.element, looks.element),
      this.sorted,
      this.area,
      this.beneath,
    );
    this.draw(["cells", "columns"], () => {
      this.build();
      for (const cell of model.cells) {
        this.listenTo(cell, "change:phase change:progress", showRun);
        this.listenTo(cell, "change:relevance change:signed", relevant);
      }
    });
    this.draw(["rows"], () => this.nameRows());
    this.draw(["rows", "mode", "scale", "limit", "percentile", "scores", "sort"], looks.show);
    this.draw(["scores", "sort"], () => this.sort());
    this.draw(["opacity", "mode", "scale", "limit", "percentile", "unit"], () => this.color());
    this.draw(["opacity"], looks.show);
    this.draw(["running"], showRun);
    this.draw(["selected"], () => {
      for (const [index, made] of this.tiles.entries()) made.select(index === model.trait("selected"));
    });
    this.draw(["detail"], () => void this.showDetail());
    this.draw(["error"], () => {
      this.note.hidden = model.trait("error") === "";
      this.note.textContent = model.trait("error");
    });
    this.draw(["mapWidth"], () => this.fit());
    const resized = new ResizeObserver(() => this.fit());
    resized.observe(this.area);
    this.keep({ dispose: () => resized.disconnect() });
    this.area.addEventListener("keydown", (event) => this.step(event));
    this.beneath.addEventListener("keydown", (event) => {
      // What the detail itself has no use for closes it.
      if (event.key === "Escape") this.shut(event);
    });
  }

  override remove() {
    for (const made of this.tiles) made.dispose();
    void this.detail?.view.then((view) => view.remove());
    return super.remove();
  }

  private count(phase: string): number {
    return this.shown.cells.filter((cell) => cell.trait("phase") === phase).length;
  }

  /** `3 of 6 maps · 1 failed`, while there are fewer than all. */
  private progress(): string {
    const all = this.shown.cells.length;
    const [done, failed, stopped] = [this.count("done"), this.count("failed"), this.count("stopped")];
    const parts = [
      done === all ? "" : `${done} of ${all} maps`,
      failed > 0 ? `${failed} failed` : "",
      stopped > 0 ? `${stopped} stopped` : "",
    ];
    return parts.filter((part) => part !== "").join(" · ");
  }

  /** Makes the tiles, row by row. */
  private build(): void {
    const model = this.shown;
    for (const made of this.tiles) made.dispose();
    const columns = model.trait("columns");
    this.tiles = model.cells.map((cell, index) => {
      const first = index - (index % columns.length);
      const made = tile(cell, columns[index % columns.length]!, (spot) => this.point(first, spot));
      made.element.addEventListener("click", () => {
        this.reach(index);
        model.send({ event: "open", cell: index });
      });
      return made;
    });
    const rows = model.rows;
    this.lists = rows.map(() => element("div", { class: "limpid-tiles", role: "group" }));
    this.area.replaceChildren(
      ...this.lists.map((list) => element("section", {}, element("h4", { class: "limpid-grid-row" }), list)),
    );
    this.reach(Math.min(this.current, this.tiles.length - 1));
    this.sort();
    this.nameRows();
    this.fit();
    this.color();
  }

  /** Puts the maps of each row in order, and at each what the measures say of it. */
  private sort(): void {
    const model = this.shown;
    const [columns, scores, sort] = [model.trait("columns"), model.trait("scores"), model.trait("sort")];
    const words = sortWords({ columns, scores, sort, rows: model.trait("rows") as never });
    this.sorted.textContent = words;
    this.sorted.hidden = words === "";
    const groups = columnGroups({ columns, scores, sort });
    const main = shownScore({ scores, sort });
    const told = main === undefined ? [] : [main, ...scores.filter((score) => score !== main)];
    for (const [index, made] of this.tiles.entries()) {
      const [row, column] = [Math.floor(index / columns.length), index % columns.length];
      made.score(
        told.map(({ label, better, values, reasons }) => ({
          ...{ label, better },
          value: values[row]?.[column] ?? null,
          reason: reasons?.[row]?.[column] ?? null,
        })),
      );
    }
    const focused = this.tiles.find((made) => made.element === document.activeElement);
    for (const [row, list] of this.lists.entries()) {
      list.replaceChildren(
        ...groups.flatMap(({ name, columns: members }) => [
          ...(name === "" ? [] : [element("h4", { class: "limpid-grid-group" }, name)]),
          ...members.map((column) => this.tiles[row * columns.length + column]!.element),
        ]),
      );
    }
    focused?.element.focus();
  }

  private nameRows(): void {
    const { rows } = this.shown;
    const columns = this.shown.trait("columns").length;
    rows.forEach(({ label, note, image }, row) => {
      const title = this.lists[row]?.previousElementSibling as HTMLElement | undefined;
      if (title === undefined) return;
      title.hidden = rows.length === 1;
      emphasize(title, [label, note].filter((part) => part !== "").join(" · "));
      this.lists[row]!.setAttribute("aria-label", `Maps of ${label || `row ${row + 1}`}`);
      for (const made of this.tiles.slice(row * columns, (row + 1) * columns)) made.setImage(image);
    });
  }

  /** Gives every map its colors, and the legend what they stand for. */
  private color(): void {
    const model = this.shown;
    const settings = {
      scale: model.trait("scale"),
      limit: model.trait("limit"),
      percentile: model.trait("percentile"),
    };
    const maps = model.cells.map((cell) => cell.trait("relevance")?.values ?? null);
    const limits = gridLimits(maps, settings);
    const [mode, opacity] = [model.trait("mode"), model.trait("opacity")];
    const own = settings.scale === "own";
    for (const [index, made] of this.tiles.entries()) made.look({ mode, opacity, limit: limits[index]!, own });
    const done = model.cells.filter((cell) => cell.trait("relevance") !== null);
    const kinds = [true, false].filter((signed) => done.some((cell) => cell.trait("signed") === signed));
    this.legend.set({
      kinds: kinds.length === 0 ? [true] : kinds,
      scale: settings.scale,
      limit: Math.max(0, ...limits),
      words: scaleWords(settings, model.trait("unit")),
    });
  }

  /** How many maps stand side by side: rows are about equally full, and no map is narrower than it may be. */
  private fit(): void {
    const width = this.area.clientWidth - 2 * GAP;
    const count = this.shown.trait("columns").length;
    if (width <= 0 || count === 0) return;
    const fitting = (least: number) => Math.max(1, Math.floor((width + GAP) / (least + GAP)));
    const most =
      this.shown.rows.length > 1
        ? Math.max(fitting(this.shown.trait("mapWidth")), Math.min(count, fitting(LEAST)))
        : fitting(this.shown.trait("mapWidth"));
    // Under headings lines are as long as the width allows.
    const isGrouped = this.shown.trait("columns").some(({ group }) => group !== undefined);
    const across = isGrouped ? most : Math.ceil(count / Math.ceil(count / most));
    this.area.style.setProperty("--across", String(across));
  }

  private point(first: number, spot: Spot | null): void {
    const columns = this.shown.trait("columns").length;
    for (const made of this.tiles.slice(first, first + columns)) made.point(spot);
  }

  /** Makes one tile the one that the Tab key reaches. */
  private reach(index: number): void {
    this.tiles[this.current]?.element.setAttribute("tabindex", "-1");
    this.current = index;
    this.tiles[index]?.element.setAttribute("tabindex", "0");
  }

  private step(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.shut(event);
      return;
    }
    // As they stand: sorted, under headings, in lines that may be shorter than others.
    const stand = this.lists.flatMap((list) => [...list.querySelectorAll<HTMLElement>(".limpid-tile")]);
    const columns = this.shown.trait("columns").length;
    const at = stand.indexOf(this.tiles[this.current]!.element);
    const row = at - (at % columns);
    const moves: Record<string, () => number> = {
      ArrowRight: () => at + 1,
      ArrowLeft: () => at - 1,
      ArrowDown: () => beside(stand, at, 1),
      ArrowUp: () => beside(stand, at, -1),
      Home: () => row,
      End: () => row + columns - 1,
    };
    const to = moves[event.key]?.();
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const index = this.tiles.findIndex(({ element: made }) => made === stand[to]);
    if (index < 0) return;
    this.reach(index);
    this.tiles[index]!.element.focus();
  }

  /** Closes what is open beneath; where nothing is, Escape leaves the widget. */
  private shut(event: KeyboardEvent): void {
    const open = this.shown.trait("selected");
    if (open < 0 || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.shown.send({ event: "open", cell: -1 });
    this.tiles[open]?.element.focus();
  }

  private async showDetail(): Promise<void> {
    const { detail } = this.shown;
    if (detail === (this.detail?.model ?? null)) return;
    const before = this.detail;
    this.detail = undefined;
    this.beneath.hidden = true;
    this.beneath.replaceChildren();
    void before?.view.then((view) => view.remove());
    if (detail === null) return;
    const view = this.create_child_view(detail) as Promise<DOMWidgetView>;
    this.detail = { model: detail, view };
    const made = await view;
    if (this.detail?.model !== detail) return;
    const close = button("Close", "Close this map (Escape)", () => this.shown.send({ event: "open", cell: -1 }));
    this.beneath.replaceChildren(made.el, close);
    this.beneath.hidden = false;
    this.beneath.scrollIntoView({ block: "nearest" });
  }
}

/** Which one stands above (−1) or below (1) in the next line, where it is nearest; −1 where there is none. */
function beside(stand: readonly HTMLElement[], at: number, way: 1 | -1): number {
  const boxes = stand.map((one) => one.getBoundingClientRect());
  const from = boxes[at]!;
  const beyond = boxes
    .map(({ top }) => way * (top - from.top))
    .map((far) => (far > 1 ? far : Number.POSITIVE_INFINITY));
  const next = Math.min(...beyond);
  if (next === Number.POSITIVE_INFINITY) return -1;
  const apart = boxes.map(({ left }, index) =>
    beyond[index]! - next < 1 ? Math.abs(left - from.left) : Number.POSITIVE_INFINITY,
  );
  return apart.indexOf(Math.min(...apart));
}
