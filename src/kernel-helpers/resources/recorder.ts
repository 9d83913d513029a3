import type { JsonObject } from "../../comms/message.js";

/** What a notebook read from outside of itself, as a report embeds it. */
export interface Resource {
  /**
   * What a page finds it by: `limpid:models/…` and `limpid:photos/…` of this package, a path relative to the notebook's folder, a URL,
   * `outside:HASH/NAME` for an absolute path elsewhere, `bytes:HASH` or `pixels:HASH` for a file that a cell held itself. Of a decoded picture the file's
   * key, a space and how it was decoded.
   */
  readonly key: string;
  /** A file's bytes; a folder's listing (JSON); a picture's decoded pixels, of which `about` says size and place. */
  readonly kind: "file" | "folder" | "picture";
  readonly bytes: Uint8Array;
  readonly about: JsonObject;
}

/** Hears of every resource when it has been read, also again when it is read again; the bytes must not be changed. */
export type ResourceListener = (resource: Resource) => void;

let listener: ResourceListener | undefined;

/** Has `hear` told what is read from now on; nobody with `undefined`. */
export function listenToResources(hear: ResourceListener | undefined): void {
  listener = hear;
}

let lacking: ((part: string) => void) | undefined;

/** Has `hear` told from now on when a part of this package is used that pages do not have; nobody with `undefined`. */
export function listenToNodeParts(hear: ((part: string) => void) | undefined): void {
  lacking = hear;
}

/** Widgets are painted for the notebook's file as well, which pages do without; it is told of where a cell asks for it. */
export const PNG_PAINTER = "what paints figures as PNG";

/** Tells of a part that pages do not have, as the end of a sentence: "it needs …". */
export const noteNodePart = (part: string): void => lacking?.(part);

/** Tells the listener, if there is one, of a resource. */
export function noteResource(resource: () => Resource): void {
  listener?.(resource());
}
