import type { Floats } from "../../../comms/states/array.js";
import { LimpidError } from "../../../explainers/errors.js";
import type { Relevance } from "../../pictures/relevance-map.js";

/** Relevance whose shape is not that of the signal. */
export class SignalRelevanceError extends LimpidError {
  constructor(
    readonly shape: readonly number[],
    readonly channels: number,
    readonly samples: number,
  ) {
    super(
      `The signal has ${channels} channels and ${samples} samples: its relevance is [${samples}, ${channels}] as models take it, with or without a batch of 1, ` +
        `or [${channels}, ${samples}]; not [${shape.join(", ")}]. Pick one series of a batch first.`,
    );
  }
}

/** Whether an array of that shape can only be meant as channels of samples. */
const isChannelFirst = ([first, second]: readonly number[], channels: number, samples: number): boolean =>
  first === channels && second === samples && channels !== samples;

/**
 * Relevance as rows of channels, `[channels, samples]`. Of as many channels as samples it is taken as models have it, time first; what a method
 * repeats over channels (Grad-CAM) is shared among them, so that sums stay.
 *
 * @throws SignalRelevanceError
 */
export function signalRelevance(
  relevance: Relevance,
  channels: number,
  samples: number,
): Floats & { data: Float32Array } {
  const isBare = relevance instanceof Float32Array;
  const values = isBare
    ? relevance
    : "relevance" in relevance
      ? relevance.relevance
      : "values" in relevance
        ? relevance.values
        : "dataSync" in relevance
          ? Float32Array.from(relevance.dataSync())
          : relevance.data;
  const given = isBare ? [values.length] : [...relevance.shape];
  let shape = given;
  while (shape.length > 2 && shape[0] === 1) shape = shape.slice(1);
  while (shape.length > 2 && shape.at(-1) === 1) shape = shape.slice(0, -1);
  if (shape.length === 1) shape = [samples, channels];
  const fits = shape.length === 2 && values.length === channels * samples;
  const wanted = { shape: [channels, samples], dtype: "float32" as const };
  if (fits && (isChannelFirst(shape, channels, samples) || channels === 1)) return { ...wanted, data: values.slice() };
  const isRepeated = !isBare && "channels" in relevance && relevance.channels === "repeated";
  if (!fits || shape[0] !== samples || shape[1] !== channels) throw new SignalRelevanceError(given, channels, samples);
  const rows = new Float32Array(values.length);
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const value = values[sample * channels + channel]!;
      rows[channel * samples + sample] = isRepeated ? value / channels : value;
    }
  }
  return { ...wanted, data: rows };
}
