import { noteNodePart } from "../resources/recorder.js";

/** One column of a table to be written: whole numbers, numbers or text, with null where there is none. */
export type Column =
  | { readonly name: string; readonly type: "whole"; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: "number"; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: "text"; readonly values: readonly (string | null)[] };

/** A table as a Parquet file: int32, float64 and UTF-8 columns, each of which may hold nulls. */
export async function parquetOf(columns: readonly Column[]): Promise<Uint8Array> {
  noteNodePart("the writer of Parquet files");
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const types = { whole: "INT32", number: "DOUBLE", text: "STRING" } as const;
  const columnData = columns.map(({ name, type, values }) => ({ name, type: types[type], data: [...values] }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** A table as an Arrow file (also called Feather 2), of the same types. */
export async function arrowOf(columns: readonly Column[]): Promise<Uint8Array> {
  noteNodePart("the writer of Arrow files");
  const arrow = await import("apache-arrow");
  const types = { whole: () => new arrow.Int32(), number: () => new arrow.Float64(), text: () => new arrow.Utf8() };
  const vectors = columns.map(({ name, type, values }) => [name, arrow.vectorFromArray([...values], types[type]())]);
  const table = new arrow.Table(Object.fromEntries(vectors) as Record<string, import("apache-arrow").Vector>);
  return arrow.tableToIPC(table, "file");
}
