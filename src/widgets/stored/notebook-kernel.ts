import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { WIDGET_VIEW } from "../../comms/states/module.js";

/** A signal of JupyterLab. */
interface Signal<Arguments> {
  connect(slot: (sender: unknown, args: Arguments) => void): unknown;
}

/** What is used of a notebook's session; JupyterLab's session context has it. */
export interface Session {
  readonly ready: Promise<void>;
  readonly kernelChanged: Signal<unknown>;
  readonly statusChanged: Signal<string>;
}

/**
 * Milliseconds after the session is ready, until Jupyter's widgets have looked which models the kernel has.
 *
 * They say so too early where the session is ready before its kernel is reached: a view that is asked for then finds no model, and none asks again.
 */
const LOOKS = [0, 50, 250, 1000, 3000, 8000, 20_000];

const LOST = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** What outputs must know of their notebook's kernel: whether its models can be asked for, and whether theirs are gone. */
export class NotebookKernel {
  readonly #registry: IRenderMimeRegistry;
  /** How views are rendered before Jupyter's widgets know the kernel: they wait for it, and would wait forever in another output. */
  readonly #placeholder: unknown;
  readonly #watchers = new Map<object, (looks: boolean) => void>();
  /** How often kernels were lost, and how often at the time when a watcher came. */
  #losses = 0;
  readonly #lossesBefore = new WeakMap<object, number>();

  constructor(registry: IRenderMimeRegistry, session: Session) {
    this.#registry = registry;
    this.#placeholder = registry.getFactory(WIDGET_VIEW);
    const tell = (looks = false) => {
      for (const watcher of [...this.#watchers.values()]) watcher(looks);
    };
    const lose = () => {
      this.#losses += 1;
      tell();
    };
    session.kernelChanged.connect(lose);
    session.statusChanged.connect((_, status) => (LOST.has(status) ? lose() : tell()));
    void session.ready.then(() => {
      for (const wait of LOOKS) setTimeout(tell, wait, true);
    });
  }

  /** Whether Jupyter's widgets know the kernel and its models. */
  get hasModels(): boolean {
    const factory = this.#registry.getFactory(WIDGET_VIEW);
    return factory !== undefined && factory !== this.#placeholder;
  }

  /** Calls `change` when something here may have changed; with `looks` when a view that found no model may ask again. */
  watch(who: object, change: (looks: boolean) => void): void {
    this.#watchers.set(who, change);
    this.#lossesBefore.set(who, this.#losses);
  }

  /** Whether the kernel that was there when `who` began to watch is gone. */
  hasLost(who: object): boolean {
    return this.#losses > (this.#lossesBefore.get(who) ?? 0);
  }

  forget(who: object): void {
    this.#watchers.delete(who);
  }
}
