import type { BoundedState } from "../../comms/states/controls.js";
import type { Trait } from "../../comms/states/traits.js";

type Fail<K extends string> = (name: K, expected: string) => never;

/** Refuses bounds that cross. */
function inOrder(next: { min: number; max: number }, names: ReadonlySet<string>, fail: Fail<"min" | "max">): void {
  if (next.min <= next.max) return;
  if (names.has("min")) fail("min", `at most max, which is ${next.max}`);
  fail("max", `at least min, which is ${next.min}`);
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);

/** Keeps a value between its bounds, which may not cross; `scale` maps a bound to the value there. */
export function keepBetween(
  next: BoundedState,
  names: ReadonlySet<string>,
  fail: Fail<"min" | "max">,
  scale = (bound: number) => bound,
) {
  inOrder(next, names, fail);
  next.value = clamp(next.value, scale(next.min), scale(next.max));
}

/** A range that nobody has chosen: the middle half of what there is. */
export const middle = <T extends Trait<[number, number]>>(range: T): T => ({ ...range, initial: () => MIDDLE });
const MIDDLE: [number, number] = [0, 0];

/** Keeps a range between its bounds; its ends may not cross. `round` makes numbers of the slider's kind. */
export function keepRange(
  next: { value: [number, number]; min: number; max: number },
  names: ReadonlySet<string>,
  fail: Fail<"value" | "min" | "max">,
  round = (value: number) => value,
): void {
  inOrder(next, names, fail);
  const { min, max } = next;
  if (next.value === MIDDLE) next.value = [round(0.75 * min + 0.25 * max), round(0.25 * min + 0.75 * max)];
  const [low, high] = next.value;
  if (low > high) fail("value", "a range whose first number is not above its second");
  next.value = Object.freeze([clamp(low, min, max), clamp(high, min, max)]) as [number, number];
}

/** Keeps a value, where there is one, between bounds, where there are some. */
export function keepWithin<V extends string | Date>(
  next: { value: V | null; min: V | null; max: V | null },
  names: ReadonlySet<string>,
  fail: Fail<"min" | "max">,
): void {
  const { value, min, max } = next;
  if (min !== null && max !== null && min > max) {
    if (names.has("min")) fail("min", `not later than max, which is ${written(max)}`);
    fail("max", `not earlier than min, which is ${written(min)}`);
  }
  if (value === null) return;
  if (min !== null && value < min) next.value = min;
  else if (max !== null && value > max) next.value = max;
}

const written = (moment: string | Date) => (typeof moment === "string" ? moment : moment.toISOString());
