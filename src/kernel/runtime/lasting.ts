import { DISPLAY, type Host, type MimeBundle, SHOWN, shownFor, tellShown } from "../../comms/host.js";

/** Work that the running cell must not end before. */
export interface Held {
  hold(work: Promise<unknown>): void;
  /** What is held, and nothing any more. */
  take(): Promise<unknown>[];
}

export function held(): Held {
  let works: Promise<unknown>[] = [];
  return {
    hold: (work) => void works.push(work),
    take() {
      const taken = works;
      works = [];
      return taken;
    },
  };
}

/**
 * Displays a cell's last value if its stored forms are to follow it: a cell's result cannot be renewed, what is displayed can.
 * False for any other value.
 */
export async function showLasting(result: unknown, display: Host["display"], { hold }: Held): Promise<boolean> {
  const value = shownFor(result);
  if (value === null || typeof value !== "object" || !(SHOWN in value)) return false;
  const bundle = (await (value as { [DISPLAY]?: () => unknown })[DISPLAY]?.()) as MimeBundle | undefined;
  if (!bundle) return true;
  const displayId = crypto.randomUUID();
  display(bundle, { displayId });
  const showing = tellShown(value, (forms, metadata) =>
    display({ ...bundle, ...forms }, { metadata, displayId, update: true }),
  );
  if (showing) hold(showing.stored);
  return true;
}
