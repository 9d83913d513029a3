import { ParameterError } from "../../explainers/errors.js";
import { parseNpz } from "../formats/archives/npz.js";
import { utf8 } from "../formats/bytes.js";
import { DataFileError } from "../formats/errors.js";
import { isWords, type NpyArray, parseNpyArray } from "../formats/npy.js";
import { parseAeonTs } from "../formats/signals/aeon-ts.js";
import { parseEdf } from "../formats/signals/edf.js";
import { parseWav } from "../formats/signals/wav.js";
import { parseDelimited } from "../formats/tables/delimited.js";
import { type OpenedFile, opened, unknownEnding } from "./records/open.js";
import type { Signals } from "./records/signals.js";

/** What a file does not say of its signals, or which of them are wanted. */
export interface SignalOptions {
  /** Names of the channels to keep, in this order. Default all. */
  channels?: readonly string[];
  /** Samples a second, where the file says none. */
  rate?: number;
  /** Unit of the values, where the file says none. */
  unit?: string;
}

/**
 * Loads signals: a data set by its name, or a file.
 *
 * Files: EDF and EDF+ (`.edf`), BDF (`.bdf`), WAV (`.wav`, −1…1), series of aeon and UCR (`.ts`), tables with a column for each channel (`.csv`,
 * `.tsv`), NumPy's arrays of `[channels, samples]` or `[series, channels, samples]` (`.npy`, and `.npz` that holds one array).
 *
 * @throws DataSetError where the data set was not fetched; DataFileError that names the file and what is wrong with it; ParameterError
 * @example
 * const signals = await loadSignals("eeg-finger-movements");
 * const night = await loadSignals("night.edf", { channels: ["EEG Fpz-Cz"] });
 */
export async function loadSignals(nameOrFile: string, options: SignalOptions = {}): Promise<Signals> {
  const found = await opened("signals", nameOrFile);
  const { rate, unit } = options;
  if (rate !== undefined && !(rate > 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new ParameterError("rate", rate, "samples a second, more than 0");
  }
  const signals = "record" in found ? found.record : fromFile(found.file, options);
  const told: Signals = {
    ...signals,
    rate: signals.rate ?? rate,
    channels: signals.channels.map((channel) => (channel.unit === "" && unit ? { ...channel, unit } : channel)),
  };
  return options.channels === undefined ? told : only(told, options.channels);
}

const plain = { start: 0, classNames: [], annotations: [] } as const;

function fromFile(opened: OpenedFile, options: SignalOptions): Signals {
  const { file, name, extension, bytes } = opened;
  switch (extension) {
    case ".edf":
    case ".bdf":
      return fromEdf(file, name, bytes, options.channels);
    case ".wav": {
      const { rate, channels } = parseWav(file, bytes);
      const names = channels.length === 1 ? ["sound"] : channels.map((_, index) => `channel ${index + 1}`);
      return { ...plain, name, rate, ...oneSeries(names, channels) };
    }
    case ".ts": {
      const { classNames, series } = parseAeonTs(file, utf8(file, bytes));
      const channels = numbered(series[0]!.channels);
      const kept = series.map(({ values, samples, label }) => ({
        values,
        samples,
        ...(label !== undefined && { label }),
      }));
      return { ...plain, name, rate: undefined, channels, series: kept, classNames };
    }
    case ".csv":
    case ".tsv": {
      const columns = parseDelimited(file, utf8(file, bytes), extension === ".csv" ? "," : "\t");
      const text = columns.find(({ kind }) => kind === "text");
      if (text !== undefined) {
        throw new DataFileError(
          file,
          `has words in its column ${JSON.stringify(text.name)}: signals have numbers in all of them`,
        );
      }
      const names = columns.map((column) => column.name);
      return {
        ...plain,
        name,
        rate: undefined,
        ...oneSeries(
          names,
          columns.map(({ values }) => Float32Array.from(values as Float64Array)),
        ),
      };
    }
    case ".npy":
      return { ...plain, name, rate: undefined, ...fromArray(file, parseNpyArray(file, bytes)) };
    case ".npz": {
      const arrays = Object.entries(parseNpz(file, bytes)).filter(([, array]) => array.shape.length > 0);
      if (arrays.length !== 1) {
        const names = arrays.map(([key]) => key).join(", ") || "none";
        throw new DataFileError(file, `holds ${arrays.length} arrays (${names}): save the signals as one .npy`);
      }
      return { ...plain, name, rate: undefined, ...fromArray(file, arrays[0]![1]) };
    }
    default:
      return unknownEnding(opened, ".edf, .bdf, .wav, .ts, .csv, .tsv, .npy or .npz");
  }
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `channel ${index + 1}`, unit: "" }));

/** Channels of equal length as one series. */
function oneSeries(names: readonly string[], channels: readonly Float32Array[]): Pick<Signals, "channels" | "series"> {
  const samples = channels[0]?.length ?? 0;
  const values = new Float32Array(channels.length * samples);
  channels.forEach((channel, index) => {
    values.set(channel, index * samples);
  });
  return { channels: names.map((name) => ({ name, unit: "" })), series: [{ values, samples }] };
}

function fromArray(file: string, { shape, values }: NpyArray): Pick<Signals, "channels" | "series"> {
  if (isWords(values)) throw new DataFileError(file, "holds words, where numbers are needed");
  if (shape.length < 1 || shape.length > 3) {
    throw new DataFileError(
      file,
      `has the shape [${shape.join(", ")}]; signals are [samples], [channels, samples] or [series, channels, samples]`,
    );
  }
  const [count, channels, samples] = [1, 1, ...shape].slice(-3) as [number, number, number];
  const size = channels * samples;
  const series = Array.from({ length: count }, (_, index) => ({
    values: Float32Array.from(values.subarray(index * size, (index + 1) * size)),
    samples,
  }));
  return { channels: numbered(channels), series };
}

/** Units as EDF writes them in ASCII, as people do. */
const unitsOfEdf: Readonly<Record<string, string>> = { uV: "µV", degC: "°C", Ohm: "Ω", kOhm: "kΩ" };

function fromEdf(file: string, name: string, bytes: Uint8Array, wanted?: readonly string[]): Signals {
  const { signals, annotations } = parseEdf(file, bytes);
  const kept = wanted === undefined ? signals : signals.filter(({ label }) => wanted.includes(label));
  const rates = [...new Set(kept.map(({ rate }) => rate))];
  if (rates.length > 1) {
    const each = rates.map(
      (rate) =>
        `${rate} Hz: ${kept
          .filter((one) => one.rate === rate)
          .map(({ label }) => label)
          .join(", ")}`,
    );
    throw new DataFileError(
      file,
      `samples its signals at different rates (${each.join("; ")}): name those of one rate by channels: […]`,
    );
  }
  const series = oneSeries(
    kept.map(({ label }) => label),
    kept.map(({ values }) => values),
  );
  const channels = kept.map(({ label, unit }) => ({ name: label, unit: unitsOfEdf[unit] ?? unit }));
  // What is left of the channels is told apart from misspelled ones by all that the file has.
  if (wanted !== undefined)
    checkNames(
      signals.map(({ label }) => label),
      wanted,
    );
  return { ...plain, name, rate: rates[0], ...series, channels, annotations };
}

function checkNames(known: readonly string[], wanted: readonly string[]): void {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw ParameterError.notOneOf("channel", unknown, known);
  const twice = known.find((name, index) => wanted.includes(name) && known.indexOf(name) !== index);
  if (twice !== undefined) throw new ParameterError("channels", twice, "names that occur once in the file");
}

/** The channels of these names. */
function only(signals: Signals, wanted: readonly string[]): Signals {
  const names = signals.channels.map(({ name }) => name);
  checkNames(names, wanted);
  const places = wanted.map((name) => names.indexOf(name));
  const series = signals.series.map((one) => {
    const values = new Float32Array(places.length * one.samples);
    places.forEach((place, index) => {
      values.set(one.values.subarray(place * one.samples, (place + 1) * one.samples), index * one.samples);
    });
    return { ...one, values };
  });
  return { ...signals, channels: places.map((place) => signals.channels[place]!), series };
}
