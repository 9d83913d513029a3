/** Lines up columns, two spaces apart; the first row is the heading, and columns of numbers go to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, (_, at) => {
    const cells = rows.map((row) => row[at] ?? "");
    const isNumeric = cells.slice(1).every((cell) => cell === "" || /^[−+-]?[\d.,]+(e[−+-]?\d+)?%?$/.test(cell));
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => (isNumeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  return rows
    .map((_, row) =>
      columns
        .map((column) => column[row])
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
