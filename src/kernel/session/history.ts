import type { Json, JsonObject } from "../../comms/message.js";

interface Entry {
  line: number;
  source: string;
  output?: string;
}

export type History = ReturnType<typeof history>;

/** The inputs and results of this session, as `history_request` asks for them: by tail, by range, or by glob pattern. */
export function history() {
  const entries: Entry[] = [];

  function select(content: JsonObject): Entry[] {
    const n = typeof content["n"] === "number" ? content["n"] : Number.POSITIVE_INFINITY;
    switch (content["hist_access_type"]) {
      case "tail":
        return lastOf(entries, n);
      case "range": {
        // Session 0 is the present one, and the only one there is.
        if ((content["session"] ?? 0) !== 0) return [];
        const start = Number(content["start"] ?? 1);
        const stop = Number(content["stop"] ?? Number.POSITIVE_INFINITY);
        return entries.filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = globPattern(String(content["pattern"] ?? "*"));
        const found = entries.filter(({ source }) => pattern.test(source));
        return lastOf(content["unique"] === true ? lastOfEach(found) : found, n);
      }
      default:
        throw new RangeError(
          `Unknown hist_access_type ${JSON.stringify(content["hist_access_type"])}: expected tail, range or search`,
        );
    }
  }

  return {
    add(line: number, source: string): void {
      entries.push({ line, source });
    },
    setOutput(line: number, output: string): void {
      const entry = entries.findLast((candidate) => candidate.line === line);
      if (entry) entry.output = output;
    },
    /** Content of `history_reply`. */
    reply(content: JsonObject): JsonObject {
      const withOutput = content["output"] === true;
      const rows = select(content).map(
        ({ line, source, output }): Json => [0, line, withOutput ? [source, output ?? null] : source],
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
