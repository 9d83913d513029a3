import { formatPercent, formatRemaining } from "../../comms/format.js";

/** Says of work that began at the first call how much of it is done and how long it goes on: `43 % · about 12 s left`. */
export function remaining(): (share: number | null) => string {
  let began: number | undefined;
  return (share) => {
    if (share === null) {
      began = undefined;
      return "";
    }
    began ??= performance.now();
    const left = formatRemaining((performance.now() - began) / 1000, share);
    return left === "" ? formatPercent(share) : `${formatPercent(share)} · ${left}`;
  };
}
