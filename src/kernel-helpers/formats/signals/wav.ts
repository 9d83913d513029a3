import { FileBytes, sizeOf } from "../bytes.js";

/** A sound. */
export interface Wav {
  /** Samples a second. */
  readonly rate: number;
  /** Bits of a sample in the file. */
  readonly bits: number;
  /** One array a channel; whole numbers are scaled to −1…1, floats are as they stand. */
  readonly channels: readonly Float32Array[];
}

type Sample = (view: DataView, at: number) => number;

/** Samples by their format (1 PCM, 3 IEEE float) and bits; 8 bits are unsigned. */
const samples: { readonly [format: string]: Sample | undefined } = {
  "1-8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1-16": (view, at) => view.getInt16(at, true) / 32768,
  "1-24": (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608,
  "1-32": (view, at) => view.getInt32(at, true) / 2147483648,
  "3-32": (view, at) => view.getFloat32(at, true),
  "3-64": (view, at) => view.getFloat64(at, true),
};

const EXTENSIBLE = 0xfffe;

/** Reads RIFF WAVE: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64. @throws DataFileError */
export function parseWav(file: string, bytes: Uint8Array): Wav {
  const from: FileBytes = new FileBytes(file, bytes);
  const { view } = from;
  const name = bytes.length >= 12 ? `${from.ascii(0, 4, "its header")}${from.ascii(8, 4, "its header")}` : "";
  if (name !== "RIFFWAVE") {
    from.fail(
      /^R(IFX|F64)/.test(name)
        ? `is a ${name.slice(0, 4)} file; RIFF is read`
        : "is no WAV file: it does not begin as one",
    );
  }
  let format: { code: number; channels: number; rate: number; block: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = from.ascii(at, 4, "a chunk");
    const size = view.getUint32(at + 4, true);
    if (id === "fmt ") {
      from.part(at + 8, Math.max(size, 16), "its format");
      const code = view.getUint16(at + 8, true);
      if (code === EXTENSIBLE) from.part(at + 8, 26, "its format");
      format = {
        code: code === EXTENSIBLE ? view.getUint16(at + 32, true) : code,
        channels: view.getUint16(at + 10, true),
        rate: view.getUint32(at + 12, true),
        block: view.getUint16(at + 20, true),
        bits: view.getUint16(at + 22, true),
      };
    } else if (id === "data") {
      if (format === undefined) from.fail("has sound before its format");
      const { code, channels, rate, block, bits } = format;
      const read = samples[`${code}-${bits}`];
      if (read === undefined) {
        from.fail(
          `holds ${bits} bits in WAV format ${code}, which is not read: save it as PCM of 8 to 32 bits, or as float`,
        );
      }
      if (channels < 1 || rate < 1 || block !== (channels * bits) / 8) {
        from.fail(
          `has a damaged format: ${channels} channels of ${bits} bits at ${rate} Hz in blocks of ${block} bytes`,
        );
      }
      from.part(at + 8, size, "its sound");
      if (size % block !== 0) from.fail(`holds ${size} bytes of sound, which are no whole blocks of ${block}`);
      const count = size / block;
      sizeOf(file, [count, channels]);
      return {
        rate,
        bits,
        channels: Array.from({ length: channels }, (_, channel) => {
          const values = new Float32Array(count);
          const begin = at + 8 + (channel * bits) / 8;
          for (let index = 0; index < count; index++) values[index] = read(view, begin + index * block);
          return values;
        }),
      };
    }
    // Chunks begin at even bytes.
    at += 8 + size + (size % 2);
  }
  return from.fail("is cut short: it has no sound in it");
}
