/** What a cell shows, as records: the forms that a reader sees, of each output the one that says most. */
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { arrayRecord } from "./arrays.js";
import { fromBase64, sha256 } from "./bytes.js";
import { decodePng, joined } from "./png.js";
import { recordValue } from "./record.js";
import type { PictureRecord, Quantity, ValueRecord } from "./records.js";

/** An output as notebooks of format 4 hold it. */
export type CellOutput = Readonly<Record<string, unknown>>;

/** The records of a cell's outputs, named by their place: `output 1`. What widgets show is recorded where they are. */
export async function recordOutputs(outputs: readonly CellOutput[]): Promise<Quantity[]> {
  const recorded = await Promise.all(joinStreams(outputs).map(recordOutput));
  return recorded.flatMap((value, index): Quantity[] =>
    value ? [{ place: "output", name: `output ${index + 1}`, value }] : [],
  );
}

/** Prints of one stream that follow each other are one text, however they were cut into messages. */
function joinStreams(outputs: readonly CellOutput[]): CellOutput[] {
  const joined: CellOutput[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    const follows =
      output["output_type"] === "stream" && last?.["output_type"] === "stream" && last["name"] === output["name"];
    if (follows) joined[joined.length - 1] = { ...last, text: textOf(last["text"]) + textOf(output["text"]) };
    else joined.push(output);
  }
  return joined;
}

async function recordOutput(output: CellOutput): Promise<ValueRecord | undefined> {
  if (output["output_type"] === "stream") return recordValue(textOf(output["text"]));
  // A traceback holds paths of this machine.
  if (output["output_type"] === "error") return recordValue(`${output["ename"]}: ${output["evalue"]}`);
  const data = (output["data"] ?? {}) as CellOutput;
  if (WIDGET_VIEW in data) return undefined;
  const png = data["image/png"];
  if (png !== undefined) return picture(fromBase64(textOf(png).replace(/\s/g, "")));
  const other = ["image/jpeg", "image/gif", "image/webp", "application/pdf"].find((type) => type in data);
  if (other) return opaqueFile(other, fromBase64(textOf(data[other]).replace(/\s/g, "")));
  const parts: Record<string, ValueRecord> = {};
  for (const type of TEXTS) if (type in data) await recordMarkup(textOf(data[type]), type, parts);
  for (const [type, value] of Object.entries(data)) {
    if (/^application\/(.+\+)?json$/.test(type)) parts[type] = await recordValue(value);
  }
  const [only, ...more] = Object.values(parts);
  return more.length === 0 ? only : { kind: "tree", type: "output", parts, omitted: 0 };
}

const TEXTS = ["text/plain", "text/html", "image/svg+xml", "text/markdown", "text/latex"];

const textOf = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text ?? ""));

/** A picture's pixels; of one that is not understood, its bytes. */
async function picture(file: Uint8Array): Promise<ValueRecord> {
  const pixels = decodePng(file);
  if (pixels === undefined) return opaqueFile("image/png", file);
  const { width, height, channels, bytes } = pixels;
  const record: PictureRecord = {
    ...{ kind: "picture", width, height },
    pixels: await arrayRecord(bytes, [height, width, channels], "uint8", true).hashed,
  };
  return record;
}

const opaqueFile = async (type: string, file: Uint8Array): Promise<ValueRecord> => ({
  kind: "literal",
  value: `${type} of ${file.length} bytes, SHA-256 ${await sha256(file)}`,
});

const EMBEDDED = /data:image\/png;base64,([A-Za-z0-9+/=\s]+)/g;

/** Markup, and its pictures apart: by their pixels and not by their compressed bytes. */
async function recordMarkup(markup: string, type: string, parts: Record<string, ValueRecord>): Promise<void> {
  const pictures = [...markup.matchAll(EMBEDDED)].map(([, base64]) => fromBase64(base64!.replace(/\s/g, "")));
  for (const [index, file] of pictures.slice(0, MOST_PICTURES).entries()) {
    parts[`picture ${index + 1} in ${type}`] = await picture(file);
  }
  if (pictures.length > MOST_PICTURES) {
    const rest = `pictures ${MOST_PICTURES + 1} to ${pictures.length} in ${type}`;
    parts[rest] = await picturesTogether(pictures.slice(MOST_PICTURES));
  }
  parts[type] = await recordValue(markup.replace(EMBEDDED, "a picture"));
}

/** Most pictures of a text that are recorded one by one. */
const MOST_PICTURES = 32;

/** The pixels of many pictures as one array, and their sizes; of those that are not understood, the hash of their bytes. */
async function picturesTogether(files: readonly Uint8Array[]): Promise<ValueRecord> {
  const [sizes, all]: [string[], Uint8Array[]] = [[], []];
  for (const file of files) {
    const pixels = decodePng(file);
    sizes.push(pixels ? `${pixels.width} × ${pixels.height} × ${pixels.channels}` : await sha256(file));
    if (pixels) all.push(pixels.bytes);
  }
  const { record, hashed } = arrayRecord(joined(all), undefined, "uint8", true);
  return {
    ...{ kind: "tree", type: "pictures", omitted: 0 },
    parts: {
      sizes: { kind: "literal", value: sizes.join(", ") },
      pixels: { kind: "picture", width: record.shape[0]!, height: 1, pixels: await hashed },
    },
  };
}
