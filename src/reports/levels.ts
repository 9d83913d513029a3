/** Decides which widgets of a report compute in its page, which choose among stored states, and which are only looked at. */
import { formatShort } from "../comms/format.js";
import type { Level, ReportCell, ReportView } from "./format.js";

/** Bytes that the cells may have read for a page to compute with them, where that is not asked for. */
export const MODEL_LIMIT = 30e6;

/** What the author asks for. */
export interface LevelSettings {
  /** The most that widgets are to do; without it the best that there is. `live` takes models of any size. */
  readonly level?: Level;
  /** Bytes that the file may have. */
  readonly maxSize?: number;
}

/** What computing in the page takes. */
export interface LiveCost {
  /** Bytes that the cells have read: models, data, pictures. */
  readonly read: number;
  /** Bytes that the file would have. */
  readonly size: number;
}

/** Why no widget of the report may compute in its page; undefined where those that can do. It ends "because …". */
export function reasonAgainstLive({ level, maxSize }: LevelSettings, { read, size }: LiveCost): string | undefined {
  if (level === "frozen" || level === "precomputed") return `its author asked for no more (--${level})`;
  if (level === undefined && read > MODEL_LIMIT) {
    return `what its cells read has ${megabytes(read)}, and a page computes with ${megabytes(MODEL_LIMIT)} unless it is made with --live`;
  }
  if (maxSize !== undefined && size > maxSize) {
    return `with what computing needs the file would have ${megabytes(size)}, more than --max-size ${formatShort(maxSize / 1e6)}`;
  }
  return undefined;
}

/** What is known of a displayed widget. */
export interface ViewFacts {
  /** How its cell goes on in the page. */
  readonly replay: ReportCell["replay"];
  /** Stored states, in words; undefined without any. */
  readonly states?: string | undefined;
  /** Why nothing in the page computes. */
  readonly against?: string | undefined;
}

/** What a displayed widget of a notebook that was run can do, and why no more. */
export function levelOf({ replay, states, against }: ViewFacts): Pick<ReportView, "level" | "reason"> {
  if (against === undefined && replay !== undefined && "code" in replay) return { level: "live" };
  const because =
    against ??
    (replay === undefined || "code" in replay
      ? "its cell was not run"
      : `its cell cannot run in a page: ${replay.reason}`);
  if (states !== undefined) return { level: "precomputed", reason: `${states}; no more, because ${because}` };
  return { level: "frozen", reason: `a picture of when the report was made, because ${because}` };
}

/** What a widget of a notebook that was not run can do. */
export const SAVED: Pick<ReportView, "level" | "reason"> = {
  level: "frozen",
  reason: "a picture from the notebook's file, because nothing was run when the report was made",
};

/** A report without room even for its pictures. */
export const tooLarge = (bytes: number, maxSize: number): string =>
  `the report has ${megabytes(bytes)}, more than --max-size ${formatShort(maxSize / 1e6)}: that is as small as it gets`;

export const megabytes = (bytes: number): string => `${formatShort(bytes / 1e6, 2)}\u202fMB`;
