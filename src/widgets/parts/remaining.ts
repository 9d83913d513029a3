import { formatPercent, formatRemaining } from "../../comms/format.js";

/** Says of work that began at the first call how much of it is done and how long it goes on: `43 % · about 12 s left`. */
export function remaining(): (share: number | null) => string {
  let began: number | undefined;
  let last: { share: number; words: string } | undefined;
  return (share) => {
    if (share === null) {
      began = last = undefined;
      return "";
    }
    began ??= performance.now();
    // Drawn again for another reason, nothing more is known.
    if (last?.share === share) return last.words;
    const left = formatRemaining((performance.now() - began) / 1000, share);
    last = { share, words: left === "" ? formatPercent(share) : `${formatPercent(share)} · ${left}` };
    return last.words;
  };
}
