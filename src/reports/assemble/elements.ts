import { createHash } from "node:crypto";
import { type BlobEncoding, type BlobId, blobElement } from "../format.js";

/** An element that holds JSON and that nothing in it can end. */
export function jsonElement(id: string, value: unknown, type = "application/json"): string {
  const json = JSON.stringify(value).replace(/[<\u2028\u2029]/g, unicodeEscape);
  return `<script type="${type}" id="${id}">${json}</script>`;
}

/** An element that holds a blob as it is written in the file: base64, which needs no escape. */
export const blobText = (id: BlobId, encoding: BlobEncoding, base64: string): string =>
  `<script type="text/plain" id="${blobElement(id)}" data-encoding="${encoding}">${base64}</script>`;

/**
 * An element that runs our own JavaScript: of the page, never of the notebook. What would end the element or begin a comment
 * stands in strings and regular expressions only, where an escape means the same.
 */
export class Script {
  readonly element: string;
  /** By which the page's policy knows it: nothing else that stands in the page may run. */
  readonly hash: string;

  constructor(code: string, attributes = "") {
    // As browsers read it.
    const text = code.replace(/\r\n?/g, "\n").replace(/<(?=\/script|script|!--)/gi, "\\x3c");
    this.element = `<script${attributes}>${text}</script>`;
    this.hash = createHash("sha256").update(text).digest("base64");
  }
}

/** An element of our own style. */
export const styleElement = (css: string): string => `<style>${css.replace(/<(?=\/style|!--)/gi, "\\3c ")}</style>`;

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
