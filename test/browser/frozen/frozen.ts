/** Widgets on a page without any kernel: every control is operated, and either it is locked or what is seen follows it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Browser, ElementHandle, Page } from "playwright-core";
import { likeness, sampled } from "../alike.js";
import { type Notebook, WAIT } from "../lab.js";
import { ROOT } from "../server.js";

/** Widgets by name, and the states of all models as `HTMLManager` takes them. */
export interface StoredWidgets {
  views: Record<string, string>;
  state: object;
}

/** In JupyterLab's page: what the kernel says of all its widgets, and which of them each of these cells shows. */
async function readStates(cells: Record<string, number>): Promise<StoredWidgets> {
  type Message = {
    content: { data: { states: Record<string, { state: object; buffers?: object[] }>; buffer_paths: string[][] } };
    buffers: (ArrayBuffer | ArrayBufferView)[];
  };
  interface Comm {
    open(data: object, metadata: object): unknown;
    send(data: object): unknown;
    onMsg(message: Message): void;
  }
  interface Outputs {
    length: number;
    get(index: number): { data: Record<string, { model_id: string } | undefined> };
  }
  const { currentWidget } = (
    window as never as {
      jupyterapp: {
        shell: {
          currentWidget: {
            sessionContext: { session: { kernel: { createComm(target: string): Comm } } };
            content: { model: { cells: { get(index: number): { outputs: Outputs } } } };
          };
        };
      };
    }
  ).jupyterapp.shell;
  const comm = currentWidget.sessionContext.session.kernel.createComm("jupyter.widget.control");
  const { content, buffers } = await new Promise<Message>((resolve) => {
    comm.onMsg = resolve;
    comm.open({}, { version: "1.0.0" });
    comm.send({ method: "request_states" });
  });
  const { states, buffer_paths: paths } = content.data;
  for (const state of Object.values(states)) state.buffers = [];
  for (const [at, [id, , ...path]] of paths.entries()) {
    const given = buffers[at]!;
    const bytes =
      given instanceof ArrayBuffer
        ? new Uint8Array(given)
        : new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
    let text = "";
    for (let from = 0; from < bytes.length; from += 8192)
      text += String.fromCharCode(...bytes.subarray(from, from + 8192));
    states[id!]!.buffers!.push({ path, encoding: "base64", data: btoa(text) });
  }
  const views = Object.entries(cells).map(([name, cell]) => {
    const { outputs } = currentWidget.content.model.cells.get(cell);
    for (let at = 0; at < outputs.length; at++) {
      const view = outputs.get(at).data["application/vnd.jupyter.widget-view+json"];
      if (view !== undefined) return [name, view.model_id];
    }
    throw new Error(`cell ${cell} shows no widget`);
  });
  return { views: Object.fromEntries(views), state: { version_major: 2, version_minor: 0, state: states } };
}

/** What a notebook's kernel says of the widgets that these cells show. */
export const storedWidgets = (notebook: Notebook, cells: Record<string, number>): Promise<StoredWidgets> =>
  notebook.page.evaluate(readStates, cells);

/** What ipywidgets 7's notebooks would need is asked for late, and never here. */
const unused: Plugin = {
  name: "unused",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@jupyter-widgets\/(base|controls)7$/ }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {}" }));
  },
};

/** A page without network that shows these widgets. */
export async function frozenPage(browser: Browser, stored: StoredWidgets): Promise<Page> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "build", "test", "browser", "frozen", "page.js")],
    bundle: true,
    format: "iife",
    write: false,
    outdir: "out",
    define: { global: "globalThis" },
    loader: Object.fromEntries([".svg", ".woff", ".woff2", ".ttf", ".eot"].map((name) => [name, "dataurl" as const])),
    plugins: [unused],
    logLevel: "error",
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  const page = await browser.newPage({ viewport: { width: 1100, height: 1400 } });
  page.setDefaultTimeout(WAIT);
  await page.goto(pathToFileURL(join(ROOT, "package.json")).href);
  await page.setContent("<!doctype html><html lang=en><body></body></html>");
  await page.addStyleTag({ content: text(".css") });
  await page.addScriptTag({ content: text(".js") });
  await page.evaluate(
    (given) => (window as never as { show(stored: object): Promise<void> }).show(given),
    stored as object,
  );
  return page;
}

interface Model {
  model_id: string;
  attributes: Record<string, unknown>;
  isViewed?(trait: string): boolean;
  set(traits: object): void;
}

/** What every model says that is the kernel's, as one text; arrays by their length. */
const settings = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { models } = window as never as { models: Model[] };
    return JSON.stringify(
      models.map((model) => [
        model.model_id,
        Object.entries(model.attributes).filter(([name]) => model.isViewed?.(name) !== true),
      ]),
      (_, value: unknown) => {
        if (typeof (value as Model | null)?.model_id === "string") return (value as Model).model_id;
        return ArrayBuffer.isView(value) ? value.byteLength : value;
      },
    );
  });

/** Everything that one sees of a widget: its text, the values of its controls, and the pixels of its canvases. */
const seen = (page: Page, name: string): Promise<string> =>
  page.evaluate((id) => {
    const hash = (text: string) => {
      let sum = 0;
      for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
      return sum;
    };
    const root = document.getElementById(id)!;
    const read = (element: Element) => {
      const { value, checked } = element as HTMLInputElement;
      const drawn = element instanceof HTMLCanvasElement ? hash(element.toDataURL()) : "";
      const style = element.checkVisibility() ? (element.getAttribute("style") ?? "") : "";
      const said = [
        "aria-pressed",
        "aria-selected",
        "aria-valuenow",
        "aria-expanded",
        "hidden",
        "open",
        "class",
        "d",
      ].map((one) => element.getAttribute(one));
      return [value, checked, drawn, style, ...said];
    };
    return JSON.stringify([root.textContent, [...root.querySelectorAll("*")].map(read)]);
  }, name);

/** Until what was asked of the page is drawn. */
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

interface Control {
  handle: ElementHandle<HTMLElement>;
  words: string;
  locked: boolean;
  /** Why, as screen readers say it. */
  reason: string;
  kind: string;
  /** What it has in common with others of its widget: rows of a table, cards of a gallery. */
  alike: string;
}

async function controlsOf(page: Page, name: string): Promise<Control[]> {
  // A group that takes the focus does so to be scrolled, and is no control.
  const handles = (await page
    .locator(`#${name}`)
    .locator("button, input, select, textarea, summary, [tabindex='0']:not([role='group']), [role='option']")
    .elementHandles()) as ElementHandle<HTMLElement>[];
  const all = await Promise.all(
    handles.map(async (handle) => ({
      handle,
      ...(await handle.evaluate((element) => ({
        shown: element.checkVisibility({ visibilityProperty: true }),
        words: element.outerHTML.slice(0, 140),
        locked: element.closest("[data-locked]") !== null,
        reason: element.closest("[data-locked]")?.getAttribute("aria-description") ?? "",
        kind: element instanceof HTMLInputElement ? element.type : element.localName,
      }))),
      alike: await handle.evaluate(likeness),
    })),
  );
  return all.filter(({ shown }) => shown);
}

/** By one of these an unlocked control does something; a locked one by none. */
const KEYS = ["ArrowRight", "Enter", " ", "ArrowUp", "End"];
/** Sliders of other packages look at no modifier. */
const WITH_MODIFIERS = ["Control+ArrowRight", "Control+Enter"];

const focus = (handle: ElementHandle<HTMLElement>): Promise<boolean> =>
  handle.evaluate((element) => {
    element.focus();
    return document.activeElement === element;
  });

/** What can be done with a control, one after the other. */
function actions(page: Page, { handle, kind, locked }: Control): (() => Promise<unknown>)[] {
  if (kind === "select") {
    const other = () =>
      handle.evaluate((element) => {
        const select = element as unknown as HTMLSelectElement;
        if (select.disabled) return;
        select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      });
    return [other];
  }
  const press = async () => {
    const box = await handle.boundingBox();
    if (box === null) return;
    const [x, y] = [box.x + box.width * 0.7, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    if (kind !== "button") await page.mouse.move(x + 9, y + 6);
    await page.mouse.up();
  };
  const keys = locked ? [...KEYS, ...WITH_MODIFIERS] : KEYS;
  return [press, ...keys.map((key) => async () => (await focus(handle)) && page.keyboard.press(key))];
}

/** Whether it can do something in any page: it is there, not at rest, not what is chosen already, and no part of a drawing. */
const isReady = (element: HTMLElement): boolean =>
  element.isConnected &&
  element.checkVisibility() &&
  !element.matches(
    ":disabled, [aria-disabled='true'], [role='option'], .limpid-tile[aria-expanded='true'], [aria-sort] *, table [aria-pressed='true']",
  );

/** Takes pointer and focus away, so that only what stays is seen. */
async function leave(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await drawn(page);
}

/** Long texts that should be equal: says where they begin to differ. */
function same(now: string, before: string, words: string): void {
  let at = 0;
  while (at < now.length && now[at] === before[at]) at++;
  if (now !== before) assert.fail(`${words}: ${before.slice(at - 60, at + 60)} became ${now.slice(at - 60, at + 60)}`);
}

/** How things are seen in all widgets of the page, to be taken back to. */
const looks = (page: Page, kept?: unknown): Promise<unknown> =>
  page.evaluate((given) => {
    const { models } = window as never as { models: Model[] };
    if (Array.isArray(given)) {
      for (const [at, model] of models.entries()) model.set(given[at]);
      return given;
    }
    return models.map((model) =>
      Object.fromEntries(Object.entries(model.attributes).filter(([name]) => model.isViewed?.(name) === true)),
    );
  }, kept);

/** What was found of one widget. */
export interface Operated {
  locked: number;
  alive: number;
}

/**
 * Operates every control of a widget: no setting of the kernel moves, and what is not locked is seen to do something.
 *
 * @param beside parts that another widget has, too, and was tried with
 */
export async function operateAll(page: Page, name: string, beside = ":not(*)"): Promise<Operated> {
  await page.locator(`#${name}`).scrollIntoViewIfNeeded();
  await leave(page);
  const [kernels, before] = [await settings(page), await seen(page, name)];
  const controls = await controlsOf(page, name);
  const locked = controls.filter((control) => control.locked);
  for (const { words, reason } of locked) {
    assert.match(reason, /needs the kernel/, `${name}: ${words} says why it is locked`);
  }
  for (const control of sampled(locked)) for (const act of actions(page, control)) await act();
  await leave(page);
  same(await seen(page, name), before, `${name}: something moved that is locked`);
  assert.equal(await settings(page), kernels, `${name}: a locked control changed what only a kernel answers`);

  const kept = await looks(page);
  let alive = 0;
  for (const control of sampled(controls.filter((one) => !one.locked))) {
    const { words, handle } = control;
    if (await handle.evaluate((element, parts) => element.matches(parts), beside)) continue;
    await looks(page, kept);
    // What another control has drawn anew is another element.
    if (!(await handle.evaluate(isReady))) continue;
    await handle.scrollIntoViewIfNeeded();
    await leave(page);
    // There is only something to go back to from a picture that was zoomed into.
    if (words.includes("Show the whole")) {
      await handle.evaluate((element) => (element.parentElement!.firstElementChild as HTMLElement).click());
      await drawn(page);
    }
    const was = await seen(page, name);
    let moved = false;
    for (const act of actions(page, control)) {
      await act();
      await drawn(page);
      moved = (await seen(page, name)) !== was;
      if (moved) break;
    }
    assert.equal(await settings(page), kernels, `${name}: ${words} changed what only a kernel answers`);
    assert.ok(moved, `${name}: ${words} is not locked, and nothing is seen to change`);
    alive++;
  }
  return { locked: locked.length, alive };
}
