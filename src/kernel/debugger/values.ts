/** How a value of the main thread is written in one line. No code of the notebook runs for it. */
import type { Previewed, Remote } from "./engine.js";

const LONGEST = 200;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const quoted = (text: string): string => JSON.stringify(cut(text));

/** A value in one line: `[1, 2, 3]`, `{ a: 1, b: "two" }`, `Map(2) { 1 => … }`. */
export function valueText(value: Remote): string {
  const { type, subtype, description = "" } = value;
  if (type === "string") return quoted(String(value.value));
  if (type === "undefined" || subtype === "null") return subtype ?? type;
  if (type === "function") return functionText(description);
  if (type !== "object") return cut(value.unserializableValue ?? description ?? String(value.value));
  if (subtype === "error") return cut(description.split("\n    at ")[0] as string);
  const inside = value.preview && insideOf(value);
  if (inside === undefined) return cut(description);
  const isPlain = subtype === "array" ? description.startsWith("Array(") : value.className === "Object";
  const [open, close] = subtype === "array" || subtype === "typedarray" ? ["[", "]"] : ["{ ", " }"];
  const text = inside === "" ? `${open}${close}`.replace("  ", "") : `${open}${inside}${close}`;
  return cut(isPlain ? text : `${description} ${text}`);
}

function insideOf({ subtype, preview }: Remote): string | undefined {
  if (!preview) return undefined;
  const { properties, entries, overflow } = preview;
  const isList = subtype === "array" || subtype === "typedarray";
  const parts = entries
    ? entries.map(({ key, value }) => `${key ? `${entryText(key)} => ` : ""}${entryText(value)}`)
    : properties
        .filter(({ name, type }) => type !== "accessor" && !(isList && !/^\d+$/.test(name)))
        .map((property) => (isList ? previewText(property) : `${property.name}: ${previewText(property)}`));
  if (overflow) parts.push("…");
  return parts.join(", ");
}

const entryText = ({ type, description = type }: { type: string; description?: string }): string =>
  type === "string" ? quoted(description) : description;

function previewText({ type, subtype, value = "" }: Previewed): string {
  if (type === "string") return quoted(value);
  if (type === "function") return "ƒ";
  if (subtype === "null") return "null";
  return type === "undefined" ? type : value;
}

/** The head of a function, or a class by its name. */
function functionText(source: string): string {
  const head = source.split("\n", 1)[0] as string;
  if (/^class\b/.test(head)) return head.replace(/\s*\{.*$/, "");
  return cut(`ƒ ${head.replace(/^(async )?function\s*/, "$1").replace(/\s*\{.*$/, "")}`);
}

/** What a value is: `number`, `Map`, `Float32Array`, `null`. */
export function typeText({ type, subtype, className }: Remote): string {
  if (subtype === "null") return "null";
  return type === "object" || type === "function" ? (className ?? type) : type;
}

/** How many numbered elements a value has, where it is a list. */
export function elementCount({ subtype, description = "" }: Remote): number | undefined {
  if (subtype !== "array" && subtype !== "typedarray") return undefined;
  return Number(/\((\d+)\)$/.exec(description)?.[1] ?? 0);
}
