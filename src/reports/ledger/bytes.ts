/** Bytes as text, and their hash; the same in Node.js and in a page. */
import { plainSha256 } from "./sha256.js";

/** SHA-256 in hex. What is hashed may change as soon as this returns. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Browsers keep theirs from pages that came by plain HTTP.
  if (globalThis.crypto?.subtle === undefined) return hex(plainSha256(bytes));
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return hex(new Uint8Array(digest));
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Characters that `String.fromCharCode` takes at once. */
const CHUNK = 8192;

export function toBase64(view: ArrayBufferView): string {
  const bytes = bytesOf(view);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
