import type { DOMWidgetModel } from "@jupyter-widgets/base";
import { moduleWidgetState } from "../../comms/states/module-widget.js";
import { modelOf } from "../parts/model.js";

// biome-ignore lint/suspicious/noExplicitAny: what events carry differs
type Handler = (...given: any[]) => void;

/** The model as a module of anywidget's format sees it. */
export interface ModuleModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, handler: Handler): void;
  off(event?: string | null, handler?: Handler | null): void;
  send(content: unknown, callbacks?: unknown, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  readonly widget_manager: unknown;
}

type Ending = undefined | (() => unknown);

/** What the module exports. */
export interface WidgetModule {
  initialize?(given: { model: ModuleModel }): Ending | Promise<Ending>;
  render?(given: { model: ModuleModel; el: HTMLElement }): Ending | Promise<Ending>;
}

/** The state of a widget whose module its author wrote, and that module. */
export class ModuleWidgetModel extends modelOf("ModuleWidget", moduleWidgetState) {
  private running: { esm: string; module: Promise<WidgetModule> } | undefined;
  private endings: (() => unknown)[] = [];

  /** The module as it is now, begun: its `initialize` has been called. */
  started(): Promise<WidgetModule> {
    const esm = this.trait("_esm");
    if (this.running?.esm !== esm) {
      this.end();
      this.running = { esm, module: this.begin(esm) };
    }
    return this.running.module;
  }

  /** The model as the module is given it; its listeners are its own and end with `end`. */
  given(): { model: ModuleModel; end(): void } {
    const model = this as unknown as DOMWidgetModel;
    let listening: { event: string; handler: Handler }[] = [];
    const off = (event?: string | null, handler?: Handler | null) => {
      listening = listening.filter((one) => {
        if ((event && event !== one.event) || (handler && handler !== one.handler)) return true;
        model.off(one.event, one.handler, undefined);
        return false;
      });
    };
    const shown: ModuleModel = {
      get: (name) => model.get(name) as unknown,
      set: (name, value) => void model.set(name, value),
      save_changes: () => model.save_changes(),
      on(event, handler) {
        listening.push({ event, handler });
        model.on(event, handler, undefined);
      },
      off,
      send: (content, callbacks, buffers) => {
        const [message, calls] = [content, callbacks] as [Parameters<typeof model.send>[0], object | undefined];
        model.send(message, calls ?? {}, buffers as ArrayBuffer[] | undefined);
      },
      widget_manager: model.widget_manager,
    };
    return { model: shown, end: () => off() };
  }

  override close(commClosed?: boolean): Promise<void> {
    this.end();
    return super.close(commClosed);
  }

  private async begin(esm: string): Promise<WidgetModule> {
    const module = await loaded(esm);
    const given = this.given();
    this.endings.push(given.end);
    const ending = await module.initialize?.({ model: given.model });
    if (ending) this.endings.push(ending);
    return module;
  }

  private end(): void {
    for (const ending of this.endings.splice(0)) ending();
  }
}

/** Runs the source of a module, as a file of its own would. */
async function loaded(esm: string): Promise<WidgetModule> {
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  try {
    const module = (await import(/* webpackIgnore: true */ url)) as { default?: unknown };
    const made: unknown = typeof module.default === "function" ? await module.default() : module.default;
    if (typeof (made as WidgetModule | undefined)?.render !== "function") {
      throw new TypeError("its default export has no function render({ model, el })");
    }
    return made as WidgetModule;
  } finally {
    URL.revokeObjectURL(url);
  }
}
