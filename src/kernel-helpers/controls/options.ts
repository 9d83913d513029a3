import { invalid, isRecord, sameData, type Trait } from "../../comms/states/traits.js";

/** What can be chosen: values, `[label, value]` pairs, or an object of values by label. */
export type Options<V> = readonly V[] | readonly (readonly [label: string, value: V])[] | Readonly<Record<string, V>>;

export interface Option {
  label: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the caller's options are
  value: any;
}

export const optionsTrait: Trait<Option[]> = {
  expected: "a list of values, a list of [label, value] pairs, or an object of values by label",
  initial: () => Object.freeze([]) as unknown as Option[],
  check(given) {
    const options = optionsOf(given);
    return options === invalid ? invalid : (Object.freeze(options.map(Object.freeze)) as Option[]);
  },
};

function optionsOf(given: unknown): Option[] | typeof invalid {
  if (isRecord(given)) return Object.entries(given).map(([label, value]) => ({ label, value }));
  if (!Array.isArray(given)) return invalid;
  if (given.every((item) => Array.isArray(item) && item.length === 2 && typeof item[0] === "string")) {
    return given.map(([label, value]) => ({ label, value }));
  }
  return given.map((value) => ({ label: String(value), value }));
}

/** Options are set in any of the forms that the constructor takes, and read in one. */
export interface Offering {
  get options(): readonly Option[];
  // biome-ignore lint/suspicious/noExplicitAny: an assignment cannot say of what kind they are
  set options(given: Options<any>);
}

/** Where the options are whose values, or labels, those are; fails with what there is. */
export function placesOf(
  options: readonly Option[],
  name: "value" | "label",
  wanted: readonly unknown[],
  fail: (expected: string, known: readonly string[]) => never,
): number[] {
  const labels = options.map(({ label }) => label);
  return wanted.map((one) => {
    const place = options.findIndex((option) => sameData(option[name], one));
    return place >= 0 ? place : fail(`one of the options (${labels.join(", ")})`, labels);
  });
}
