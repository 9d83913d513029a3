import type { BoundedState } from "../../comms/states/controls.js";

type Fail = (name: keyof BoundedState, expected: string) => never;

/** Keeps a value between its bounds, which may not cross; `scale` maps a bound to the value there. */
export function keepBetween(
  next: BoundedState,
  names: ReadonlySet<string>,
  fail: Fail,
  scale = (bound: number) => bound,
) {
  if (next.min > next.max) {
    if (names.has("min")) fail("min", `at most max, which is ${next.max}`);
    fail("max", `at least min, which is ${next.min}`);
  }
  next.value = Math.min(Math.max(next.value, scale(next.min)), scale(next.max));
}
