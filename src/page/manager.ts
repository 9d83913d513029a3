import { put_buffers, type WidgetModel } from "@jupyter-widgets/base";
import { HTMLManager } from "@jupyter-widgets/html-manager/lib/htmlmanager.js";
import type { MimeBundle } from "../comms/host.js";
import { MODULE } from "../comms/states/module.js";
import type { TableAxis } from "../reports/table.js";
import * as widgets from "../widgets/index.js";
import { lock } from "../widgets/parts/lock.js";
import { LOCKS_CHANGED, type LockingManager, TypedModel } from "../widgets/parts/model.js";
import { renderSafely, withSafeHtml } from "./safe-html.js";

/** A widget of a package that this page does not have. */
class UnknownWidgetError extends Error {
  override name = "UnknownWidgetError";
  constructor(module: string, version: string) {
    super(`Widgets of ${module} ${version} are not in this report: it shows those of ${MODULE} and Jupyter's own`);
  }
}

/** A model's state as the report's file has it, with its binary parts. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly module: string;
  readonly version: string;
  readonly state: Readonly<Record<string, unknown>>;
  readonly buffers: readonly { readonly path: readonly (string | number)[]; readonly bytes: Uint8Array }[];
}

/** Why a control is locked in a page that shows what was computed before. */
const WITHOUT_KERNEL = "This needs the kernel: here stands what was computed when the report was made";

/** The widget manager of a report's page: it loads nothing, and its models may live without a kernel. */
export class PageManager extends HTMLManager implements LockingManager {
  constructor() {
    super({ loader: loadModule });
    renderSafely(this.renderMime);
  }

  /** The class of a model or a view; those that show HTML show what is harmless of it. */
  protected override async loadClass(name: string, module: string, version: string) {
    return withSafeHtml(name, await super.loadClass(name, module, version));
  }

  /** Makes all models of a report; those refer to each other in any order. One that cannot be made becomes a model that says so. */
  async restore(models: readonly StoredModel[]): Promise<WidgetModel[]> {
    const made = models.map(({ id, name, module, version, state, buffers }) => {
      const whole = structuredClone(state) as Parameters<typeof put_buffers>[0];
      put_buffers(
        whole,
        buffers.map(({ path }) => [...path]),
        buffers.map(({ bytes }) => new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)),
      );
      const options = {
        model_id: id,
        model_name: name,
        model_module: module,
        model_module_version: version,
        view_module: null,
        view_module_version: "",
      };
      return this.new_model(options as unknown as Parameters<HTMLManager["new_model"]>[0], whole);
    });
    return Promise.all(made);
  }

  /** What answers from stored states: the settings of models that have them. */
  readonly #stored = new Map<WidgetModel, readonly Pick<TableAxis, "setting" | "label">[]>();

  /** Tabs and accordions of which the reader has opened a page. */
  readonly #opened = new WeakSet<WidgetModel>();

  /** From now on, these settings of a model are answered by stored states, and no others. */
  answer(model: WidgetModel, settings: readonly Pick<TableAxis, "setting" | "label">[]): void {
    this.#stored.set(model, settings);
    model.trigger(LOCKS_CHANGED);
  }

  lockOf(model: WidgetModel, traits: readonly string[] | null): string | null {
    const stored = this.#stored.get(model);
    if (stored === undefined) return model.comm_live ? null : WITHOUT_KERNEL;
    if (traits?.every((trait) => stored.some(({ setting }) => setting === trait))) return null;
    return `This needs the kernel: states were computed only for ${stored.map(({ label }) => label).join(", ")}`;
  }

  /** Limpid's own widgets lock themselves, and keep what only changes their view; Jupyter's controls are locked here. */
  override async create_view(...given: Parameters<HTMLManager["create_view"]>): ReturnType<HTMLManager["create_view"]> {
    const view = await super.create_view(...given);
    const { model } = view;
    const isBox = Array.isArray(model.get("children"));
    if (/^(Tab|Accordion)Model$/.test(String(model.get("_model_name"))))
      view.listenTo(model, "change:selected_index", () => {
        // Not what the kernel sends.
        if (!("selected_index" in (model["_state_lock"] ?? {}))) this.#opened.add(model);
      });
    if (model.get("_model_module") === MODULE || isBox) return view;
    const locked = lock(view.el, () =>
      this.lockOf(model, this.#stored.get(model)?.map(({ setting }) => setting) ?? null),
    );
    view.listenTo(model, `comm_live_update ${LOCKS_CHANGED}`, locked.refresh);
    const name = () => nameHandles(view.el, String(model.get("description") ?? ""));
    name();
    view.listenTo(model, "change:description change:orientation", name);
    view.once("remove", locked.dispose);
    return view;
  }

  /** Tells models that their kernel is gone. */
  async lock(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (this.has_model(id)) (await this.get_model(id)).comm_live = false;
  }

  /** Closes models and their views. */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) if (this.has_model(id)) await (await this.get_model(id)).close(true);
  }

  /** The model that a place shows: of what lives in it, or what was stored. */
  shownIn(place: HTMLElement): Promise<WidgetModel> {
    const shown = place.querySelector<HTMLElement>("[data-model]") ?? place;
    return this.get_model(shown.dataset["model"] ?? "");
  }

  /** What a reader has changed of how the view in `place` is seen holds for the model that comes there, too. */
  async carry(place: HTMLElement, successor: string): Promise<void> {
    const before = place.querySelector<HTMLElement>("[data-model]")?.dataset["model"] ?? successor;
    const [earlier, later] = await Promise.all([this.get_model(before), this.get_model(successor)]);
    if (earlier !== later) this.#succeed(earlier, later);
  }

  /** Hands on looks, answers and open pages; what stands in boxes finds its successor by its place among as many. */
  #succeed(earlier: WidgetModel, later: WidgetModel): void {
    if (earlier instanceof TypedModel && later instanceof TypedModel) later.succeed(earlier);
    if (this.#opened.has(earlier)) {
      this.#opened.add(later);
      later.set("selected_index", earlier.get("selected_index"));
      later.save_changes();
    }
    const [before, after] = [childrenOf(earlier), childrenOf(later)];
    if (before.length !== after.length) return;
    for (const [at, child] of before.entries()) this.#succeed(child, after[at]!);
  }

  /** Puts an output into `place` as the report shows it: HTML sanitized; what cannot be shown is named. */
  async render(bundle: MimeBundle, place: HTMLElement): Promise<void> {
    const type = this.renderMime.preferredMimeType(bundle as never, "any");
    const types = Object.keys(bundle);
    if (type === undefined) {
      const words = String(bundle["text/plain"] ?? "");
      place.textContent = words || `An output that cannot be shown here: ${types.join(", ") || "it is empty"}`;
      return;
    }
    const renderer = this.renderMime.createRenderer(type);
    await renderer.renderModel(this.renderMime.createModel({ data: bundle as never, trusted: true }));
    place.replaceChildren(renderer.node);
  }

  /** Puts a view of a model into `place`, in the place of what is there; returns what takes it away. */
  async show(id: string, place: HTMLElement): Promise<() => void> {
    const view = await this.create_view(await this.get_model(id));
    place.replaceChildren();
    await this.display_view(view as never, place);
    place.dataset["model"] = id;
    return () => view.remove();
  }
}

const childrenOf = (box: WidgetModel): WidgetModel[] => (box.get("children") as WidgetModel[] | undefined) ?? [];

/** Jupyter's sliders give the handle, which has the focus, no name. */
function nameHandles(slider: HTMLElement, description: string): void {
  const handles = [...slider.querySelectorAll("[role=slider]")];
  for (const [place, handle] of handles.entries()) {
    const end = handles.length > 1 ? (place === 0 ? "from" : "to") : "";
    handle.setAttribute("aria-label", [description || "Value", end].filter(Boolean).join(", "));
  }
}

async function loadModule(name: string, version: string): Promise<typeof widgets> {
  if (name === MODULE) return widgets;
  throw new UnknownWidgetError(name, version);
}
