import type { Json, JsonObject } from "../../comms/message.js";
import type { HistoryFile } from "./history-file.js";

interface Entry {
  /** 0 is the present one. */
  session: number;
  line: number;
  source: string;
  output?: string;
}

export type History = ReturnType<typeof history>;

/**
 * The inputs of this session and of earlier ones, as `history_request` asks for them: by tail, by range, or by glob pattern. Results
 * are known of this session only.
 */
export function history(file?: HistoryFile) {
  const entries: Entry[] = [];
  let before: readonly Entry[] | undefined;

  /** Of all sessions, the latest last. */
  function all(): Entry[] {
    before ??= file?.earlier() ?? [];
    return [...before, ...entries];
  }

  function ofSession(number: number): Entry[] {
    if (number === 0) return entries;
    const sessions = [...new Set(all().map(({ session }) => session))].filter((session) => session !== 0);
    const wanted = number < 0 ? sessions.at(number) : number;
    return all().filter(({ session }) => session === wanted);
  }

  function select(content: JsonObject): Entry[] {
    const n = typeof content["n"] === "number" ? content["n"] : Number.POSITIVE_INFINITY;
    switch (content["hist_access_type"]) {
      case "tail":
        return lastOf(all(), n);
      case "range": {
        const start = Number(content["start"] ?? 1);
        const stop = Number(content["stop"] ?? Number.POSITIVE_INFINITY);
        return ofSession(Number(content["session"] ?? 0)).filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = globPattern(String(content["pattern"] ?? "*"));
        const found = all().filter(({ source }) => pattern.test(source));
        return lastOf(content["unique"] === true ? lastOfEach(found) : found, n);
      }
      default:
        throw new RangeError(
          `Unknown hist_access_type ${JSON.stringify(content["hist_access_type"])}: expected tail, range or search`,
        );
    }
  }

  return {
    /** `isTyped` says that a reader ran it: only such cells are kept for later sessions. */
    add(line: number, source: string, isTyped: boolean): void {
      entries.push({ session: 0, line, source });
      if (isTyped) file?.add(line, source);
    },
    setOutput(line: number, output: string): void {
      const entry = entries.findLast((candidate) => candidate.line === line);
      if (entry) entry.output = output;
    },
    /** Content of `history_reply`. */
    reply(content: JsonObject): JsonObject {
      const withOutput = content["output"] === true;
      const rows = select(content).map(
        ({ session, line, source, output }): Json => [session, line, withOutput ? [source, output ?? null] : source],
      );
      return { status: "ok", history: rows };
    },
  };
}

const lastOf = (entries: Entry[], n: number): Entry[] => entries.slice(Math.max(0, entries.length - n));

const lastOfEach = (entries: Entry[]): Entry[] =>
  entries.filter(({ source }, i) => !entries.slice(i + 1).some((later) => later.source === source));

/** A glob with `*` and `?`, as Jupyter's search has it. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
}
