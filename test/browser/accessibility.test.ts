/** Every widget in every state can be read and used by all: axe finds nothing serious, motion stops when asked, nothing is cut at 200 %. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { long, share } from "../every.js";
import { frozenPage, operateAll, storedWidgets } from "./frozen/frozen.js";
import { type Lab, type Notebook, ROOT, startLab } from "./lab.js";
import { opening, others, shown } from "./widget-states.js";

const further = Object.entries(others).filter(([, source]) => source !== "");
const states: Record<string, string> = { ...shown, ...Object.fromEntries(share(further, 3)) };
const names = Object.keys(states);

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("all.ipynb", [opening, ...Object.values(states)]);
  notebook = await lab.open("all.ipynb", { width: 1100, height: 1200 });
  await notebook.runAll();
  await notebook.page.addScriptTag({ content: await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8") });
  // To axe all is hidden that lies in a box without height, as the body is, or beyond one that hides what overflows.
  await notebook.page.addStyleTag({ content: "body, .jp-LabShell { overflow: clip !important; }" });
  for (const name of names) await widgetOf(name).waitFor();
  await widgetOf("explorer").and(notebook.page.locator("[aria-busy='false']")).waitFor();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widgetOf = (name: string) =>
  notebook
    .output(names.indexOf(name) + 1)
    .locator(".limpid-widget, .limpid-module-widget, .widget-vbox")
    .first();

/** What is wrong with each of these widgets as they stand, by rule, with the elements: axe looks at the whole page once, which takes as long for one. */
async function violations(widgets: readonly Locator[], theme: "light" | "dark"): Promise<string[][]> {
  const roots = await Promise.all(widgets.map(async (widget) => (await widget.elementHandle())!));
  return roots[0]!.evaluate(
    async (_, { roots, theme }) => {
      const { axe } = window as never as { axe: { run(context: object, options: object): Promise<AxeResults> } };
      // Whether the page has landmarks and one main heading is the application's matter.
      const rules = { region: { enabled: false }, "page-has-heading-one": { enabled: false } };
      // In the other theme only colors are others.
      const only = theme === "dark" && { runOnly: { type: "rule", values: ["color-contrast"] } };
      const options = { resultTypes: ["violations"], elementRef: true, ...(only || { rules }) };
      // Of a text of many lines, each letter of which is a place, the first ones.
      const exclude = [".limpid-cell-line:nth-child(n + 4)"];
      const { violations: all } = await axe.run({ include: roots, exclude }, options);
      const found = roots.map((): string[] => []);
      for (const { id, impact, nodes } of all) {
        for (const { element, html, failureSummary, any } of nodes) {
          // What has to be unique has to be so in a widget.
          const alike = id.endsWith("-unique") ? any.flatMap(({ relatedNodes = [] }) => relatedNodes) : undefined;
          const group = [element!, ...(alike ?? []).flatMap((node) => (node as { element?: Element }).element ?? [])];
          for (const [at, root] of roots.entries()) {
            const own = group.filter((one) => root.contains(one));
            if (own.length < (alike ? 2 : 1)) continue;
            // The handles of ipywidgets' sliders have no name.
            if (id === "aria-input-field-name" && root.classList.contains("widget-vbox")) continue;
            // What is at rest need not be read: of a row the name and the value, too.
            if (
              id === "color-contrast" &&
              own[0]!.closest(".limpid-row, .limpid-look, .limpid-measure")?.querySelector(":disabled")
            )
              continue;
            found[at]!.push(`${impact} ${id}: ${html.slice(0, 160)} ${failureSummary?.split("\n").at(-1)}`);
          }
        }
      }
      return found;
    },
    { roots, theme },
  );
}

/** What opens in the explorer: each of it with a name. */
const opened: [name: string, act: (explorer: Locator) => Promise<unknown>][] = [
  ["its search, with names", (explorer) => explorer.getByLabel("Any class").fill("cat")],
  [
    "its search, without any",
    async (explorer) => {
      await explorer.getByLabel("Any class").fill("xyzzy");
      await explorer.getByLabel("Any class").press("Enter");
    },
  ],
  [
    "its menu",
    async (explorer) => {
      await explorer.getByLabel("Any class").press("Escape");
      await explorer.getByRole("button", { name: "Save as" }).click();
    },
  ],
  [
    "a layer",
    async (explorer) => {
      await explorer.getByRole("menu").press("Escape");
      await explorer.getByLabel("Layer", { exact: true }).selectOption({ index: 5 });
      await explorer.locator(".limpid-tile").first().waitFor();
    },
  ],
  [
    "the crop",
    async (explorer) => {
      await explorer.getByRole("button", { name: "Crop…" }).click();
      await explorer.locator(".limpid-crop-photo[src]").waitFor();
    },
  ],
  [
    "a method's form, unfolded, and a wrong value",
    async (explorer) => {
      await explorer.getByRole("button", { name: "Cancel" }).click();
      await explorer.getByLabel("Layer", { exact: true }).selectOption("");
      await explorer.getByLabel("Method").selectOption("occlusion");
      await explorer.getByLabel("Window", { exact: true }).fill("0");
      await explorer.getByLabel("Window", { exact: true }).press("Enter");
    },
  ],
];

for (const theme of ["light", "dark"] as const) {
  describe(`axe finds nothing, ${theme}`, () => {
    let found: string[][];
    const looked = theme === "light" ? share(names, 2) : share(names, 4, 1);
    before(async () => {
      await notebook.theme(theme);
      found = await violations(looked.map(widgetOf), theme);
    });

    for (const [at, name] of looked.entries()) {
      test(name, () => assert.deepEqual(found[at], []));
    }
    test("and it does see what is wrong, wherever it stands", async () => {
      const [first, last] = [widgetOf("heatmap"), widgetOf(names.at(-1)!)];
      const undo = await last.evaluateHandle((widget) => {
        const [words, section] = [document.createElement("p"), document.createElement("section")];
        words.textContent = "hardly read";
        words.style.cssText = "color: #777; background: #888";
        section.setAttribute("aria-label", "twice");
        const added = [words, section, section.cloneNode() as Element];
        widget.append(...added);
        return () => {
          for (const one of added) one.remove();
        };
      });
      const [none, some] = await violations([first, last], theme);
      await undo.evaluate((remove) => remove());
      assert.deepEqual(none, []);
      assert.match(some!.join("\n"), theme === "dark" ? /color-contrast/ : /color-contrast[\s\S]*landmark-unique/);
    });
    for (const [name, act] of opened) {
      test(`the explorer with ${name}`, theme === "dark" ? long : {}, async () => {
        const explorer = widgetOf("explorer");
        await act(explorer);
        assert.deepEqual(await violations([explorer], theme), [[]]);
      });
    }
  });
}

/** Other words for acts that have one: Clear, Close, Discard, Run again, Reset, Stop. */
const SYNONYMS = /^(start anew|begin anew|restart|delete|remove|dismiss|abort|halt|rerun|retry|erase|hide|quit)$/i;

test("labels of buttons, choices and sliders begin with a capital, and one act has one word", async () => {
  const labels = new Map<string, string>();
  for (const name of names) {
    const found = await widgetOf(name).evaluate((widget) => {
      const own = ".limpid-button, .limpid-segments span, .limpid-menu > button, .limpid-label, .limpid-row > label";
      const told = [...widget.querySelectorAll(own)].map(({ textContent }) => textContent ?? "");
      // An entry that begins with its value names a layer or a class; a trained network is called as its owner calls it.
      const entries = [...widget.querySelectorAll<HTMLOptionElement>(".limpid-select option")].filter(
        ({ value, text }) => (value === "" || !text.startsWith(value)) && value !== "trained",
      );
      return [...told, ...entries.map(({ text }) => text)].map((text) => text.replace(/^[^\p{L}]+/u, "").trim());
    });
    for (const label of found) labels.set(label, name);
  }
  assert.ok(labels.size > 60, `only ${labels.size} labels were found`);
  // "log p" is a formula.
  const wrong = [...labels].filter(([label]) => (/^[a-z]{2}/.test(label) && label !== "log p") || SYNONYMS.test(label));
  assert.deepEqual(wrong, []);
});

describe("for those who see little, or keyboards alone", () => {
  // A window of 1280 pixels, enlarged to 200 %.
  before(() => notebook.page.setViewportSize({ width: 640, height: 1200 }));

  for (const name of names) {
    test(`${name}: nothing is cut or overlaps at 200 %`, async () => {
      const widget = widgetOf(name);
      await widget.scrollIntoViewIfNeeded();
      assert.deepEqual(await widget.evaluate(collisions), []);
    });
  }

  test("each control that the Tab key comes to shows that it has the focus", async () => {
    for (const name of [...share(Object.keys(shown), 3), ...names.slice(Object.keys(shown).length)]) {
      const widget = widgetOf(name);
      if ((await widget.getAttribute("class"))?.includes("widget-vbox")) continue;
      await widget.evaluate((root) => (root as HTMLElement).focus());
      await notebook.page.keyboard.press("Tab");
      const controls = await widget
        .locator("button:not(:disabled):not([tabindex='-1']):visible, select:visible")
        .count();
      let visited = 0;
      if (name in shown) {
        // The key itself, to where it comes out again.
        for (let last = ""; ; visited++) {
          const { told, place } = await widget.evaluate(focused);
          assert.deepEqual(
            told.filter(({ outlined }) => !outlined),
            [],
            name,
          );
          if (told.length === 0 || place === last) break;
          last = place;
          await notebook.page.keyboard.press("Tab");
        }
      } else {
        // A focus that a script moves looks as that of the key that was pressed last.
        const { told } = await widget.evaluate(focused, true);
        assert.deepEqual(
          told.filter(({ outlined }) => !outlined),
          [],
          name,
        );
        visited = told.length;
      }
      if (controls > 1) assert.ok(visited > 1, `${name}: ${visited} of ${controls}`);
    }
  });

  test("whoever asks for less motion sees none", async () => {
    const moving = () =>
      notebook.page.evaluate(() =>
        [...document.querySelectorAll(".limpid-widget, .limpid-widget *")].flatMap((element) =>
          [null, "::before", "::after"].flatMap((pseudo) => {
            const { animationName, transitionDuration } = getComputedStyle(element, pseudo);
            const still = animationName === "none" && /^(0s(, )?)*$/.test(transitionDuration);
            return still ? [] : [element.className];
          }),
        ),
      );
    assert.notDeepEqual(await moving(), [], "something moves for everybody else");
    await notebook.page.emulateMedia({ reducedMotion: "reduce" });
    assert.deepEqual(await moving(), []);
    await notebook.page.emulateMedia({ reducedMotion: null });
  });
});

describe("on a page without a kernel", () => {
  /** The controls of a picture, which many widgets have: tried with the heatmap. */
  const ofPictures = ":is(.limpid-looks, .limpid-picture, .limpid-color-bar, .limpid-grid-controls) *";
  let page: Page;
  before(async () => {
    const cells = Object.keys(shown).map((name) => [name, names.indexOf(name) + 1]);
    page = await frozenPage(lab.browser, await storedWidgets(notebook, Object.fromEntries(cells)));
  });
  after(() => page?.close());

  for (const name of share(Object.keys(shown), 3, 1)) {
    test(`${name}: what needs the kernel is locked and says so, and the rest does what it says`, async () => {
      const { locked, alive } = await operateAll(page, name, name === "heatmap" ? undefined : ofPictures);
      // A chart and an answered question have nothing to operate.
      assert.ok(locked + alive > 0 || name === "plot" || name === "choice", `${locked} locked, ${alive} alive`);
    });
  }

  test("axe finds nothing", async () => {
    await page.addScriptTag({ content: await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8") });
    const stored = Object.keys(shown).map((name) =>
      page.locator(`#${name}`).locator(".limpid-widget, .limpid-module-widget, .widget-vbox").first(),
    );
    const found = await violations(stored, "light");
    // This page has no theme of its own.
    assert.deepEqual(
      found.flatMap((all, at) =>
        all.filter((one) => !one.includes("color-contrast")).map((one) => [Object.keys(shown)[at], one]),
      ),
      [],
    );
  });
});

/** What of a widget has the focus, or with `each` what can have it by the Tab key, one after the other, and whether one sees that. Runs in the page. */
function focused(root: Element, each = false) {
  const all = each ? root.querySelectorAll<HTMLElement>("a[href], button, input, select, summary, [tabindex='0']") : [];
  const reached = each
    ? [...all].filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }))
    : [document.activeElement as HTMLElement].filter((one) => one !== root && root.contains(one));
  const told = reached.flatMap((element) => {
    if (each) element.focus();
    // What is disabled takes none.
    if (document.activeElement !== element) return [];
    const seen = [element, element.closest(".limpid-segments"), element.closest(".limpid-check")];
    const outlined = seen.some((part) => part && getComputedStyle(part).outlineStyle !== "none");
    return [{ outlined, html: element.outerHTML.slice(0, 120) }];
  });
  const place = String([...root.querySelectorAll("*")].indexOf(document.activeElement!));
  return { told, place };
}

/** Words and controls of a widget that are cut off, stand out of it, or lie over each other. Runs in the page. */
function collisions(root: Element): string[] {
  const whole = root.getBoundingClientRect();
  const parts = [
    ...root.querySelectorAll<HTMLElement>(
      "button, input, select, output, label, h4, p, li, .limpid-title, .limpid-books, canvas",
    ),
  ];
  const seen = parts.filter((part) => {
    const { width, height } = part.getBoundingClientRect();
    return (
      width > 2 &&
      height > 2 &&
      getComputedStyle(part).visibility === "visible" &&
      part.checkVisibility({ opacityProperty: true })
    );
  });
  const about = (part: Element) => `${part.localName}.${part.className} “${part.textContent?.slice(0, 40)}”`;
  const found: string[] = [];
  const cell = root.closest(".jp-OutputArea-output")?.getBoundingClientRect();
  if (cell && (whole.left < cell.left || whole.right > cell.right)) {
    found.push(`wider than its cell: ${whole.left} to ${whole.right} in ${cell.left} to ${cell.right}`);
  }
  for (const part of seen) {
    const { left, right } = part.getBoundingClientRect();
    if (left < whole.left - 1 || right > whole.right + 1) found.push(`outside: ${about(part)}`);
    const { overflow, textOverflow } = getComputedStyle(part);
    const isCut =
      part.scrollWidth > part.clientWidth + 1 &&
      part.clientWidth > 0 &&
      overflow !== "visible" &&
      textOverflow !== "ellipsis";
    if (isCut && !(part instanceof HTMLInputElement)) found.push(`cut: ${about(part)}`);
  }
  const leaves = seen.filter((part) => !seen.some((other) => other !== part && part.contains(other)));
  // What of a part is not scrolled away within the widget.
  const shownOf = (part: Element) => {
    let { left, right, top, bottom } = part.getBoundingClientRect();
    for (let box = part.parentElement; box !== null && root.contains(box); box = box.parentElement) {
      if (getComputedStyle(box).overflow === "visible") continue;
      const frame = box.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return { left, right, top, bottom };
  };
  leaves.forEach((a, place) => {
    const one = shownOf(a);
    for (const b of leaves.slice(place + 1)) {
      // The tools and the progress lie on the picture on purpose.
      if (a.localName === "canvas" || b.localName === "canvas") continue;
      const other = shownOf(b);
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (width > 2 && height > 2) found.push(`overlap: ${about(a)} and ${about(b)}`);
    }
  });
  return found;
}
