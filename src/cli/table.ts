/** How many columns a line may have: what a terminal beside an editor, and a page of documentation, show whole. */
export const LINE_WIDTH = 100;

const GAP = "  ";

/**
 * Lines up columns, two spaces apart, in lines of at most `LINE_WIDTH`: cells of words go on below where they do not fit. The first
 * row is the heading, and columns of numbers go to the right.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, at) => rows.map((row) => row[at] ?? ""));
  const widths = fitting(columns);
  const numeric = columns.map((cells) =>
    cells.slice(1).every((cell) => cell === "" || /^[−+-]?[\d.,]+(e[−+-]?\d+)?%?$/.test(cell)),
  );
  const lines = rows.flatMap((_, row) => {
    const cells = columns.map((column, at) => wrapped(column[row]!, widths[at]!));
    const height = Math.max(1, ...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_line, line) =>
      cells
        .map((cell, at) =>
          numeric[at] ? (cell[line] ?? "").padStart(widths[at]!) : (cell[line] ?? "").padEnd(widths[at]!),
        )
        .join(GAP)
        .trimEnd(),
    );
  });
  return lines.join("\n");
}

/** Text in lines of at most `width`, broken between words. */
export function wrapped(text: string, width = LINE_WIDTH): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" && lines.length === 0 ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Widths of columns that together fit a line, as far as their longest words allow; the widest give way first. */
function fitting(columns: readonly (readonly string[])[]): number[] {
  const longest = (cells: readonly string[]) => Math.max(0, ...cells.map((cell) => cell.length));
  const widths = columns.map(longest);
  const least = columns.map((cells) => longest(cells.flatMap((cell) => cell.split(" "))));
  const room = LINE_WIDTH - GAP.length * (columns.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const open = widths.map((width, at) => (width > least[at]! ? width : 0));
    const widest = open.indexOf(Math.max(...open));
    if (!(open[widest]! > 0)) break;
    widths[widest]!--;
  }
  return widths;
}
