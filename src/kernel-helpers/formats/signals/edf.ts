import { FileBytes, sizeOf } from "../bytes.js";

/** One signal of a recording, in physical units. */
interface EdfSignal {
  readonly label: string;
  /** Physical dimension as the file says it, such as "uV"; empty where it says none. */
  readonly unit: string;
  /** Samples a second. */
  readonly rate: number;
  readonly values: Float32Array;
  /** The smallest and the largest physical value that the recorder could write. */
  readonly range: readonly [number, number];
  readonly transducer: string;
  readonly prefilter: string;
}

/** A note in a recording. */
export interface Annotation {
  /** Seconds from the begin of the recording. */
  readonly onset: number;
  /** Seconds, where the file says so. */
  readonly duration: number | undefined;
  readonly text: string;
}

/** A recording in the European Data Format. */
export interface EdfRecording {
  readonly patient: string;
  readonly recording: string;
  /** Local date and time, `YYYY-MM-DDThh:mm:ss`, where the file has some. */
  readonly start: string | undefined;
  /** Seconds. */
  readonly duration: number;
  readonly signals: readonly EdfSignal[];
  readonly annotations: readonly Annotation[];
}

/** Widths of a signal's fields in the header, in their order; each field stands for all signals in turn. */
const widths = {
  label: 16,
  transducer: 80,
  unit: 8,
  low: 8,
  high: 8,
  least: 8,
  most: 8,
  prefilter: 80,
  samples: 8,
  rest: 32,
};

type Field = keyof typeof widths;

interface Recorded extends Readonly<Record<Field, string>> {
  /** Samples in a data record. */
  readonly count: number;
  /** Where they begin in it, in bytes. */
  readonly at: number;
}

/**
 * Reads EDF and EDF+ (16 bits; Kemp 1992, Kemp and Olivan 2003), BDF and BDF+ (24 bits; BioSemi).
 *
 * @throws DataFileError where the file is none, is cut short or contradicts itself, and where a discontinuous recording has gaps
 */
export function parseEdf(file: string, bytes: Uint8Array): EdfRecording {
  const from: FileBytes = new FileBytes(file, bytes);
  if (bytes.length < 8) from.fail("is no EDF file: it is shorter than a header");
  const isBdf = bytes[0] === 0xff && from.ascii(1, 7, "its header") === "BIOSEMI";
  if (!isBdf && from.ascii(0, 8, "its header").trim() !== "0")
    from.fail("is no EDF or BDF file: it does not begin as one");
  from.part(0, 256, "its header");
  const text = (at: number, length: number) => from.ascii(at, length, "its header").replace(/\0/g, " ").trim();
  const signals = Number(text(252, 4));
  const whole = (signals + 1) * 256;
  if (!Number.isInteger(signals) || signals < 1 || Number(text(184, 8)) !== whole) {
    from.fail(`has a damaged header: ${text(252, 4)} signals do not fit ${text(184, 8)} bytes of header`);
  }
  from.part(0, whole, "its header");
  const sample = isBdf ? 3 : 2;
  const recorded = signalHeaders(from, signals, text, sample);
  const record = recorded.reduce((sum, { count }) => sum + count * sample, 0);
  if (record === 0) from.fail("has no samples in its data records");
  const duration = finite(from, text(244, 8), "the duration of a data record");
  const records = recordCount(from, text(236, 8), whole, record);
  sizeOf(file, [records, record]);

  const isAnnotation = ({ label }: Recorded) => /^[EB]DF Annotations$/.test(label);
  const reserved = text(192, 44);
  const annotations: Annotation[] = [];
  let first = 0;
  for (const header of recorded.filter(isAnnotation)) {
    for (let index = 0; index < records; index++) {
      const list = bytes.subarray(
        whole + index * record + header.at,
        whole + index * record + header.at + header.count * sample,
      );
      const notes = annotationsIn(from, list);
      // The first annotation list of a record says when that begins, which is what makes discontinuous files.
      const begin = header === recorded.find(isAnnotation) ? notes.find((note) => note.text === "")?.onset : undefined;
      if (begin !== undefined && index === 0) first = begin;
      if (/^[EB]DF\+D/.test(reserved) && begin !== undefined && Math.abs(begin - first - index * duration) > 1e-3) {
        from.fail(
          `has a gap before data record ${index + 1}, which begins after ${begin} s: export its parts as files of their own`,
        );
      }
      annotations.push(...notes.filter((note) => note.text !== ""));
    }
  }
  const ordinary = recorded.filter((header) => !isAnnotation(header));
  if (ordinary.length > 0 && !(duration > 0))
    from.fail(`has data records of ${duration} s, which gives no sampling rate`);
  return {
    patient: text(8, 80),
    recording: text(88, 80),
    start: startOf(text(168, 8), text(176, 8)),
    duration: records * duration,
    signals: ordinary.map((header) => ({
      label: header.label,
      unit: header.unit,
      rate: header.count / duration,
      range: [Number(header.low), Number(header.high)],
      transducer: header.transducer,
      prefilter: header.prefilter,
      values: physical(from, header, { whole, record, records, sample }),
    })),
    annotations: annotations
      .map((note) => ({ ...note, onset: note.onset - first }))
      .sort((one, other) => one.onset - other.onset),
  };
}

function signalHeaders(
  from: FileBytes,
  signals: number,
  text: (at: number, length: number) => string,
  sample: number,
): Recorded[] {
  let at = 0;
  return Array.from({ length: signals }, (_, index) => {
    let begin = 256;
    const fields = Object.fromEntries(
      Object.entries(widths).map(([field, width]) => {
        const value = text(begin + index * width, width);
        begin += signals * width;
        return [field, value];
      }),
    ) as Record<Field, string>;
    const count = Number(fields.samples);
    if (fields.samples === "" || !Number.isInteger(count) || count < 0) {
      from.fail(
        `has a damaged header: signal "${fields.label}" has ${JSON.stringify(fields.samples)} samples in a data record`,
      );
    }
    const header = { ...fields, count, at };
    at += count * sample;
    return header;
  });
}

/** How many data records there are: −1 in the header means that the recorder did not come to say so. */
function recordCount(from: FileBytes, stated: string, header: number, record: number): number {
  const claimed = Number(stated);
  if (stated === "" || !Number.isInteger(claimed) || claimed < -1)
    from.fail(`has a damaged header: ${stated} data records`);
  const there = (from.length - header) / record;
  if (claimed === -1) return Math.floor(there);
  if (there < claimed)
    from.fail(
      `is cut short: it should have ${claimed} data records, but holds ${there.toFixed(1)}. Copy or download it again`,
    );
  if (there > claimed)
    from.fail(`goes on after its ${claimed} data records (${there.toFixed(1)} would fit): its header is wrong`);
  return claimed;
}

interface Layout {
  readonly whole: number;
  readonly record: number;
  readonly records: number;
  readonly sample: number;
}

/** (digital − digital minimum) · gain + physical minimum, in the order of time. */
function physical(from: FileBytes, header: Recorded, { whole, record, records, sample }: Layout): Float32Array {
  const what = (field: string) => `the ${field} of signal "${header.label}"`;
  const [low, high] = [
    finite(from, header.low, what("physical minimum")),
    finite(from, header.high, what("physical maximum")),
  ];
  const [least, most] = [
    finite(from, header.least, what("digital minimum")),
    finite(from, header.most, what("digital maximum")),
  ];
  if (low === high || !(least < most)) {
    from.fail(`gives signal "${header.label}" no scale: physical ${low} to ${high}, digital ${least} to ${most}`);
  }
  const gain = (high - low) / (most - least);
  const values = new Float32Array(records * header.count);
  const { view } = from;
  for (let index = 0, to = 0; index < records; index++) {
    let at = whole + index * record + header.at;
    for (let one = 0; one < header.count; one++, at += sample) {
      const digital = sample === 2 ? view.getInt16(at, true) : view.getUint16(at, true) + view.getInt8(at + 2) * 65536;
      values[to++] = (digital - least) * gain + low;
    }
  }
  return values;
}

function finite(from: FileBytes, text: string, what: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) from.fail(`has a damaged header: ${what} is ${JSON.stringify(text)}`);
  return value;
}

/** `+onset[\x15duration]\x14text\x14…\x14\0`, several one after the other, then zeros; a record's own time has an empty text. */
function annotationsIn(from: FileBytes, list: Uint8Array): Annotation[] {
  return new TextDecoder()
    .decode(list)
    .split("\0")
    .filter((one) => one !== "")
    .flatMap((one) => {
      const [time = "", ...texts] = one.split("\x14");
      const [onset = "", duration] = time.split("\x15");
      if (!/^[+-]\d+(\.\d*)?$/.test(onset) || !/^(\d+(\.\d*)?)?$/.test(duration ?? "") || texts.length === 0) {
        from.fail(`has a damaged annotation: ${JSON.stringify(one.slice(0, 60))}`);
      }
      // The last text ends with the mark too.
      if (texts.length > 1) texts.pop();
      return texts.map((text) => ({ onset: Number(onset), duration: duration ? Number(duration) : undefined, text }));
    });
}

/** "02.03.02" and "10.20.30": years from 85 on are of the last century (EDF's clause for the year 2000). */
function startOf(date: string, time: string): string | undefined {
  const [, day, month, year] = /^(\d\d)\.(\d\d)\.(\d\d)$/.exec(date) ?? [];
  const clock = /^(\d\d)\.(\d\d)\.(\d\d)$/.exec(time);
  if (day === undefined || month === undefined || year === undefined || clock === null) return undefined;
  return `${Number(year) >= 85 ? 19 : 20}${year}-${month}-${day}T${clock.slice(1).join(":")}`;
}
