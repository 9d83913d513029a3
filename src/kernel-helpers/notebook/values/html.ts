/** Text as HTML: names of classes and keys of objects are never markup. */
export const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** Colors of JupyterLab's theme; the values after the commas are for pages without one. */
const SOFT = "var(--jp-ui-font-color2, #616161)";
const LINE = "var(--jp-border-color2, #e0e0e0)";
const FONT = "font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 13px; line-height: 1.4";

/** A line in lighter type; `html` is markup already. */
export const softly = (html: string): string => `<span style="color: ${SOFT}">${html}</span>`;

/** What stands around every value that is shown as HTML. */
export const block = (html: string): string =>
  `<div style="${FONT}; color: var(--jp-ui-font-color1, #212121)">${html}</div>`;

/** Pictures with words side by side, wrapping. */
export const cards = (html: readonly string[]): string =>
  `<div style="display: flex; flex-wrap: wrap; gap: 12px 20px">${html.join("")}</div>`;

/** A picture and what is to be said of it. */
export function card(picture: string, words: readonly string[]): string {
  const lines = words.filter((line) => line !== "").map((line) => `<div>${line}</div>`);
  return `<div style="display: flex; gap: 12px; max-width: 440px">${picture}<div style="min-width: 120px; overflow-wrap: anywhere">${lines.join("")}</div></div>`;
}

/** A PNG file as an element; small ones are enlarged as squares. */
export function image(png: Buffer, width: number, height: number, alt: string): string {
  const style = `width: ${width}px; height: ${height}px; max-width: 100%; flex: none; border-radius: 3px; image-rendering: pixelated`;
  return `<img src="data:image/png;base64,${png.toString("base64")}" alt="${escaped(alt)}" style="${style}">`;
}

/** Cells of a table: their text, and whether they are numbers, which stand on the right. */
export interface TableCell {
  text: string;
  isNumber: boolean;
}

export function tableHtml(
  columns: readonly string[],
  rows: readonly (readonly TableCell[])[],
  caption: string,
): string {
  const style = (isNumber: boolean) =>
    `text-align: ${isNumber ? "right" : "left"}; padding: 3px 10px; border-bottom: 1px solid ${LINE}; font-variant-numeric: tabular-nums; max-width: 340px; overflow-wrap: break-word${isNumber ? "; white-space: nowrap" : ""}`;
  const head = columns.map(
    (name, at) => `<th style="${style(rows[0]?.[at]?.isNumber ?? false)}; white-space: normal">${escaped(name)}</th>`,
  );
  const body = rows.map(
    (row) =>
      `<tr>${row.map(({ text, isNumber }) => `<td style="${style(isNumber)}">${escaped(text)}</td>`).join("")}</tr>`,
  );
  const said = caption === "" ? "" : `<div style="margin-top: 4px">${softly(escaped(caption))}</div>`;
  return block(
    `<div style="overflow-x: auto"><table style="border-collapse: collapse; margin: 0"><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>${said}`,
  );
}

/** The same for a terminal: columns by spaces. */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly TableCell[])[],
  caption: string,
): string {
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.text.length)));
  const line = (cells: readonly TableCell[]) =>
    cells
      .map(({ text, isNumber }, at) => (isNumber ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  const head = columns.map((text, at) => ({ text, isNumber: rows[0]?.[at]?.isNumber ?? false }));
  return [
    line(head),
    line(widths.map((width) => ({ text: "─".repeat(width), isNumber: false }))),
    ...rows.map(line),
    caption,
  ]
    .filter((text) => text !== "")
    .join("\n");
}
