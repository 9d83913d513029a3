import type { Renew, Showing } from "../../../comms/host.js";
import { pictureFile } from "../../pictures/drawing/rasterize.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { pictureOrWords } from "../../pictures/drawing/words-picture.js";

/** What is drawn into the file: a widget, seen from here. */
export interface Pictured {
  readonly closed: boolean;
  staticPicture(): StaticPicture | null;
  /** The widgets that its picture also shows. */
  pictured(): Iterable<Pictured>;
  /** When there is something to see that is worth a picture. */
  pictureReady(): Promise<unknown> | undefined;
}

/** Milliseconds without a change until the file gets a new picture, and the longest time between two while changes go on. */
const QUIET = 1000;
const LONGEST = 10_000;
/** A picture that takes long to draw comes more seldom: both times are at least so many times what the last one took. */
const [QUIET_TIMES, LONGEST_TIMES] = [3, 20];
/** Milliseconds that a first picture is waited for: a slow explanation must not keep the next cell. */
const PATIENCE = 10_000;

/** A widget on display in a notebook, whose picture in the file follows it. */
class StoredForms implements Showing {
  readonly stored: Promise<void>;
  readonly #root: Pictured;
  readonly #renew: Renew;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the oldest change happened that the file does not have. */
  #since: number | undefined;
  /** Milliseconds that the last picture took. */
  #took = 0;
  /** The drawing and its words that the file has. */
  #last = "";

  constructor(root: Pictured, renew: Renew) {
    this.#root = root;
    this.#renew = renew;
    this.stored = this.#begin();
  }

  end(): void {
    clearTimeout(this.#timer);
    showings.delete(this);
  }

  /** Hears that a widget has changed. */
  changed(widget: Pictured): void {
    if (!shows(this.#root, widget)) return;
    const now = Date.now();
    this.#since ??= now;
    clearTimeout(this.#timer);
    const [quiet, longest] = [Math.max(QUIET, QUIET_TIMES * this.#took), Math.max(LONGEST, LONGEST_TIMES * this.#took)];
    const wait = Math.max(0, Math.min(quiet, this.#since + longest - now));
    this.#timer = setTimeout(() => void this.#write(), wait);
    // A picture keeps no process alive.
    this.#timer.unref?.();
  }

  async #begin(): Promise<void> {
    let late: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      late = setTimeout(resolve, PATIENCE);
      late.unref?.();
    });
    await Promise.race([readyOf(this.#root).catch(() => {}), patience]);
    clearTimeout(late);
    await this.#write();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#since = undefined;
    if (this.#root.closed) {
      this.end();
      return;
    }
    const begin = performance.now();
    try {
      const [picture, words] = [pictureOrWords(this.#root), String(this.#root)];
      if (picture.width === 0) return;
      const now = `${words}\n${picture.svg}`;
      if (now === this.#last) return;
      this.#last = now;
      const { data, metadata } = await pictureFile(picture, words);
      this.#took = performance.now() - begin;
      // A newer one is on its way.
      if (now === this.#last && !this.#root.closed) this.#renew({ ...data, "text/plain": words }, metadata);
    } catch (error) {
      // The widget is alive all the same; only the file goes without.
      console.error(error);
    }
  }
}

const showings = new Set<StoredForms>();

/** Keeps the picture that a notebook's file has of a widget as the widget is. */
export function storeForms(root: Pictured, renew: Renew): Showing {
  const showing = new StoredForms(root, renew);
  showings.add(showing);
  return showing;
}

/** Tells the pictures that show this widget that it has changed. */
export function pictureChanged(widget: Pictured): void {
  for (const showing of showings) showing.changed(widget);
}

function shows(root: Pictured, widget: Pictured): boolean {
  if (root === widget) return true;
  for (const part of root.pictured()) if (shows(part, widget)) return true;
  return false;
}

async function readyOf(root: Pictured): Promise<void> {
  await root.pictureReady();
  await Promise.all([...root.pictured()].map(readyOf));
}
