import { smallPicture } from "../platform/pictures.js";

/** The longer side of a preview, in pixels. */
const LONGEST = 640;

/** A picture's file as a whole, small, as an upright JPEG. */
export interface SourcePreview {
  bytes: Uint8Array;
  type: string;
  width: number;
  height: number;
}

/** @param source A picture's path or the bytes of its file. */
export async function sourcePreview(source: string | Uint8Array): Promise<SourcePreview> {
  const { data, width, height } = await smallPicture(source, LONGEST);
  return { bytes: data, type: "image/jpeg", width, height };
}
