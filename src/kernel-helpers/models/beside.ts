import type { InputOptions } from "./input.js";
import type { ModelSource } from "./source.js";
import { parseJson } from "./weights.js";

/** `metadata.json` of Teachable Machine. */
interface TeachableMachine {
  packageName?: string;
  labels?: unknown;
  wordLabels?: unknown;
}

/** `config.json` of Hugging Face. */
interface HuggingFace {
  id2label?: { [index: string]: unknown };
}

/**
 * What exporters write into files beside a model: Teachable Machine the names of classes, and with them that pixels enter as −1…1;
 * Hugging Face the names. A list that does not have a name for each of `outputs` belongs to another model and is left out.
 */
export async function readBeside(
  source: ModelSource,
  outputs: number | null | undefined,
): Promise<{ classNames?: string[]; input?: InputOptions | undefined }> {
  const [teachable, face] = await Promise.all([
    readJson<TeachableMachine>(source, "metadata.json"),
    readJson<HuggingFace>(source, "config.json"),
  ]);
  const fits = (names: unknown): names is string[] =>
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    (names.length === outputs || (outputs === 1 && names.length === 2));
  const isPicture = teachable?.packageName === "@teachablemachine/image";
  const input = isPicture ? { mean: 127.5, scale: 127.5 } : undefined;
  const labels = teachable?.labels ?? teachable?.wordLabels;
  if (fits(labels)) return { classNames: labels, input };
  const byIndex = face?.id2label;
  const names = byIndex && Object.keys(byIndex).map((_, index) => byIndex[String(index)]);
  return fits(names) ? { classNames: names, input } : { input };
}

async function readJson<T extends object>(source: ModelSource, file: string): Promise<T | undefined> {
  const bytes = await source.read(file).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const value = parseJson(file, bytes);
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined; // A page that a server gives in place of what is not there.
  }
}
