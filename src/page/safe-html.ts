import type { IRenderMime, RenderMimeRegistry } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { sanitized } from "../reports/assemble/sanitize.js";

/**
 * What widgets show as HTML comes from the notebook, and Jupyter's own put it into the page as it is. The page's policy refuses what would
 * run; this refuses what would lead away, load, or cover the page.
 */

/** Classes of Jupyter's controls whose value is HTML. */
const HTML_MODELS = ["HTMLModel", "HTMLMathModel"];

type ModelClass = new (...words: never[]) => { get(name: string): unknown };

/** The class of a model whose views get sanitized HTML, where its value is HTML. */
export function withSafeHtml<Class>(name: string, found: Class): Class {
  if (!HTML_MODELS.includes(name)) return found;
  const known = safe.get(found as ModelClass);
  if (known !== undefined) return known as Class;
  const made = class extends (found as ModelClass) {
    #raw: unknown;
    #safe = "";

    override get(trait: string): unknown {
      const value = super.get(trait);
      if (trait !== "value") return value;
      if (value !== this.#raw) {
        this.#raw = value;
        this.#safe = sanitized(String(value));
      }
      return this.#safe;
    }
  };
  safe.set(found as ModelClass, made);
  return made as Class;
}

const safe = new WeakMap<ModelClass, ModelClass>();

/** What outputs in a widget may be: the rest falls back to their text. */
const KEPT =
  /^(text\/plain|image\/(png|jpeg|gif|bmp|webp)|application\/vnd\.jupyter\.(stdout|stderr|error|widget-view\+json))$/;

/** Has outputs within widgets shown as those of cells are: HTML sanitized, drawings as pictures. */
export function renderSafely(registry: RenderMimeRegistry): void {
  for (const mime of [...registry.mimeTypes]) if (!KEPT.test(mime)) registry.removeMimeType(mime);
  registry.addFactory({ safe: true, mimeTypes: ["text/html"], createRenderer: () => new SafeHtml() }, 50);
  registry.addFactory({ safe: true, mimeTypes: ["image/svg+xml"], createRenderer: () => new Drawing() }, 80);
}

class SafeHtml extends Widget implements IRenderMime.IRenderer {
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.node.innerHTML = sanitized(textOf(model.data["text/html"]));
  }
}

class Drawing extends Widget implements IRenderMime.IRenderer {
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const image = document.createElement("img");
    image.alt = textOf(model.data["text/plain"]);
    image.src = `data:image/svg+xml,${encodeURIComponent(textOf(model.data["image/svg+xml"]))}`;
    this.node.replaceChildren(image);
  }
}

const textOf = (text: unknown): string => (Array.isArray(text) ? text.join("") : String(text ?? ""));
