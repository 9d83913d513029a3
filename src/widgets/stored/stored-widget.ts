import type { IRenderMime, IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import { WIDGET_VIEW } from "../../comms/states/module.js";
import { element } from "../parts/dom.js";
import { type Lock, lock, NEEDS_KERNEL } from "../parts/lock.js";
import type { NotebookKernel } from "./notebook-kernel.js";
import { pictureType, storedPicture } from "./stored-picture.js";

/** The class that Jupyter's widgets put on a view whose model has lost its kernel. */
const DISCONNECTED = "jupyter-widgets-disconnected";

/** The class that Jupyter's renderer takes when there is no model to show, or no view of it. */
const FAILED = "jupyter-widgets";

/** Milliseconds that a model which may be on its way keeps the picture back: one that flashes is worse than none. */
const PATIENCE = 300;

/**
 * An output that is a widget: its view while the kernel has its model, else the picture of it in the file.
 *
 * `live`: the view. `locked`: the view of a kernel that is gone; it can be looked at in every way that asks none. `stored`: the picture. `waiting`: neither yet.
 */
type State = "waiting" | "live" | "locked" | "stored" | "closed";

const WORDS: { [Shown in State]?: string } = {
  locked:
    "The kernel that made this is gone: controls that need it are locked, those that only change what is seen still do. Run this cell to make it live.",
  stored: "This is the picture from the last run. Run this cell to make it live.",
};

/** Shows a widget live where there is a kernel that knows it, and otherwise what the file has of it. */
export class StoredWidget extends Panel implements IRenderMime.IRenderer {
  readonly #registry: IRenderMimeRegistry;
  readonly #kernel: NotebookKernel;
  readonly #note = element("p", { class: "limpid-stored-note", role: "note" });
  readonly #picture = element("div", { class: "limpid-stored-picture" });
  #model: IRenderMime.IMimeModel | undefined;
  /** Jupyter's own renderer of the view, once there is one that knows the kernel's models. */
  #view: (IRenderMime.IRenderer & { readonly widgets?: readonly Widget[] }) | undefined;
  readonly #changes = new MutationObserver(() => this.#show());
  /** Whether the view was seen with its kernel. */
  #lived = false;
  #patient = true;
  #lock: Lock | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(registry: IRenderMimeRegistry, kernel: NotebookKernel) {
    super();
    this.#registry = registry;
    this.#kernel = kernel;
    this.addClass("limpid-stored");
    this.addWidget(new Widget({ node: element("div", { class: "limpid-stored-file" }, this.#note, this.#picture) }));
    kernel.watch(this, (looks) => this.#connect(looks));
    this.#show();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#model = model;
    // The state may have been known before there was anything to draw.
    if (!this.#picture.hidden) this.#draw();
    this.#connect();
    this.#timer ??= setTimeout(() => {
      this.#patient = false;
      this.#show();
    }, PATIENCE);
    this.#show();
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    this.#changes.disconnect();
    this.#lock?.dispose();
    this.#kernel.forget(this);
    super.dispose();
  }

  /** Asks for the view, when that is possible for the first time, and again where no model was found. What nobody has vouched for gets none. */
  #connect(again = false): void {
    if (this.isDisposed) return;
    const model = this.#model;
    if (model?.trusted && WIDGET_VIEW in model.data && this.#kernel.hasModels) {
      if (this.#view === undefined) {
        this.#view = this.#registry.createRenderer(WIDGET_VIEW);
        this.#view.node.hidden = true;
        this.addWidget(this.#view);
        this.#changes.observe(this.#view.node, { childList: true });
        this.#ask(model);
      } else if (again && this.#view.hasClass(FAILED)) {
        this.#view.removeClass(FAILED);
        this.#ask(model);
      }
    }
    this.#show();
  }

  #ask(model: IRenderMime.IMimeModel): void {
    // It says itself what goes wrong, where it would have stood.
    void this.#view!.renderModel(model).catch(() => {});
  }

  get #isDrawn(): boolean {
    return this.#picture.hasChildNodes();
  }

  #draw(): void {
    this.#picture.replaceChildren(...(this.#model ? [storedPicture(this.#model)] : []));
  }

  get #state(): State {
    const shown = this.#view?.widgets?.[0];
    if (shown === undefined || shown.isDisposed) {
      // A view that was there and is not any more was closed by the kernel, unless that is gone itself.
      if (this.#lived && !this.#kernel.hasLost(this)) return "closed";
      return this.#patient && this.#kernel.hasModels ? "waiting" : "stored";
    }
    this.#changes.observe(shown.node, { attributeFilter: ["class"] });
    if (!shown.hasClass(DISCONNECTED)) return "live";
    // A view made of a state that was saved may be older than the picture; that has what was seen last.
    return this.#lived || !this.#model || pictureType(this.#model) === undefined ? "locked" : "stored";
  }

  #show(): void {
    const state = this.#state;
    if (this.node.dataset["state"] === state) return;
    this.node.dataset["state"] = state;
    if (state === "live") this.#lived = true;
    // The style sheet comes with the widgets' code, which nothing else may have asked for.
    if (state in WORDS) void import("limpid/widgets.css");
    this.#note.textContent = WORDS[state] ?? "";
    this.#note.hidden = !(state in WORDS);
    this.#picture.hidden = state !== "stored";
    // Beside a view that lives it would only be read twice, by screen readers too.
    if (this.#picture.hidden) this.#picture.replaceChildren();
    else if (!this.#isDrawn) this.#draw();
    if (!this.#view) return;
    this.#view.node.hidden = state !== "live" && state !== "locked";
    // Limpid's own widgets lock themselves, and keep what only changes their view; this is for Jupyter's controls around them.
    this.#lock ??= lock(this.#view.node, () => (this.node.dataset["state"] === "locked" ? NEEDS_KERNEL : null));
    this.#lock.refresh();
  }
}
