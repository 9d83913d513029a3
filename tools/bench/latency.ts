import { Command } from "commander";
import { ParameterError } from "../../src/explainers/index.js";
import { type Lab, type Notebook, startLab } from "../../test/browser/lab.js";
import { type Act, passage } from "./latency/passage.js";

/*
 * `npm run bench -- latency`: from a reader's hand to new pixels, in a real JupyterLab and Chromium. One JSON object a line for each case:
 * what the explanation takes by itself in the same kernel, in turns with what it takes behind the widget, and the way there and back.
 * Milliseconds, each with the median and the least of all turns.
 */

interface Case {
  /** The cells' code; the last value is the widget, `seen`. */
  readonly shown: string;
  /** Defines `alone(turn)`, which computes what the widget does for one act, and nothing else. */
  readonly alone: string;
  /** The trait that tells the kernel of the act, and the one by which it is answered. */
  readonly asked: string;
  readonly answered: string;
  act(turn: number): Act;
}

const explored = (model: string, bias: "distribute" | "absorb"): Case => ({
  shown: `import { epsilonGammaBox, Explorer, loadImage, loadModel, lrp, record } from "limpid";
const model = await loadModel("${model}");
const photo = await loadImage("chelsea.png", model.input);
const seen = new Explorer(model, photo, { bias: "${bias}" });
seen`,
  alone: `const { low, high } = model.input;
const recording = record(model, photo.tensor);
recording.repeats = true;
const alone = (turn: number) =>
  lrp(model, { composite: epsilonGammaBox({ low, high, gamma: 0.31 + 0.01 * turn }), bias: "${bias}" })(recording);`,
  asked: "request",
  answered: "answered",
  act: (turn) => ({ slider: "γ", value: 0.3 + 0.01 * turn }),
});

const drawn: Case = {
  shown: `import { DrawDigit, gamma, loadDigits, loadModel, lrp, record, tensorflow, uniform } from "limpid";
const [model, decoder, digits] = await Promise.all([loadModel("mnist-cnn"), loadModel("mnist-decoder"), loadDigits()]);
const seen = new DrawDigit(model, { generator: decoder, samples: digits });
await seen.draw(digits.pixels.subarray(3 * 784, 4 * 784));
seen`,
  alone: `const tf = await tensorflow();
const alone = async (turn: number) => {
  const x = tf.tensor4d(Float32Array.from(digits.pixels.subarray(turn * 784, turn * 784 + 784), (byte) => byte / 255), [1, 28, 28, 1]);
  const recording = record(model, x);
  try {
    await lrp(model, { composite: uniform(gamma({ gamma: 0.25 })) })(recording);
  } finally {
    recording.dispose();
    x.dispose();
  }
};`,
  asked: "digit",
  answered: "relevance",
  act: (turn) => ({ dot: [0.1 + 0.03 * (turn % 28), 0.92 - 0.04 * Math.floor(turn / 28)] }),
};

const cases: Readonly<Record<string, Case>> = {
  "γ → heatmap, EfficientNet-lite0": explored("efficientnet-lite0", "distribute"),
  "γ → heatmap, EfficientNet-lite0, biases absorb": explored("efficientnet-lite0", "absorb"),
  "γ → heatmap, mnist-cnn": explored("mnist-cnn", "distribute"),
  "drawing → heatmap, mnist-cnn": drawn,
};

/** `npm run bench -- latency [--turns 20] [--rest 500]` */
export async function main(argv: string[]): Promise<number> {
  const options = new Command("latency")
    .description("time the way from a reader's hand to new pixels")
    .option("--turns <count>", "acts of each case", Number, 20)
    .option("--rest <ms>", "milliseconds between two acts", Number, 500)
    .option("--only <words>", "only the cases whose names contain this")
    .parse(argv, { from: "user" })
    .opts<{ turns: number; rest: number; only?: string }>();
  if (!Number.isInteger(options.turns) || options.turns < 1) {
    throw new ParameterError("--turns", options.turns, "a whole number above 0");
  }
  const lab = await startLab();
  try {
    for (const [what, each] of Object.entries(cases)) {
      if (!what.includes(options.only ?? "")) continue;
      console.log(JSON.stringify({ what, ...(await timed(lab, each, options)) }));
    }
  } finally {
    await lab.close();
  }
  return 0;
}

/** The legs of the way, and what is left of it beside the explanation itself. */
async function timed(
  lab: Lab,
  { shown, alone, asked, answered, act }: Case,
  { turns, rest }: { turns: number; rest: number },
) {
  await lab.write("latency.ipynb", [shown]);
  const notebook = await lab.open("latency.ipynb", { height: 1000 });
  try {
    await notebook.runAll();
    const widget = notebook.panel.locator(".limpid-widget").first();
    await widget.scrollIntoViewIfNeeded();
    await execute(
      notebook,
      `await seen.settled();
${alone}
const stamps: number[] = [];
const stamp = () => { stamps.push(performance.timeOrigin + performance.now()); };
seen.observe(stamp, "${asked}");
seen.observe(stamp, "${answered}");`,
    );
    // Programs are compiled, prototypes found, pages laid out.
    for (let turn = 0; turn < WARM; turn++) {
      await passage(widget, act(turn));
      await execute(notebook, `await alone(${turn})`);
    }
    await pause(SETTLED);
    const legs: Record<string, number[]> = {};
    const note = (leg: string, time: number) => {
      legs[leg] ??= [];
      legs[leg].push(time);
    };
    for (let turn = WARM; turn < WARM + turns; turn++) {
      const took = Number(
        await execute(
          notebook,
          `{ const start = performance.now(); await alone(${turn}); console.log(performance.now() - start); stamps.length = 0; }`,
        ),
      );
      await pause(rest);
      const { acted, painted, shown: seen } = await passage(widget, act(turn));
      const stamps = JSON.parse(await execute(notebook, "console.log(JSON.stringify(stamps))")) as number[];
      const [heard = Number.NaN, done = Number.NaN] = [stamps[0], stamps.at(-1)];
      note("explanationAlone", took);
      note("handToKernel", heard - acted);
      note("kernel", done - heard);
      note("kernelToPainted", painted - done);
      note("paintedToFrame", seen - painted);
      note("total", seen - acted);
      note("besidesExplanation", seen - acted - took);
    }
    return Object.fromEntries(Object.entries(legs).map(([leg, times]) => [leg, summary(times)]));
  } finally {
    await notebook.close();
  }
}

const WARM = 6;
/** Milliseconds until nothing goes on any more that the first turns set off, as the picture for the file. */
const SETTLED = 4000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function summary(times: readonly number[]): { median: number; least: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const round = (time: number) => Math.round(10 * time) / 10;
  return { median: round(sorted[sorted.length >> 1]!), least: round(sorted[0]!) };
}

/** Runs code in the notebook's kernel, without a cell, and gives what it prints. */
async function execute(notebook: Notebook, code: string): Promise<string> {
  return notebook.page.evaluate(async (code) => {
    interface Message {
      header: { msg_type: string };
      content: { text?: string; ename?: string; evalue?: string };
    }
    interface Future {
      onIOPub: (message: Message) => void;
      done: Promise<{ content: { status: string; ename?: string; evalue?: string } }>;
    }
    const { shell } = (
      window as unknown as {
        jupyterapp: {
          shell: {
            currentWidget: { sessionContext: { session: { kernel: { requestExecute(content: object): Future } } } };
          };
        };
      }
    ).jupyterapp;
    const future = shell.currentWidget.sessionContext.session.kernel.requestExecute({ code, store_history: false });
    let printed = "";
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === "stream") printed += content.text;
    };
    const { content } = await future.done;
    if (content.status !== "ok") throw new Error(`${content.ename}: ${content.evalue}\nin ${code}`);
    return printed;
  }, code);
}
