/** Lines up columns, two spaces apart; the first row is the heading, and columns of numbers go to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, (_, at) => {
    const cells = rows.map((row) => row[at] ?? "");
    const isNumeric = cells.slice(1).every((cell) => cell === "" || /^[−+-]?[\d.,]+(e[+-]?\d+)?%?$/.test(cell));
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

/** Four significant digits at a fixed place where they fit, else with an exponent. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size >= 1e-3 && size < 1e5 ? value.toFixed(4) : value.toExponential(2);
}

/** `0.4084` → `40.8%` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
