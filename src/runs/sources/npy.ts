import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { isWords, parseNpyArray } from "../../kernel-helpers/formats/npy.js";
import { fittingShape, rowsSource } from "./rows.js";
import type { DataSource, SourceModel } from "./source.js";

/** Rows of a `.npy` file, read where they lie: the file may be larger than memory. @throws DataFileError */
export async function npySource(file: string, { input }: SourceModel): Promise<DataSource> {
  const handle = await open(file).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be read: ${cause.message}`, { cause });
  });
  try {
    const header = await headerOf(file, handle);
    const [count = 0, ...sizes] = header.shape;
    const shape = fittingShape(file, sizes.length === 0 ? [1] : sizes, input.shape);
    const row = header.itemSize * sizes.reduce((a, b) => a * b, 1);
    const { size } = await handle.stat();
    if (size < header.begin + count * row)
      throw new DataFileError(file, `is cut short: its header says ${count} rows, and it ends before`);
    const take = async (start: number, end: number) => {
      const head = header.of(end - start);
      const bytes = new Uint8Array(head.length + (end - start) * row);
      bytes.set(head);
      const { bytesRead } = await handle.read(bytes, head.length, (end - start) * row, header.begin + start * row);
      const { values } = parseNpyArray(file, bytes.subarray(0, head.length + bytesRead));
      if (isWords(values)) throw new DataFileError(file, "holds words, where numbers are needed");
      return values;
    };
    return rowsSource({ name: basename(file), count, shape, close: () => handle.close() }, take);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A header, as that of an array of any number of its rows. */
async function headerOf(file: string, handle: FileHandle) {
  const start = Buffer.alloc(12);
  const { bytesRead } = await handle.read(start, 0, 12, 0);
  if (bytesRead < 12 || start.toString("latin1", 0, 6) !== "\x93NUMPY")
    throw new DataFileError(file, "is no .npy file: it does not begin as NumPy's numpy.save writes it");
  const isLong = start[6]! > 1;
  const length = isLong ? start.readUInt32LE(8) : start.readUInt16LE(8);
  const begin = (isLong ? 12 : 10) + length;
  if (length > 1 << 20) throw new DataFileError(file, "has a header that is not NumPy's");
  const bytes = Buffer.alloc(begin);
  await handle.read(bytes, 0, begin, 0);
  const text = bytes.toString("latin1", isLong ? 12 : 10);
  const sizes = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  const itemSize = Number(/'descr':\s*'[<>|=]?[a-zA-Z](\d+)'/.exec(text)?.[1]);
  if (sizes === undefined || !(itemSize > 0)) {
    throw new DataFileError(file, "holds no plain array of numbers, which is what is read row by row");
  }
  if (/'fortran_order':\s*True/.test(text)) {
    throw new DataFileError(
      file,
      "was saved in Fortran's order, in which rows do not lie together: numpy.save(file, numpy.ascontiguousarray(x))",
    );
  }
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  return {
    begin,
    itemSize,
    shape,
    /** The header of `count` rows. */
    of(count: number): Uint8Array {
      const changed = text.replace(/('shape':\s*\()[^)]*\)/, `$1${[count, ...shape.slice(1)].join(", ")},)`);
      const body = `${changed.trimEnd().padEnd(length + 32)}\n`;
      const head = Buffer.alloc(12 + body.length);
      head.write("\x93NUMPY\x02\x00", 0, "latin1");
      head.writeUInt32LE(body.length, 8);
      head.write(body, 12, "latin1");
      return head;
    },
  };
}
