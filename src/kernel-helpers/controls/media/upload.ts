import { isBinary } from "../../../comms/buffers.js";
import { choice, flag, invalid, isRecord, list, type Trait, text } from "../../../comms/states/traits.js";
import { ButtonStyle } from "../buttons.js";
import { described } from "../control.js";

/** A file that the reader gave. */
export interface UploadedFile {
  name: string;
  /** MIME type as the browser knows it. */
  type: string;
  /** Bytes. */
  size: number;
  last_modified: Date;
  content: Uint8Array;
}

const file: Trait<UploadedFile> = {
  expected: "an uploaded file ({ name, type, size, last_modified, content })",
  initial: () => ({ name: "", type: "", size: 0, last_modified: new Date(0), content: new Uint8Array() }),
  check(value) {
    if (!isRecord(value)) return invalid;
    const { name, type, size, last_modified: modified, content } = value;
    if (typeof name !== "string" || typeof type !== "string" || !Number.isSafeInteger(size)) return invalid;
    if (!(modified instanceof Date) || !isBinary(content)) return invalid;
    const bytes = ArrayBuffer.isView(content)
      ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
      : new Uint8Array(content);
    return { name, type, size: size as number, last_modified: modified, content: bytes };
  },
  toWire: ({ last_modified, ...rest }) => ({ ...rest, last_modified: last_modified.getTime() }),
  fromWire: (sent) =>
    isRecord(sent) && typeof sent["last_modified"] === "number"
      ? { ...sent, last_modified: new Date(sent["last_modified"]) }
      : sent,
};

/**
 * A button by which the reader gives files; `value` holds them with their bytes.
 *
 * @example
 * const upload = new FileUpload({ accept: "image/*" });
 * const [photo] = await upload.next("value");
 * const picture = await loadImage(photo.content, model.input);
 */
export class FileUpload extends described(
  "FileUpload",
  {
    description: text("Upload"),
    /** Which files are offered: `.csv`, `image/*`, separated by commas; empty: all. */
    accept: text(),
    multiple: flag(false),
    disabled: flag(false),
    /** Font Awesome name without `fa-`. */
    icon: text("upload"),
    button_style: choice("", "primary", "success", "info", "warning", "danger"),
    /** What went wrong in the browser. */
    error: text(),
    // Other views need not get the bytes back.
    value: { ...list(file), echoed: false },
  },
  { style: ButtonStyle },
) {}
