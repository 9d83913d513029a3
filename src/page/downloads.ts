/** Figures as files: every widget of a report as PNG and SVG, and its numbers as CSV. */
import type { WidgetModel } from "@jupyter-widgets/base";
import { type MenuEntry, menu } from "../widgets/parts/menu.js";
import { pngOf, saveFile } from "../widgets/parts/save-file.js";
import { ROUNDED } from "./badges.js";
import { type Figure, figureOf } from "./figure.js";
import { csvOf } from "./figure-data.js";

const FORMATS: Record<"png" | "svg" | "csv", MenuEntry & { hint: string }> = {
  png: { value: "png", label: "Picture (PNG)", hint: "As it is seen now, as pixels" },
  svg: { value: "svg", label: "Figure (SVG)", hint: "As it is seen now: words and curves as such, for a paper" },
  csv: { value: "csv", label: "Numbers (CSV)", hint: "The numbers that are seen now" },
};

/**
 * A menu that saves what a widget's place shows: whatever lives there by then.
 *
 * @param isExact whether the numbers that are seen are those that were computed
 */
export function widgetMenu(
  place: HTMLElement,
  modelOf: () => Promise<WidgetModel>,
  fallback: string,
  isExact: () => boolean,
): HTMLElement {
  const shown = () => place.querySelector<HTMLElement>(".limpid-widget, .jupyter-widgets") ?? place;
  const name = () => {
    const title = [...place.querySelectorAll<HTMLElement>(".limpid-title, .limpid-plot-title")].find(
      (one) => one.innerText !== "",
    );
    return title?.innerText ?? fallback;
  };
  return saveMenu(name, isExact, async (format) => {
    if (format !== "csv") return figureOf(shown(), name());
    const numbers = csvOf(await modelOf());
    if (numbers === null) throw new Error("There are no numbers to save here");
    return numbers;
  });
}

function saveMenu(
  name: () => string,
  isExact: () => boolean,
  make: (format: keyof typeof FORMATS) => Promise<Figure | string>,
): HTMLElement {
  const place = document.createElement("span");
  place.className = "save";
  const failed = document.createElement("span");
  failed.setAttribute("role", "alert");
  const { png, svg, csv } = FORMATS;
  const entries = [png, svg, { ...csv, hint: () => (isExact() ? csv.hint : `${csv.hint}: ${ROUNDED}`) }];
  const made = menu("Save as", "Keep this figure, or its numbers, as a file", entries, (value) => {
    const format = value as keyof typeof FORMATS;
    failed.textContent = "";
    void fileOf(format, make)
      .then((content) => saveFile(`${fileName(name())}.${format}`, content))
      .catch((error: Error) => {
        failed.textContent = error.message;
      });
  });
  place.append(failed, made.element);
  return place;
}

async function fileOf(
  format: keyof typeof FORMATS,
  make: (format: keyof typeof FORMATS) => Promise<Figure | string>,
): Promise<Blob> {
  const content = await make(format);
  if (typeof content === "string") return new Blob([content], { type: "text/csv" });
  const svg = new Blob([content.svg], { type: "image/svg+xml" });
  return format === "png" ? pngOf(svg, content.width, content.height) : svg;
}

/** A title as a file's name: letters and digits, joined by lines. */
function fileName(title: string): string {
  const words =
    title
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join("-").slice(0, 80) || "figure";
}
