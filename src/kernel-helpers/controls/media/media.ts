import { bytes, flag, text } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import { givenPicture } from "../../pictures/drawing/given-picture.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { shown } from "../control.js";

const size = {
  /** In CSS pixels, as a number or with `%`; empty: as large as it is. */
  width: text(),
  height: text(),
};

const playing = {
  autoplay: flag(true),
  loop: flag(true),
  /** Whether the browser's own buttons are shown. */
  controls: flag(true),
};

/** What a value that the browser fetches itself is made of: `format: "url"` and the bytes of its address. */
function fetched(url: string): { format: "url"; value: Uint8Array } {
  if (!URL.canParse(url)) throw new ParameterError("url", url, 'an address such as "https://example.org/cat.png"');
  return { format: "url", value: new TextEncoder().encode(url) };
}

/**
 * A picture file, shown as it is.
 *
 * @example
 * const picture = new Image({ value: readFileSync("cat.jpg"), format: "jpeg", width: "300" });
 */
export class Image extends shown("Image", { ...size, value: bytes(), format: text("png") }) {
  /** A picture that the browser fetches itself. */
  static fromUrl(url: string, options: { width?: string; height?: string } = {}): Image {
    return new Image({ ...options, ...fetched(url) });
  }

  override staticPicture(): StaticPicture | null {
    const file = Buffer.from(this.value);
    if (this.format === "svg+xml") return givenPicture({ "image/svg+xml": file.toString("utf8") });
    return this.format === "png" ? givenPicture({ "image/png": file.toString("base64") }) : null;
  }

  override toString(): string {
    return `Image (${this.format}, ${this.value.byteLength} bytes)`;
  }
}

/** A film, in a format that the browser plays. */
export class Video extends shown("Video", { ...size, ...playing, value: bytes(), format: text("mp4") }) {
  /** A film that the browser fetches itself. */
  static fromUrl(url: string, options: { width?: string; height?: string } = {}): Video {
    return new Video({ ...options, ...fetched(url) });
  }

  override staticPicture(): null {
    return null;
  }

  override toString(): string {
    return `Video (${this.format}, ${this.value.byteLength} bytes)`;
  }
}

/** Sound, in a format that the browser plays. */
export class Audio extends shown("Audio", { ...playing, value: bytes(), format: text("mp3") }) {
  /** Sound that the browser fetches itself. */
  static fromUrl(url: string): Audio {
    return new Audio(fetched(url));
  }

  override staticPicture(): null {
    return null;
  }

  override toString(): string {
    return `Audio (${this.format}, ${this.value.byteLength} bytes)`;
  }
}
