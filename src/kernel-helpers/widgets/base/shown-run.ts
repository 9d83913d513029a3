import { AbortedError } from "../../../explainers/progress.js";
import { isInterrupted } from "./interrupted.js";

/** A widget that shows how far its one long run is, and how it ended. */
interface Runner {
  readonly closed: boolean;
  readonly progress: number | null;
  set(state: { running?: boolean; progress?: number | null; stopped?: number | null; error?: string }): void;
  stop(): void;
}

/** Does what takes long: the widget shows the share that is done from `start` on, where it was stopped, or why it failed; an interrupt stops it. */
export async function shownRun(
  widget: Runner,
  work: (onProgress: (progress: { done: number; total: number }) => void) => Promise<void>,
  start = 0,
): Promise<void> {
  widget.set({ running: true, progress: start, stopped: null, error: "" });
  try {
    await work(({ done, total }) => {
      if (isInterrupted()) widget.stop();
      if (!widget.closed) widget.set({ progress: done / total });
    });
  } catch (error) {
    if (widget.closed) return;
    widget.set(error instanceof AbortedError ? { stopped: widget.progress ?? 0 } : { error: (error as Error).message });
  } finally {
    if (!widget.closed) widget.set({ running: false, progress: null });
  }
}
