import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { pathToFileURL } from "node:url";

/**
 * Takes this machine's places out of texts: the notebook's folder becomes `.`, Limpid's own `limpid`, the home folder `~`. What stands
 * in an error's calls or a printed path would tell readers the author's name and how the disk is arranged.
 */
export function withoutPrivatePaths(folder: string, limpid: string): (text: string) => string {
  const places: [string, string][] = [
    [folder, "."],
    [limpid, "limpid"],
    [homedir(), "~"],
  ];
  const rules = places
    // A root or a drive is nobody's.
    .filter(([place]) => place.replace(/^[a-z]:/i, "").length > 1)
    // Processes see places behind links, users name the links.
    .flatMap(([place, sign]) => [...new Set([place, real(place)])].map((form): [string, string] => [form, sign]))
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([place, sign]) =>
      [pathToFileURL(place).href, place, JSON.stringify(place).slice(1, -1)].map(
        (form) => [form, new RegExp(`${escapeRegExp(form)}(?![\\w.-])`, "g"), sign] as const,
      ),
    );
  return (text) =>
    rules.reduce((now, [form, pattern, sign]) => (now.includes(form) ? now.replace(pattern, sign) : now), text);
}

function real(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return place;
  }
}

/** The same for all texts within a value of JSON, names of its parts too. */
export function inAllTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => inAllTexts(item, change)) as T;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), inAllTexts(item, change)])) as T;
  }
  return value;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
