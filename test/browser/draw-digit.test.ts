import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { passage } from "../../tools/bench/latency/passage.js";
import { long } from "../every.js";
import { until } from "../helpers/until.js";
import { fingerprint, type Lab, type Notebook, startLab } from "./lab.js";

const CELLS = [
  `import { DrawDigit, loadDigits, loadModel } from "limpid";
const [model, decoder, digits] = await Promise.all([loadModel("mnist-cnn"), loadModel("mnist-decoder"), loadDigits()]);
const pad = new DrawDigit(model, { generator: decoder, samples: digits });
pad`,
  "await pad.draw(digits.pixels.subarray(4 * 784, 5 * 784));\npad",
];

/** A 3, in shares of the pad. */
const THREE = [
  [0.3, 0.3],
  [0.45, 0.2],
  [0.62, 0.27],
  [0.6, 0.42],
  [0.45, 0.5],
  [0.62, 0.58],
  [0.65, 0.75],
  [0.45, 0.82],
  [0.28, 0.72],
] as const;

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("draw.ipynb", CELLS.slice(0, 1));
  await lab.write("drawn.ipynb", CELLS);
  notebook = await lab.open("draw.ipynb", { height: 1000 });
  await notebook.runAll();
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

const widget = () => notebook.panel.locator(".limpid-draw-digit").first();
const paper = () => widget().locator(".limpid-pad");
const heatmap = () => widget().locator(".limpid-section canvas").first();
const title = () => widget().locator(".limpid-title").innerText();

async function stroke(points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await paper().boundingBox())!;
  const { mouse } = notebook.page;
  const to = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await mouse.move(...to(points[0]!));
  await mouse.down();
  for (const point of points.slice(1)) await mouse.move(...to(point), { steps: 4 });
  await mouse.up();
}

describe("a digit to draw", () => {
  test("asks for a drawing first", async () => {
    await paper().waitFor();
    assert.equal(await title(), "Draw a digit");
    assert.match(await widget().locator(".limpid-note").innerText(), /Draw a digit/);
    assert.equal(await widget().locator(".limpid-digit-bars button:disabled").count(), 10);
    await notebook.picture("draw-digit-empty", widget());
  });

  test("a 3 drawn by mouse is seen as a 3, explained, and answered by a prototype", async () => {
    await stroke(THREE);
    await until(async () => (await title()) === "Why 3?", `it is not seen as a 3: ${await title()}`);
    assert.equal(
      await widget().locator(".limpid-digit-bars [aria-pressed='true'] .limpid-class-name").innerText(),
      "3",
    );
    await until(async () => /A 3 it would/.test(await widget().locator(".limpid-wish h4").innerText()), "no wish");
    await widget().locator(".limpid-wish:not(.limpid-vacant) canvas").waitFor();
    assert.deepEqual(notebook.errors, []);
    await notebook.picture("draw-digit-light", widget());
  });

  test("however often a pen reports, the pad is read once a frame", async () => {
    await paper().hover({ position: { x: 20, y: 20 } });
    await notebook.page.mouse.down();
    const reads = await paper().evaluate(async (canvas) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const ink = (canvas as HTMLCanvasElement).getContext("2d")!;
      const read = ink.getImageData.bind(ink);
      let count = 0;
      // Twice: after the press has been told.
      for (let turn = 0; turn < 2; turn++) await frame();
      ink.getImageData = (...area: Parameters<typeof read>) => {
        count += 1;
        return read(...area);
      };
      const { left, top } = canvas.getBoundingClientRect();
      for (let move = 0; move < 20; move++) {
        const at = { clientX: left + 20 + move, clientY: top + 20, bubbles: true };
        canvas.dispatchEvent(new PointerEvent("pointermove", at));
      }
      for (let turn = 0; turn < 2; turn++) await frame();
      Reflect.deleteProperty(ink, "getImageData");
      return count;
    });
    await notebook.page.mouse.up();
    assert.equal(reads, 1);
    await paper().focus();
    await notebook.page.keyboard.press("Control+z");
  });

  test("the heatmap follows the pen", async (t) => {
    const times: number[] = [];
    for (let dot = 0; dot < 7; dot++) {
      const { acted, shown } = await passage(widget(), { dot: [0.3 + 0.06 * dot, 0.88] });
      times.push(shown - acted);
    }
    const [least, median] = [Math.min(...times), times.toSorted((a, b) => a - b)[3]!];
    t.diagnostic(`from stroke to heatmap: least ${least.toFixed(0)} ms, median ${median.toFixed(0)}`);
    // 50 ms beside the explanation's 5 on a machine that does nothing else; here others may compute beside it.
    assert.ok(least < 100, `${least} ms`);
  });

  test("rule, γ by keyboard and another class change the explanation", async () => {
    const subtitle = widget().locator(".limpid-subtitle");
    let before = await fingerprint(heatmap());
    const changed = async (what: string) => {
      await until(async () => (await fingerprint(heatmap())) !== before, `${what} changed nothing`);
      before = await fingerprint(heatmap());
    };
    await widget().getByRole("radio", { name: "αβ" }).check({ force: true });
    // The answer to the last stroke may still come.
    await subtitle.getByText(/LRP-αβ, α = 2, β = 1/).waitFor();
    await changed("the rule");
    await widget().getByRole("radio", { name: "γ" }).check({ force: true });
    await subtitle.getByText(/LRP-γ/).waitFor();
    await changed("the rule");
    await widget().getByRole("slider", { name: "γ" }).focus();
    await notebook.page.keyboard.press("End");
    await changed("γ");
    await widget().locator(".limpid-digit-bars button").nth(8).click();
    await changed("the class");
    assert.equal(await title(), "What speaks for 8, and against?");
    await widget().locator(".limpid-digit-bars button").nth(8).click();
    await changed("the class");
  });

  test("undo, clear and a real digit", async () => {
    await widget().getByRole("button", { name: "clear" }).click();
    await until(async () => (await title()) === "Draw a digit", "it is not cleared");
    await widget().locator(".limpid-samples button").nth(7).click();
    await until(async () => (await title()) === "Why 7?", "the real 7 is not on the pad");
  });

  test("is drawn by keyboard: arrows, Space, Control Z, Delete", async () => {
    await paper().focus();
    const { keyboard } = notebook.page;
    await keyboard.press("Delete");
    await until(async () => (await title()) === "Draw a digit", "it is not cleared");
    for (let up = 0; up < 8; up++) await keyboard.press("ArrowUp");
    await keyboard.press("Space");
    for (let down = 0; down < 16; down++) await keyboard.press("ArrowDown");
    await keyboard.press("Space");
    await until(async () => (await title()) === "Why 1?", `a vertical line is not seen as a 1: ${await title()}`);
    await keyboard.press("Control+z");
    await until(async () => (await title()) === "Draw a digit", "the stroke is not taken back");
  });

  test("a reload restores the drawing", async () => {
    await stroke(THREE);
    await until(async () => (await title()) === "Why 3?", "it is not seen as a 3");
    await notebook.command("docmanager:save");
    await notebook.load();
    await widget().waitFor();
    await until(async () => (await title()) === "Why 3?", "the explanation is gone");
    const white = await paper().evaluate((canvas) => {
      const pad = canvas as HTMLCanvasElement;
      return pad
        .getContext("2d")!
        .getImageData(0, 0, pad.width, pad.height)
        .data.filter((byte, at) => at % 4 === 0 && byte > 200).length;
    });
    assert.ok(white > 1000, `${white} white pixels`);
    assert.deepEqual(notebook.errors, []);
  });
});

test("a drawing made by a cell has a static picture; it fits a narrow page, and a dark one", long, async () => {
  const other = await lab.open("drawn.ipynb", { theme: "dark", height: 1500 });
  await other.runAll();
  for (const [theme, width] of [
    ["dark", 1280],
    ["light", 480],
  ] as const) {
    await other.page.setViewportSize({ width, height: 1500 });
    await other.theme(theme);
    const shown = other.panel.locator(".limpid-draw-digit").last();
    await shown.locator(".limpid-wish:not(.limpid-vacant)").waitFor();
    const overflow = await shown.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(overflow <= 1, `${overflow} pixels too wide at ${width}`);
    await other.picture(`draw-digit-${theme}-${width}`, shown);
  }
  await other.command("docmanager:save");
  const saved = JSON.parse(await readFile(join(lab.folder, "drawn.ipynb"), "utf8"));
  const data = saved.cells[1].outputs.at(-1).data;
  assert.equal(Buffer.from(data["image/png"], "base64").subarray(1, 4).toString(), "PNG");
  await other.close();
});
