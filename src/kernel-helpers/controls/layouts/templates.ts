import type { BoxState } from "../../../comms/states/controls.js";
import { flag, invalid, nullable, type Trait, unsynced } from "../../../comms/states/traits.js";
import type { InitialState } from "../../widgets/base/kernel-side.js";
import type { Widget } from "../../widgets/base/widget.js";
import { anyWidgetTrait } from "../../widgets/base/widget-class.js";
import { boxTraits } from "../boxes.js";
import { control } from "../control.js";
import { gridInWords, gridPicture } from "./areas.js";

const part = (): Trait<Widget | null> => unsynced(nullable(anyWidgetTrait));

/** CSS sizes: a number alone is a share of what there is. */
const sizes = (initial: [string, string, string]): Trait<[string, string, string]> =>
  unsynced({
    expected: 'three sizes: numbers (shares), or texts such as "80px", "2fr", "30%"',
    initial: () => initial,
    check(value) {
      if (!Array.isArray(value) || value.length !== 3) return invalid;
      const written = value.map((size: unknown) => (/^\d+(\.\d*)?$/.test(String(size)) ? `${size}fr` : String(size)));
      return written.every((size) => /^\d+(\.\d*)?(px|fr|%)$/.test(size))
        ? (written as [string, string, string])
        : invalid;
    },
  });

type Sizes = readonly [number | string, number | string, number | string];

interface GridState extends Omit<BoxState, "children"> {}

interface AppState {
  header: Widget | null;
  left_sidebar: Widget | null;
  center: Widget | null;
  right_sidebar: Widget | null;
  footer: Widget | null;
  merge: boolean;
  pane_widths: [string, string, string];
  pane_heights: [string, string, string];
}

type AppOptions = InitialState<GridState> &
  Partial<Omit<AppState, "pane_widths" | "pane_heights">> & { pane_widths?: Sizes; pane_heights?: Sizes };

/**
 * Widgets as the parts of an application: header, sidebars, center and footer. Parts that are missing leave their room to the others,
 * unless `merge` is false.
 *
 * @example
 * display(new AppLayout({ header: title, left_sidebar: settings, center: heatmap, pane_widths: ["200px", 1, 0] }));
 */
export class AppLayout extends control<BoxState & AppState>("GridBox", {
  traits: {
    ...boxTraits,
    header: part(),
    left_sidebar: part(),
    center: part(),
    right_sidebar: part(),
    footer: part(),
    merge: unsynced(flag(true)),
    pane_widths: sizes(["1fr", "2fr", "1fr"]),
    pane_heights: sizes(["1fr", "3fr", "1fr"]),
  },
}) {
  constructor(options: AppOptions = {}) {
    super(options as InitialState<BoxState & AppState>);
    this.#arrange();
    this.watch(
      () => this.#arrange(),
      ["header", "left_sidebar", "center", "right_sidebar", "footer", "merge", "pane_widths", "pane_heights"],
    );
  }

  #arrange(): void {
    const { header, left_sidebar: left, center, right_sidebar: right, footer } = this;
    const parts = { header, "left-sidebar": left, center, "right-sidebar": right, footer };
    const there = Object.entries(parts).filter((entry): entry is [string, Widget] => entry[1] !== null);
    let areas = [
      ["header", "header", "header"],
      ["left-sidebar", "center", "right-sidebar"],
      ["footer", "footer", "footer"],
    ];
    let [columns, rows] = [[...this.pane_widths] as string[], [...this.pane_heights] as string[]];
    if (this.merge && there.length === 1) areas = areas.map((line) => line.map(() => there[0]![0]));
    else if (this.merge) {
      const [, middle] = areas;
      const fallback = center ? "center" : left ? "left-sidebar" : "right-sidebar";
      if (!left) middle![0] = fallback;
      if (!right) middle![2] = center ? "center" : left ? "left-sidebar" : "right-sidebar";
      if (!center) {
        areas = areas.map(([first = "", , last = ""]) => [first, last]);
        columns = [columns[0]!, columns[2]!];
      }
      const kept = [header !== null, Boolean(left || center || right), footer !== null];
      areas = areas.filter((_, i) => kept[i]);
      rows = rows.filter((_, i) => kept[i]);
    }
    arrange(this, there, areas, columns, rows);
  }

  override staticPicture() {
    return gridPicture(this);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return gridInWords("AppLayout", this);
  }
}

interface TwoByTwoState {
  top_left: Widget | null;
  top_right: Widget | null;
  bottom_left: Widget | null;
  bottom_right: Widget | null;
  merge: boolean;
}

/**
 * Up to four widgets in two rows and two columns. One that is missing leaves its room to the one above or below, unless `merge` is false.
 *
 * @example
 * display(new TwoByTwoLayout({ top_left: photo, top_right: heatmap, bottom_left: settings }));
 */
export class TwoByTwoLayout extends control<BoxState & TwoByTwoState>("GridBox", {
  traits: {
    ...boxTraits,
    top_left: part(),
    top_right: part(),
    bottom_left: part(),
    bottom_right: part(),
    merge: unsynced(flag(true)),
  },
}) {
  constructor(options: InitialState<GridState> & Partial<TwoByTwoState> = {}) {
    super(options as InitialState<BoxState & TwoByTwoState>);
    this.#arrange();
    this.watch(() => this.#arrange(), ["top_left", "top_right", "bottom_left", "bottom_right", "merge"]);
  }

  #arrange(): void {
    const parts: Record<string, Widget | null> = {
      "top-left": this.top_left,
      "top-right": this.top_right,
      "bottom-left": this.bottom_left,
      "bottom-right": this.bottom_right,
    };
    const there = Object.entries(parts).filter((entry): entry is [string, Widget] => entry[1] !== null);
    const area = (row: string, column: string): string => {
      const [otherRow, otherColumn] = [row === "top" ? "bottom" : "top", column === "left" ? "right" : "left"];
      const near = [`${row}-${column}`, `${otherRow}-${column}`, `${row}-${otherColumn}`, `${otherRow}-${otherColumn}`];
      return this.merge ? (near.find((name) => parts[name] !== null) ?? near[0]!) : near[0]!;
    };
    const areas = ["top", "bottom"].map((row) => ["left", "right"].map((column) => area(row, column)));
    arrange(this, there, areas, ["1fr", "1fr"], ["1fr", "1fr"]);
  }

  override staticPicture() {
    return gridPicture(this);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return gridInWords("TwoByTwoLayout", this);
  }
}

/** Puts widgets into the named areas of a grid. */
function arrange(
  grid: { layout: { set(values: object): void }; children: Widget[] },
  there: readonly (readonly [area: string, widget: Widget])[],
  areas: readonly (readonly string[])[],
  columns: readonly string[],
  rows: readonly string[],
): void {
  for (const [area, widget] of there) (widget.get("layout") as Widget | undefined)?.set({ grid_area: area });
  grid.layout.set({
    grid_template_areas: areas.map((line) => `"${line.join(" ")}"`).join("\n"),
    grid_template_columns: columns.join(" "),
    grid_template_rows: rows.join(" "),
  });
  grid.children = there.map(([, widget]) => widget);
}
