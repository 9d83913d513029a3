import { LimpidError } from "../explainers/index.js";

/** A run over a data set cannot begin, or cannot go on. What it has written stays, and the same run goes on from there. */
export class RunError extends LimpidError {}

/** A store holds another run: of another model, method, data set or other settings. */
export class OtherRunError extends RunError {
  constructor(
    readonly store: string,
    /** What differs: `method`, `model` … */
    readonly part: string,
    readonly stored: unknown,
    readonly asked: unknown,
  ) {
    const say = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    super(
      `${store} holds another run: its ${part} is ${say(stored)}, and this one's is ${say(asked)}. ` +
        "Give another -o, or the same settings; nothing was changed.",
    );
  }
}

/** A sample that a store holds the relevance of is another now. */
export class ChangedDataError extends RunError {
  constructor(
    readonly store: string,
    /** What the sample is called. */
    readonly sample: string,
    readonly shard: number,
  ) {
    super(
      `${store} holds the relevance of ${sample}, and that is another now, or gone. Give another -o, or the data as they were: then the run goes on. ` +
        `To explain it anew in this store, remove the file of shard ${shard} in ${store}/relevance. Nothing was changed.`,
    );
  }
}

/** Another run writes into a store. */
export class StoreInUseError extends RunError {}

/** The queue cannot be used as it was named. */
export class QueueError extends LimpidError {}
