/** Every widget in every state can be read and used by all: axe finds nothing serious, motion stops when asked, nothing is cut at 200 %. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Locator } from "playwright-core";
import { type Lab, type Notebook, ROOT, startLab } from "./lab.js";
import { opening, others, shown } from "./widget-states.js";

const WAIT = 60_000;
const states = { ...shown, ...Object.fromEntries(Object.entries(others).filter(([, source]) => source !== "")) };
const names = Object.keys(states);

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("all.ipynb", [opening, ...Object.values(states)]);
  notebook = await lab.open("all.ipynb", { width: 1100, height: 1200 });
  await notebook.runAll();
  await notebook.page.addScriptTag({ content: await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8") });
  for (const name of names) await widgetOf(name).waitFor({ timeout: WAIT });
  await widgetOf("explorer").and(notebook.page.locator("[aria-busy='false']")).waitFor({ timeout: WAIT });
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widgetOf = (name: string) =>
  notebook
    .output(names.indexOf(name) + 1)
    .locator(".limpid-widget, .widget-vbox")
    .first();

/** What is wrong with a widget as it stands, by rule, with the elements. */
async function violations(widget: Locator): Promise<string[]> {
  await widget.scrollIntoViewIfNeeded();
  return widget.evaluate(async (element) => {
    const { axe } = window as never as { axe: { run(root: Element, options: object): Promise<AxeResults> } };
    // Whether the page has landmarks and one main heading is the application's matter.
    const rules = {
      region: { enabled: false },
      "page-has-heading-one": { enabled: false },
      // The handles of ipywidgets' sliders have no name.
      ...(element.classList.contains("widget-vbox") && { "aria-input-field-name": { enabled: false } }),
    };
    const found = await axe.run(element, { resultTypes: ["violations"], rules });
    return found.violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 160)} ${failureSummary?.split("\n").at(-1)}`,
      ),
    );
  });
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
      await explorer.locator(".limpid-tile").first().waitFor({ timeout: WAIT });
    },
  ],
  [
    "the crop",
    async (explorer) => {
      await explorer.getByRole("button", { name: "Crop…" }).click();
      await explorer.locator(".limpid-crop-photo[src]").waitFor({ timeout: WAIT });
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
    before(() => notebook.theme(theme));

    for (const name of names) {
      test(name, async () => assert.deepEqual(await violations(widgetOf(name)), []));
    }
    for (const [name, act] of opened) {
      test(`the explorer with ${name}`, async () => {
        const explorer = widgetOf("explorer");
        await act(explorer);
        assert.deepEqual(await violations(explorer), []);
      });
    }
  });
}

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
    for (const name of names) {
      const widget = widgetOf(name);
      if ((await widget.getAttribute("class"))?.includes("widget-vbox")) continue;
      await widget.evaluate((root) => (root as HTMLElement).focus());
      const visited = new Set<string>();
      for (;;) {
        await notebook.page.keyboard.press("Tab");
        const focused = await widget.evaluate((root) => {
          const element = document.activeElement as HTMLElement;
          if (!root.contains(element) || element === root) return null;
          const seen = [element, element.closest(".limpid-segments"), element.closest(".limpid-check")];
          const outlined = seen.some((part) => part && getComputedStyle(part).outlineStyle !== "none");
          element.dataset["visited"] ??= String(Math.random());
          return { id: element.dataset["visited"]!, outlined, html: element.outerHTML.slice(0, 120) };
        });
        if (focused === null || visited.has(focused.id)) break;
        visited.add(focused.id);
        assert.ok(focused.outlined, `${name}: ${focused.html}`);
      }
      const controls = await widget
        .locator("button:not(:disabled):not([tabindex='-1']):visible, select:visible")
        .count();
      if (controls > 1) assert.ok(visited.size > 1, `${name}: ${visited.size} of ${controls}`);
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
  leaves.forEach((a, place) => {
    const one = a.getBoundingClientRect();
    for (const b of leaves.slice(place + 1)) {
      // The tools and the progress lie on the picture on purpose.
      if (a.localName === "canvas" || b.localName === "canvas") continue;
      const other = b.getBoundingClientRect();
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (width > 2 && height > 2) found.push(`overlap: ${about(a)} and ${about(b)}`);
    }
  });
  return found;
}
