import { DataFileError } from "../errors.js";

/** Series in the format of aeon and the UCR and UEA archives. */
export interface AeonSeries {
  /** Classes in the order of the file's header; empty where it has none. */
  readonly classNames: readonly string[];
  readonly series: readonly {
    /** One after the other, `channels · samples`; missing values are NaN. */
    readonly values: Float32Array;
    readonly channels: number;
    readonly samples: number;
    /** Index of its class. */
    readonly label: number | undefined;
  }[];
}

/**
 * Reads the `.ts` format of aeon, sktime and timeseriesclassification.com: series of one or more dimensions, of equal or unequal lengths.
 *
 * @throws DataFileError also where series have time stamps, or numbers in place of classes
 */
export function parseAeonTs(file: string, text: string): AeonSeries {
  const lines = text.split(/\r?\n/);
  const tags = new Map<string, string>();
  let at = 0;
  for (; at < lines.length; at++) {
    const line = lines[at]!.trim();
    if (line === "" || line.startsWith("#")) continue;
    const tag = /^@(\w+)\s*(.*)$/.exec(line);
    if (tag === null)
      throw new DataFileError(file, `is no .ts file of series: line ${at + 1} is no @tag, and no @data came before`);
    if (tag[1]!.toLowerCase() === "data") break;
    tags.set(tag[1]!.toLowerCase(), tag[2]!.trim());
  }
  if (at === lines.length) throw new DataFileError(file, "is no .ts file of series, or cut short: it has no @data");
  if (tags.get("timestamps")?.toLowerCase() === "true") {
    throw new DataFileError(file, "has a time stamp at each value, which is not read: sample its series evenly");
  }
  if (tags.get("targetlabel")?.toLowerCase() === "true") {
    throw new DataFileError(file, "has numbers to predict in place of classes, which is not read");
  }
  const [hasClasses, ...classNames] = (tags.get("classlabel") ?? "false").split(/\s+/);
  const labeled = hasClasses!.toLowerCase() === "true";
  const stated = (tag: string) => (tags.has(tag) ? Number(tags.get(tag)) : undefined);
  const channels = stated("dimensions") ?? (tags.get("univariate")?.toLowerCase() === "true" ? 1 : undefined);
  const length = tags.get("equallength")?.toLowerCase() === "false" ? undefined : stated("serieslength");

  const series = lines.slice(at + 1).flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const where = `in line ${at + 2 + index}`;
    const parts = line.split(":");
    const name = labeled ? parts.pop()!.trim() : undefined;
    const label = name === undefined ? undefined : classNames.indexOf(name);
    if (label === -1)
      throw new DataFileError(
        file,
        `has the class ${JSON.stringify(name)} ${where}, which is none of ${classNames.join(", ")}`,
      );
    const read = parts.map((part) => numbersOf(file, part, where));
    const samples = read[0]?.length ?? 0;
    if (read.length === 0 || read.length !== (channels ?? read.length)) {
      throw new DataFileError(
        file,
        `has ${read.length} dimensions ${where}, but should have ${channels ?? "at least one"}`,
      );
    }
    const odd = read.find((values) => values.length !== (length ?? samples));
    if (odd !== undefined)
      throw new DataFileError(
        file,
        `has a series of ${odd.length} values ${where}, but should have ${length ?? samples}`,
      );
    const values = new Float32Array(read.length * samples);
    read.forEach((one, channel) => {
      values.set(one, channel * samples);
    });
    return [{ values, channels: read.length, samples, label }];
  });
  if (series.length === 0) throw new DataFileError(file, "has no series after @data");
  const other = series.find((one) => one.channels !== series[0]!.channels);
  if (other) throw new DataFileError(file, `has series of ${series[0]!.channels} and of ${other.channels} dimensions`);
  return { classNames: labeled ? classNames : [], series };
}

function numbersOf(file: string, part: string, where: string): Float32Array {
  const cells = part.split(",");
  const values = new Float32Array(cells.length);
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index]!.trim();
    const value = cell === "?" ? Number.NaN : Number(cell);
    if (cell === "" || (cell !== "?" && !Number.isFinite(value))) {
      throw new DataFileError(file, `has ${JSON.stringify(cell.slice(0, 40))} ${where}, which is no number`);
    }
    values[index] = value;
  }
  return values;
}
