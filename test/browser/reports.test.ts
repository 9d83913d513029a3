/** What a report's page is to its readers: closed against hostile notebooks, accessible, in both themes, on paper and on a phone. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { AxeResults } from "axe-core";
import fc from "fast-check";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { makeReport } from "../../src/reports/report.js";
import { scratchFolder } from "../helpers/scratch.js";
import { hostileCells, hostileNotebook, RUN } from "../reports/hostile.js";
import { ROOT, startBrowser } from "./lab.js";
import { openReport } from "./report-page.js";

const folder = scratchFolder("reports");
let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
});

/** The report of a notebook's text as it was saved, in a page; and what the page asked for or said. */
async function opened(notebook: string, name: string, look: BrowserContextOptions = {}) {
  const file = join(folder, `${name}.ipynb`);
  await writeFile(file, notebook);
  const { file: report } = await makeReport(file, { execute: false });
  return openedFile(report, look);
}

const openedFile = (file: string, look: BrowserContextOptions = {}) =>
  openReport(browser, file, { viewport: { width: 1280, height: 900 }, ...look });

/** What hostile cells have done to a page: nothing, where it is as it should be. */
async function damage(page: Page, count: number): Promise<string[]> {
  return page.evaluate((expected) => {
    const found: string[] = [];
    if ("pwned" in globalThis) found.push("a script ran");
    const main = document.querySelector("main")!;
    if (document.querySelectorAll("main").length !== 1) found.push("there is more than one main part");
    for (let at = 0; at < expected; at += 1) {
      const after = [...document.querySelectorAll("main > section.prose")].filter(
        (section) => section.textContent?.trim() === `After hostile ${at}.`,
      );
      if (after.length !== 1) found.push(`the text after cell ${at} is not where it belongs`);
    }
    const cells = [...main.querySelectorAll(":scope > section")];
    const within = (selector: string) => cells.flatMap((cell) => [...cell.querySelectorAll(selector)]);
    const forbidden =
      "script, style, link, meta, base, iframe, frame, object, embed, form, input, button:not(.save button), textarea, select, svg, video, audio, template, title";
    for (const element of within(forbidden)) found.push(`<${element.localName}> in a cell`);
    for (const element of within("*:not(.unseen)")) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`${element.localName} has ${name}`);
        if (name === "id" && !value.startsWith("h-")) found.push(`${element.localName} is named ${value}`);
        if (name === "name") found.push(`${element.localName} has the name ${value}`);
      }
      if (element instanceof HTMLAnchorElement && element.hasAttribute("href")) {
        if (!["https:", "http:", "mailto:", "file:"].includes(element.protocol))
          found.push(`a link to ${element.href}`);
        if (element.protocol === "file:" && /^(file:|\/\/)/i.test(element.getAttribute("href")!))
          found.push("a link to a file");
      }
      if (element instanceof HTMLImageElement && !/^data:image\//.test(element.getAttribute("src") ?? ""))
        found.push(`a picture from ${element.getAttribute("src")}`);
      const { position, zIndex } = getComputedStyle(element);
      if (position === "fixed" || position === "absolute" || (position === "sticky" && zIndex !== "auto"))
        found.push(`${element.localName} floats`);
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    for (const id of new Set(ids))
      if (ids.filter((other) => other === id).length > 1 && !id.startsWith("h-")) found.push(`two are named ${id}`);
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
    // What the page reads of itself is as it was written.
    const manifest = JSON.parse(document.getElementById("limpid-manifest")!.textContent!) as { format: string };
    if (manifest.format !== "limpid-report-1") found.push("the manifest is another");
    return [...new Set(found)];
  }, count);
}

describe("hostile notebooks", () => {
  test(`none of ${hostileCells.length} hostile cells runs, loads, covers or leaves its place`, async () => {
    assert.ok(hostileCells.length >= 40);
    const { page, requests, errors, close } = await opened(hostileNotebook(hostileCells), "hostile");
    try {
      // Everything that could be clicked, hovered or focused into running.
      await page.evaluate(() => {
        document.addEventListener("click", (event) => event.preventDefault(), true);
        for (const element of document.querySelectorAll<HTMLElement>("main section *")) {
          element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
          element.focus?.();
          if (element instanceof HTMLAnchorElement) element.click();
        }
      });
      await page.waitForTimeout(300);
      assert.deepEqual(await damage(page, hostileCells.length), []);
      assert.deepEqual(requests.slice(1), [], "the page asked for something");
      assert.deepEqual(errors, []);
    } finally {
      await close();
    }
  });

  test("nothing of what widgets show as HTML runs, loads or covers, stored and live", async () => {
    const markup = `<img src=x onerror="${RUN}"><script>${RUN}</script><style>main { display: none }</style><meta http-equiv="refresh" content="0;url=https://example.invalid/"><link rel="preconnect" href="https://example.invalid"><form action="https://example.invalid"><input></form><div style="position:fixed;inset:0" onclick="${RUN}">x</div><b>harmless</b>`;
    const source = `import { HTML, Label, Output, Text, VBox } from "limpid";
const markup = ${JSON.stringify(markup)};
const out = new Output();
out.append({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": markup, "text/plain": "x" }) });
out.append({ [Symbol.for("Jupyter.display")]: () => ({ "image/svg+xml": ${JSON.stringify(`<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script></svg>`)}, "text/plain": "x" }) });
new VBox([new HTML({ value: markup, description: markup }), new Label({ value: markup }), new Text({ description: markup }), out])`;
    const file = join(folder, "widgets.ipynb");
    const cell = { cell_type: "code", metadata: {}, source, outputs: [], execution_count: null };
    await writeFile(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
    const { file: report } = await makeReport(file);
    const { page, requests, errors, close } = await openedFile(report);
    try {
      for (const phase of ["stored", "live"]) {
        await page.waitForFunction(
          (wanted) =>
            document.documentElement.dataset["limpid"] === wanted ||
            document.documentElement.dataset["limpid"] === "live",
          phase,
        );
        await page.locator(".widget-html b").waitFor();
        const found = await page.evaluate(() => [
          "pwned" in globalThis,
          document.querySelectorAll(
            "main script, main style, main meta, main link, main form, main [onerror], main [onclick]",
          ).length,
          [...document.querySelectorAll(".widget-html *, .widget-output *")].filter(
            (element) => getComputedStyle(element).position === "fixed",
          ).length,
        ]);
        assert.deepEqual(found, [false, 0, 0]);
      }
      // What Jupyter's text field holds is a control again.
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>(".widget-text input")?.disabled === false,
      );
      assert.deepEqual(requests.slice(1), []);
      assert.deepEqual(errors, []);
    } finally {
      await close();
    }
  });

  test("soups of markup neither run nor leave their place", async () => {
    const piece = fc.constantFrom(
      ...[
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&#60;",
        '"',
        "'",
        "`",
        "=",
        " ",
        "\n",
        "\u2028",
        "\0",
        "$",
        "$$",
        "\\",
        "*",
        "_",
        "[",
        "](",
        ")",
        "!",
        "#",
        "|",
        "\u001b[31m",
      ],
      ...[
        "div",
        "b",
        "i",
        "a",
        "p",
        "table",
        "tr",
        "td",
        "caption",
        "select",
        "option",
        "svg",
        "math",
        "mtext",
        "mglyph",
        "style",
        "script",
        "title",
        "textarea",
        "template",
        "noscript",
        "iframe",
        "form",
        "section",
        "main",
        "body",
        "html",
        "pre",
        "li",
        "button",
        "details",
        "summary",
        "plaintext",
        "xmp",
        "foreignObject",
        "annotation-xml",
        "desc",
      ].flatMap((tag) => [`<${tag}>`, `</${tag}>`]),
      ...[
        `<img src=x onerror=${RUN}>`,
        `<svg onload=${RUN}>`,
        `<a href="javascript:${RUN}">`,
        `<a title="`,
        `<img alt="`,
        ` onerror="${RUN}"`,
        `<script>${RUN}</script>`,
        "javascript:",
        'style="',
        "position:fixed;top:0",
        ";color:red",
        'id="limpid-status"',
      ],
    );
    const soup = fc.array(piece, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(""));
    const asCell = (text: string, kind: number): Record<string, unknown> => {
      if (kind === 0) return { cell_type: "markdown", metadata: {}, source: text };
      const data =
        kind === 1 ? { "text/html": text } : kind === 2 ? { "text/markdown": text } : { "image/svg+xml": text };
      return {
        cell_type: "code",
        metadata: {},
        source: text,
        execution_count: 1,
        outputs: [{ output_type: "display_data", data, metadata: {} }],
      };
    };
    const cell = fc
      .tuple(soup, fc.integer({ min: 0, max: 3 }))
      .map(([text, kind]) => ({ name: "soup", cell: asCell(text, kind) }));
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 60, maxLength: 60 }), async (cells) => {
        const { page, requests, errors, close } = await opened(hostileNotebook(cells), "soup");
        try {
          assert.deepEqual(await damage(page, cells.length), []);
          assert.deepEqual(requests.slice(1), []);
          assert.deepEqual(errors, []);
        } finally {
          await close();
        }
      }),
      { numRuns: Number(process.env["LIMPID_SEQUENCES"] ?? 500) / 100, endOnFailure: true },
    );
  });
});

/** A notebook with all that a page can hold, as it was saved. */
const showcase = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "limpid", language: "typescript" } },
  cells: [
    [
      "markdown",
      "# A study\n\nWhat it *says*, with $\\frac{a}{b}$ and a [link](https://example.org).\n\n$$\\sum_i R_i = f(x)$$",
    ],
    [
      "markdown",
      "## A table\n\n| name | value |\n|:--|--:|\n| a | 1 |\n\n```ts\nconst a: number = 1; // said\n```\n\n> quoted\n\n### Deeper\n\n1. one\n2. two",
    ],
    [
      "code",
      'import { lrp } from "limpid";\n// A remark\nconst a = [1, 2, 3].map((x) => x / 2);\nconsole.log(a, "text", /x+/u, null);',
      [
        {
          output_type: "stream",
          name: "stdout",
          text: "plain \u001b[31mred \u001b[1;32mgreen\u001b[0m \u001b[33myellow \u001b[34mblue \u001b[35mm \u001b[36mc \u001b[37mw \u001b[90mgray\u001b[0m \u001b[7minverse\u001b[0m \u001b[2mdim\u001b[0m \u001b[41;37mon red\u001b[0m\n",
        },
        { output_type: "stream", name: "stderr", text: "a warning\n" },
        {
          output_type: "execute_result",
          metadata: {},
          data: { "text/html": "<table><tr><th>x</th><td>1</td></tr></table>", "text/plain": "x 1" },
        },
      ],
    ],
    ["markdown", `## Long code\n\n${"words ".repeat(200)}`],
    [
      "code",
      `const long = "${"x".repeat(300)}";\nlong`,
      [{ output_type: "execute_result", metadata: {}, data: { "text/plain": `'${"x".repeat(300)}'` } }],
    ],
    [
      "code",
      "draw()",
      [
        {
          output_type: "display_data",
          metadata: { "image/svg+xml": { width: 900, height: 100 } },
          data: {
            "image/svg+xml":
              '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="100"><rect width="900" height="100" fill="teal"/></svg>',
            "text/plain": "Heatmap: Why a cat?",
            "application/vnd.jupyter.widget-view+json": { model_id: "a", version_major: 2, version_minor: 0 },
          },
        },
        {
          output_type: "error",
          ename: "TypeError",
          evalue: "it is none",
          traceback: [
            "\u001b[1;31mTypeError\u001b[0m: it is none",
            "\u001b[32mCell In[3], line 1\u001b[0m",
            "\u001b[2m    at draw\u001b[0m",
          ],
        },
      ],
    ],
    ["raw", "as it is"],
    ["code", "expectClose(0.1 + 0.2, 0.3, 1e-9)", [], { tags: ["checks"] }],
  ].map(([cell_type, source, outputs, metadata = {}]) => ({
    ...{ cell_type, source, metadata },
    ...(cell_type === "code" && { outputs, execution_count: 1 }),
  })),
});

describe("a report's page", () => {
  /** What axe finds in a page, by rule. */
  async function violations(page: Page): Promise<string[]> {
    // The page itself lets no script in.
    await page.evaluate(await readFile(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8"));
    return page.evaluate(async () => {
      const { axe } = window as never as { axe: { run(root: Document, options: object): Promise<AxeResults> } };
      const found = await axe.run(document, { resultTypes: ["violations"] });
      return found.violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(
          ({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 200)} ${failureSummary?.split("\n").at(-1)}`,
        ),
      );
    });
  }

  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing, ${colorScheme}, with all code unfolded`, async () => {
      const { page, close } = await opened(showcase, `axe-${colorScheme}`, { colorScheme });
      try {
        assert.deepEqual(await violations(page), []);
        const check = page.getByText("expectClose");
        assert.equal(await check.first().isVisible(), false, "a cell of checks is shown without the code");
        await page.getByRole("button", { name: "Show all code" }).click();
        assert.equal(await check.last().isVisible(), true, "a cell of checks is not shown with the code");
        assert.deepEqual(await violations(page), []);
      } finally {
        await close();
      }
    });
  }

  test("nothing is wider than a phone, and the contents open over the page and close", async () => {
    const { page, close } = await opened(showcase, "phone", { viewport: { width: 390, height: 844 } });
    try {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      const link = page.locator("nav.contents").getByText("Long code");
      assert.equal(await link.isVisible(), false);
      await page.locator("details.drawer > summary").click();
      await link.click();
      await page.waitForFunction(() => scrollY > 200);
      assert.equal(await link.isVisible(), false);
      assert.deepEqual(await violations(page), []);
    } finally {
      await close();
    }
  });

  test("the theme follows the system until the reader chooses, and widgets hear of it", async () => {
    const { page, close } = await opened(showcase, "theme", { colorScheme: "light" });
    try {
      const look = () =>
        page.evaluate(() => [getComputedStyle(document.body).backgroundColor, document.body.dataset["jpThemeLight"]]);
      assert.deepEqual(await look(), ["rgb(255, 255, 255)", "true"]);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.waitForFunction(() => document.body.dataset["jpThemeLight"] === "false");
      const dark = await look();
      assert.equal(dark[1], "false");
      assert.notEqual(dark[0], "rgb(255, 255, 255)");
      await page.getByRole("button", { name: "Dark theme" }).click();
      assert.deepEqual(await look(), ["rgb(255, 255, 255)", "true"]);
      await page.reload();
      assert.deepEqual(await look(), ["rgb(255, 255, 255)", "true"]);
    } finally {
      await close();
    }
  });

  test("on paper all code is there, no control is, and the page is white", async () => {
    const { page, close } = await opened(showcase, "paper", { colorScheme: "dark" });
    try {
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.equal(await page.locator("header.bar").isVisible(), false);
      assert.equal(await page.locator("details.drawer").isVisible(), false);
      const heights = await page
        .locator("details.code pre.source")
        .evaluateAll((all) => all.map((pre) => pre.clientHeight));
      assert.ok(heights.length === 4 && heights.slice(0, 3).every((height) => height > 10), String(heights));
      assert.equal(heights[3], 0, "a cell of checks is printed");
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
      await page.evaluate(() => dispatchEvent(new Event("afterprint")));
      assert.equal(await page.locator("details.code[open]").count(), 0);
      assert.equal((await page.pdf({ format: "A4" })).subarray(0, 5).toString(), "%PDF-");
    } finally {
      await close();
    }
  });

  test("keys alone lead to everything: past the contents, to folded code, to what scrolls", async () => {
    const { page, close } = await opened(showcase, "keys");
    try {
      const focused = () => page.evaluate(() => (document.activeElement?.textContent ?? "").trim().slice(0, 30));
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Skip to the text");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "link");
      const fold = page.locator("details.code").first();
      for (
        let i = 0;
        i < 10 && !(await fold.locator("summary").evaluate((summary) => summary === document.activeElement));
        i += 1
      )
        await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await fold.evaluate((details) => (details as HTMLDetailsElement).open), true);
      await page.keyboard.press("Tab");
      assert.match(await focused(), /^import \{ lrp \}/);
    } finally {
      await close();
    }
  });
});
