/** `npm run test:firefox`: reports opened from their files in Firefox, with the network cut. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "../browser/server.js";
import { scratchFolder } from "../helpers/scratch.js";
import { type Firefox, type FirefoxPage, startFirefox } from "./bidi.js";

const LIVE = 300_000;
/** Seconds until a whole notebook is live, and milliseconds from a key at the explorer's γ to other pixels, at most. */
const LIMITS = { live: 15, slider: 1000 };
/** Of Limpid's own notebooks, those that have an explorer with a γ: EfficientNet-lite0. */
const EXPLORED = ["00-first-light"];
const PICTURES = join(ROOT, "test-output");

/** Seconds from the page's start to each of its phases, noted by the page itself. */
const CLOCK = `() => {
  window.phases = {};
  const note = () => {
    const phase = document.documentElement?.dataset.limpid;
    if (phase && !(phase in window.phases)) window.phases[phase] = performance.now() / 1000;
  };
  new MutationObserver(note).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-limpid"] });
}`;

/**
 * Turns to the explorer's γ; the page waits for a key that moves it, and for the frame in which the picture has other pixels. Milliseconds
 * between the two; null where there is no such slider.
 */
const WATCH = `(() => {
  const explorer = document.querySelector(".limpid-explorer");
  const range = [...(explorer?.querySelectorAll(".limpid-method input[type=range]") ?? [])].find(
    (one) => !one.disabled && one.labels[0].textContent === "γ",
  );
  if (range === undefined) return null;
  range.scrollIntoView({ block: "center" });
  range.focus();
  const canvas = explorer.querySelector(".limpid-canvas");
  const pixels = () => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let hash = 0;
    for (const byte of data) hash = (Math.imul(hash, 31) + byte) | 0;
    return hash;
  };
  const before = pixels();
  window.took = new Promise((done) => {
    range.addEventListener("input", () => {
      const since = performance.now();
      const look = () => (pixels() === before ? requestAnimationFrame(look) : done(performance.now() - since));
      requestAnimationFrame(look);
    }, { once: true });
  });
  return range.value;
})()`;

let firefox: Firefox;
before(async () => {
  await mkdir(PICTURES, { recursive: true });
  firefox = await startFirefox(process.env["LIMPID_FIREFOX"]!);
  console.log(`Firefox ${firefox.version}`);
});
after(() => firefox?.close());

async function until(page: FirefoxPage, expression: string, wait: number): Promise<void> {
  for (const deadline = Date.now() + wait; !(await page.evaluate<boolean>(expression)); ) {
    if (Date.now() > deadline) throw new Error(`Not in time: ${expression}; errors: ${page.errors.join("; ")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The reports by their notebooks, as scripts/firefox.mjs has made them. */
const reports = JSON.parse(process.env["LIMPID_REPORTS"]!) as { name: string; file: string }[];

test("what a page asks of the net is seen, and fails", async () => {
  const page = await firefox.page(400, 300);
  const file = join(scratchFolder("firefox"), "asking.html");
  await writeFile(file, `<img src="https://limpid.example/a.png" onerror="document.title = 'failed'">`);
  await page.open(pathToFileURL(file).href);
  await until(page, `document.title === "failed"`, 30_000);
  assert.deepEqual(page.requests, ["https://limpid.example/a.png"]);
});

for (const { name, file } of reports) {
  test(`${name}: nothing is asked of the net, pictures first, then live`, async (t) => {
    const page = await firefox.page(1280, 1000);
    await page.prepare(CLOCK);
    await page.open(pathToFileURL(file).href);
    await until(page, `Boolean(window.phases && window.phases.stored)`, 60_000);
    await page.screenshot(join(PICTURES, `firefox-${name}-stored.png`));
    await until(
      page,
      `["live", "failed", "stopped", "broken"].includes(document.documentElement.dataset.limpid)`,
      LIVE,
    );
    const phases = await page.evaluate<Record<string, number>>("window.phases");
    await page.screenshot(join(PICTURES, `firefox-${name}-live.png`));
    const said = await page.evaluate<string>(`document.getElementById("limpid-status")?.innerText ?? ""`);
    assert.ok("live" in phases, `${name} did not become live: ${said}; ${page.errors.join("; ")}`);
    t.diagnostic(
      `${name}: pictures after ${phases["stored"]!.toFixed(2)} s, live after ${phases["live"]!.toFixed(1)} s`,
    );

    const explored = (await page.evaluate(WATCH)) !== null;
    assert.ok(explored || !EXPLORED.includes(name), `${name} has no live γ`);
    if (explored) {
      await page.press("ArrowRight");
      const took = await page.evaluate<number>("window.took");
      t.diagnostic(`${name}: from a key at γ to other pixels ${Math.round(took)} ms`);
      await page.screenshot(join(PICTURES, `firefox-${name}-moved.png`));
      if (EXPLORED.includes(name)) assert.ok(took < LIMITS.slider, `${Math.round(took)} ms, over ${LIMITS.slider}`);
    }
    if (EXPLORED.includes(name)) assert.ok(phases["live"]! < LIMITS.live, `live over ${LIMITS.live} s`);
    // What the page holds itself is no request; Firefox does not count the file.
    const asked = page.requests.filter((url) => !/^(data|blob):/.test(url)).map((url) => url.slice(0, 200));
    assert.deepEqual(asked, []);
    assert.deepEqual(page.errors, []);
  });
}
