import { Command } from "commander";
import { ParameterError } from "../../src/explainers/index.js";
import { startLab } from "../../test/browser/lab.js";

/*
 * `npm run bench -- soak`: sliders, a heatmap and a chart at thirty updates a second in a real JupyterLab and Chromium, for minutes, while the
 * reader's slider moves. One JSON object every ten seconds: the kernel's resident memory and JavaScript heap, and the page's heap, in MB, each
 * heap after a collection. Exit code 1 when one of the heaps, or the kernel's memory, is more than a tenth above what it was in minute two.
 */

const cells = [
  `import { display, FloatSlider, Heatmap, IntSlider, Label, plot, VBox } from "limpid";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const [mine, yours, says] = [new IntSlider({ max: 1e9 }), new IntSlider({ max: 1e9, description: "yours" }), new Label()];
const side = 64;
const waves = (turn: number) => ({ shape: [side, side], values: Float32Array.from({ length: side * side }, (_, i) => Math.sin(i + turn)) });
const map = new Heatmap({ relevance: waves(0) });
const curve = plot(new Float32Array(500), { height: 200 });
let heard = 0;
yours.observe(() => { heard += 1; }, "value");
display(new VBox([says, mine, yours, map, curve]));`,
  `let turn = 0;
for (const begun = performance.now(); performance.now() - begun < SECONDS * 1000; turn++) {
  mine.value = turn;
  map.relevance = waves(turn);
  const y = Float32Array.from({ length: 500 }, (_, i) => Math.cos(i / 9 + turn / 5));
  curve.series = [{ ...curve.series[0]!, y: { shape: [500], dtype: "float32", data: y } }];
  if (turn % 150 === 0) {
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    says.value = JSON.stringify({ turn, heard, rss: Math.round(rss / 1e5) / 10, heap: Math.round(heapUsed / 1e5) / 10 });
  }
  await new Promise((resolve) => setTimeout(resolve, 1000 / 30));
}
says.value = "done";`,
];

interface Sample {
  seconds: number;
  rss: number;
  heap: number;
  page: number;
}

/** `npm run bench -- soak [--minutes 10]` */
export async function main(argv: string[]): Promise<number> {
  const { minutes } = new Command("soak")
    .description("thirty updates a second of sliders, a heatmap and a chart in JupyterLab, and whether memory stays")
    .option("--minutes <count>", "how long", Number, 10)
    .parse(argv, { from: "user" })
    .opts<{ minutes: number }>();
  if (!(minutes > 0)) throw new ParameterError("--minutes", minutes, "a number above 0");
  const lab = await startLab();
  try {
    await lab.write("soak.ipynb", [cells[0]!, cells[1]!.replace("SECONDS", String(60 * minutes))]);
    const notebook = await lab.open("soak.ipynb");
    const devtools = await notebook.page.context().newCDPSession(notebook.page);
    await notebook.start();
    const words = notebook.output(0).getByText(/^\{"turn"/);
    await words.waitFor({ timeout: 120_000 });
    const handle = notebook.output(0).locator(".noUi-handle").nth(1);
    const samples: Sample[] = [];
    const begun = performance.now();
    for (;;) {
      const until = performance.now() + 10_000;
      while (performance.now() < until) {
        await handle.press("ArrowRight");
        await notebook.page.waitForTimeout(33);
      }
      await devtools.send("HeapProfiler.collectGarbage");
      const { usedSize } = await devtools.send("Runtime.getHeapUsage");
      const said = (await words.count()) > 0 ? await words.textContent() : null;
      if (said === null) break;
      const kernel = JSON.parse(said) as { turn: number; heard: number; rss: number; heap: number };
      const seconds = Math.round((performance.now() - begun) / 1000);
      const page = Math.round(usedSize / 1e5) / 10;
      samples.push({ seconds, page, ...kernel });
      console.log(JSON.stringify({ seconds, ...kernel, page }));
    }
    await notebook.close();
    return verdict(samples);
  } finally {
    await lab.close();
  }
}

/** Minute two beside the last minute; of a shorter run its thirds. */
function verdict(samples: readonly Sample[]): number {
  const end = samples.at(-1)?.seconds ?? 0;
  const [from, to] = end > 180 ? [60, 120] : [end / 3, (2 * end) / 3];
  const within = (low: number, high: number) => samples.filter(({ seconds }) => seconds >= low && seconds <= high);
  const mean = (some: readonly Sample[], name: "rss" | "heap" | "page") =>
    some.reduce((sum, one) => sum + one[name], 0) / some.length;
  const [second, last] = [within(from, to), within(end - (to - from), end)];
  const growth = Object.fromEntries(
    (["rss", "heap", "page"] as const).map((name) => [name, mean(last, name) / mean(second, name)]),
  );
  console.log(JSON.stringify({ samples: samples.length, growth }));
  return Object.values(growth).every((ratio) => ratio <= 1.1) ? 0 : 1;
}
