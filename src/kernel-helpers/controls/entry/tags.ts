import { color as colorOf } from "d3-color";
import {
  choice,
  flag,
  integer,
  invalid,
  list,
  nullable,
  number,
  type StateOf,
  type Trait,
  text,
} from "../../../comms/states/traits.js";
import { described, type Fail } from "../control.js";

/** A color as CSS writes it. */
const color = (initial: string): Trait<string> => ({
  expected: 'a CSS color such as "steelblue", "#4682b4" or "rgb(70, 130, 180)"',
  initial: () => initial,
  check: (value) => (typeof value === "string" && colorOf(value) !== null ? value : invalid),
});

/** A color, as CSS writes it, picked or typed. */
export class ColorPicker extends described("ColorPicker", {
  value: color("black"),
  /** Whether there is only the colored button, without the field. */
  concise: flag(false),
  disabled: flag(false),
}) {}

// A zero-width space gives an empty field its height.
const common = { placeholder: text("\u200b"), allow_duplicates: flag(true) };
const tagStyle = { tag_style: choice("", "primary", "success", "info", "warning", "danger") };

interface Tags {
  value: readonly unknown[];
  allowed_tags: readonly unknown[];
  allow_duplicates: boolean;
  min?: number | null;
  max?: number | null;
}

/** Refuses tags that are not allowed, too many of a kind, empty, or out of range. */
function allowed(next: Tags, _names: ReadonlySet<PropertyKey>, fail: Fail<Tags>): void {
  const { value, allowed_tags, allow_duplicates, min = null, max = null } = next;
  if (value.includes("")) fail("value", "a list without empty texts");
  const among = allowed_tags.join(", ");
  if (allowed_tags.length > 0 && value.some((tag) => !allowed_tags.includes(tag)))
    fail("value", `a list of tags that are allowed (${among})`, allowed_tags.map(String));
  if (!allow_duplicates && new Set(value).size < value.length) fail("value", "a list that holds each tag once");
  if (min !== null && value.some((tag) => Number(tag) < min)) fail("value", `a list of numbers from ${min} on`);
  if (max !== null && value.some((tag) => Number(tag) > max)) fail("value", `a list of numbers up to ${max}`);
}

const constrain = allowed as unknown as <T>(next: StateOf<T>, names: ReadonlySet<keyof T>, fail: Fail<T>) => void;

/**
 * Texts as tags: typed one by one, moved and removed.
 *
 * @example
 * const concepts = new TagsInput({ value: ["stripes"], allowed_tags: ["stripes", "dots", "wheels"] });
 */
export class TagsInput extends described(
  "TagsInput",
  {
    ...common,
    ...tagStyle,
    value: list(text()),
    /** The tags that may be used; empty: any. */
    allowed_tags: list(text()),
  },
  { constrain },
) {}

/** Colors as tags. */
export class ColorsInput extends described(
  "ColorsInput",
  { ...common, value: list(color("black")), allowed_tags: list(color("black")) },
  { constrain },
) {}

const numbers = (item: Trait<number>, format: string) => ({
  ...common,
  ...tagStyle,
  value: list(item),
  allowed_tags: list(item),
  min: nullable(item),
  max: nullable(item),
  /** Format of the numbers, in d3-format's language. */
  format: text(format),
});

/** Integers as tags. */
export class IntsInput extends described("IntsInput", numbers(integer(), "d"), { constrain }) {}

/** Numbers as tags. */
export class FloatsInput extends described("FloatsInput", numbers(number(), ".1f"), { constrain }) {}
