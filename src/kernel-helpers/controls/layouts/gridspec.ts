import type { BoxState } from "../../../comms/states/controls.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { InitialState } from "../../widgets/base/kernel-side.js";
import type { Widget } from "../../widgets/base/widget.js";
import { boxTraits } from "../boxes.js";
import { control } from "../control.js";
import { gridInWords, gridPicture } from "./areas.js";

/** A row or column by its number from 0 (negative: from the end), or several from the first to before the last. */
export type GridSpan = number | readonly [from: number, to: number];

/**
 * A grid of equal rows and columns, in which widgets take one cell or a block of them. A widget that loses a cell to another is taken out.
 *
 * @example
 * const grid = new GridspecLayout(2, 3, { layout: { height: "300px" } });
 * grid.put(heatmap, [0, 2], 0);                              // both rows of the first column
 * grid.put(settings, 0, [1, 3]);
 */
export class GridspecLayout extends control<BoxState>("GridBox", { traits: boxTraits }) {
  readonly rows: number;
  readonly columns: number;
  readonly #cells: (Widget | undefined)[][];
  #count = 0;

  constructor(rows: number, columns: number, options: Omit<InitialState<BoxState>, "children"> = {}) {
    for (const [name, value] of Object.entries({ rows, columns })) {
      if (!Number.isInteger(value) || value < 1) throw new ParameterError(name, value, "a whole number above 0");
    }
    super(options);
    this.rows = rows;
    this.columns = columns;
    this.#cells = Array.from({ length: rows }, () => new Array<Widget | undefined>(columns).fill(undefined));
    this.layout.set({
      grid_template_rows: `repeat(${rows}, 1fr)`,
      grid_template_columns: `repeat(${columns}, 1fr)`,
    });
  }

  /** Puts a widget into the cells of those rows and columns. */
  put(widget: Widget, rows: GridSpan, columns: GridSpan): this {
    widget.requireOpen("it cannot be put into a grid");
    const [down, across] = [places("rows", rows, this.rows), places("columns", columns, this.columns)];
    const lost = new Set<Widget | undefined>([widget]);
    for (const row of down) for (const column of across) lost.add(this.#cells[row]![column]);
    for (const line of this.#cells) {
      line.forEach((there, column) => {
        if (lost.has(there)) line[column] = undefined;
      });
    }
    for (const row of down) for (const column of across) this.#cells[row]![column] = widget;
    this.#count += 1;
    (widget.get("layout") as Widget | undefined)?.set({ grid_area: `widget${String(this.#count).padStart(3, "0")}` });
    const areas = this.#cells.map((line) => line.map((there) => (there ? areaOf(there) : ".")));
    this.layout.set({ grid_template_areas: areas.map((line) => `"${line.join(" ")}"`).join("\n") });
    this.children = [...new Set(this.#cells.flat())].filter((there) => there !== undefined);
    return this;
  }

  /** The widget in a cell. */
  at(row: number, column: number): Widget | undefined {
    return this.#cells[places("row", row, this.rows)[0]!]![places("column", column, this.columns)[0]!];
  }

  override staticPicture() {
    return gridPicture(this);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return gridInWords(`GridspecLayout (${this.rows}×${this.columns})`, this);
  }
}

const areaOf = (widget: Widget) => String((widget.get("layout") as Widget | undefined)?.get("grid_area"));

/** The places of a span among so many. */
function places(name: string, span: GridSpan, count: number): number[] {
  const [from, to] = typeof span === "number" ? [span, span < 0 ? span + count + 1 : span + 1] : span;
  const [first, end] = [from < 0 ? from + count : from, to < 0 ? to + count : to];
  if (![first, end].every(Number.isInteger) || first < 0 || end > count || first >= end) {
    throw new ParameterError(
      name,
      span,
      `a number from ${-count} to ${count - 1}, or [from, to] between 0 and ${count}`,
    );
  }
  return Array.from({ length: end - first }, (_, i) => first + i);
}
