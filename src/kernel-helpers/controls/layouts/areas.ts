import { column, row, type StaticPicture } from "../../pictures/drawing/static-picture.js";
import { pictureOrWords } from "../../pictures/drawing/words-picture.js";
import type { Widget } from "../../widgets/base/widget.js";

interface Grid {
  children: readonly Widget[];
  layout: { grid_template_areas: string | null };
}

/** The named areas of a grid, row by row. */
const areasOf = ({ layout }: Grid): string[][] =>
  [...(layout.grid_template_areas ?? "").matchAll(/"([^"]*)"/g)].map(([, line = ""]) => line.split(" "));

/** The widgets of a grid in rows, each where it begins; a page gives them their real sizes. */
export function gridPicture(grid: Grid): StaticPicture | null {
  const byArea = new Map(grid.children.map((child) => [areaOf(child), child]));
  const rows = areasOf(grid).map((line) =>
    [...new Set(line)].flatMap((area) => {
      const child = byArea.get(area);
      byArea.delete(area);
      return child === undefined ? [] : [pictureOrWords(child)];
    }),
  );
  const kept = rows.filter((parts) => parts.length > 0);
  return kept.length === 0 ? null : column(kept.map((parts) => row(parts)));
}

const areaOf = (child: Widget): unknown => (child.get("layout") as Widget | undefined)?.get("grid_area");

export const gridInWords = (kind: string, { children }: Grid): string =>
  children.length === 0 ? `${kind}()` : `${kind} of ${children.map(String).join("; ")}`;
