/** The widgets of evaluation: every label agrees with the settings that made the picture, after any sequence of what a reader can do. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { formatNumber } from "../../../src/comms/format.js";
import { MEAN_RANK } from "../../../src/comms/states/rank-matrix.js";
import type { Evaluation } from "../../../src/explainers/evaluation/index.js";
import { findMethod, type MethodId } from "../../../src/explainers/methods.js";
import { kendallTau } from "../../../src/explainers/numerics/concordance.js";
import { spearman } from "../../../src/explainers/numerics/correlation.js";
import {
  compare,
  type LoadedImage,
  type LoadedModel,
  loadModel,
  lrp,
  RankMatrix,
  RelevanceFlow,
  SanityCheck,
} from "../../../src/kernel-helpers/index.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { labelOf } from "../../../src/kernel-helpers/widgets/method-grid/compared.js";
import { turn } from "../../comms/front-end.js";
import { type Action, change, close, event, floatsOf, SEQUENCES, type State, seen, sequence } from "./reader.js";

const NAMES = ["ant", "bee", "cat"];
let model: LoadedModel;
let photos: LoadedImage[];

before(async () => {
  await tf.setBackend("cpu");
  const weights = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.4 }),
    biasInitializer: tf.initializers.randomNormal({ seed: seed + 100, stddev: 0.3 }),
  });
  const net = tf.sequential({
    layers: [
      tf.layers.conv2d({
        ...{ name: "edges", inputShape: [8, 8, 3], filters: 3, kernelSize: 3, strides: 2, activation: "relu" },
        ...weights(1),
      }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({ name: "hidden", units: 6, activation: "relu", ...weights(2) }),
      tf.layers.dense({ name: "scores", units: 3, ...weights(3) }),
    ],
  });
  const plain = await loadModel((x) => net.predict(x) as tf.Tensor, { input: { shape: [8, 8, 3] }, classNames: NAMES });
  model = { ...plain, net };
  // To load a model is to start the native backend, which costs small networks more for each operation than it saves.
  await tf.setBackend("cpu");
  photos = [1, 2, 3].map((seed): LoadedImage => {
    const tensor = tf.randomUniform([1, 8, 8, 3], 0, 1, "float32", seed) as tf.Tensor4D;
    const pixels = new Uint8ClampedArray(256).fill(seed);
    return {
      tensor,
      pixels,
      width: 8,
      height: 8,
      name: `photo ${seed}`,
      dispose: () => tensor.dispose(),
    } as LoadedImage;
  });
});
after(() => {
  for (const photo of photos) photo.dispose();
  model.dispose();
});

/** The state of a widget that a trait refers to. */
const referred = (self: { frontEnd: { models: Map<string, object> } }, reference: unknown) =>
  self.frontEnd.models.get(String(reference).slice(10)) as State | undefined;

const same = (values: Float32Array, expected: ArrayLike<number>, what: string) => {
  assert.equal(values.length, expected.length, what);
  for (const [at, value] of values.entries()) {
    if (!(Number.isNaN(value) && Number.isNaN(expected[at]!))) close(value, expected[at]!, 1e-3, `${what} at ${at}`);
  }
};

/** Computes once for each key. */
function known<T>(make: (key: string) => T): (...parts: unknown[]) => T {
  const found = new Map<string, T>();
  return (...parts) => {
    const key = JSON.stringify(parts);
    if (!found.has(key)) found.set(key, make(key));
    return found.get(key)!;
  };
}

test("a flow of relevance: title, rule, books, caption and map are of one explanation and one layer", async () => {
  const COMPOSITES = ["epsilon-plus", "epsilon", "epsilon-gamma-box"];
  const photo = photos[0]!;
  const logits = tf.tidy(() => [...model.predict(photo.tensor).dataSync()]);
  const best = logits.indexOf(Math.max(...logits));
  const explained = known(async (key) => {
    const [composite, target] = JSON.parse(key) as [string, number];
    const result = await lrp(model, { composite: composite as never })(photo.tensor, { target, keepLayers: true });
    const maps = new Map(result.layers.map(({ name, shape, relevance }) => [name, { shape, values: relevance() }]));
    result.dispose();
    return maps;
  });
  const label = (composite: string) => labelOf(findMethod("lrp"), { composite });
  const actions = sequence(
    change({ layer: fc.nat(4) }),
    change({ mode: fc.constantFrom("image", "overlay", "map"), percentile: fc.constantFrom(90, 100) }),
    event("stop", "again"),
    fc
      .record({ composite: fc.constantFrom(...COMPOSITES), target: fc.nat(2) })
      .map((asked): Action => ({ event: asked })),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      let asked = { composite: COMPOSITES[0]!, target: best };
      const self = seen(() => new RelevanceFlow(model, photo, { parameters: { composite: asked.composite } }));
      const { widget, state } = self;
      const agree = async () => {
        const { layers, layer, title, subtitle, output, total, caption, relevance, stopped, running } = state() ?? {};
        if (!layers?.length) return;
        assert.ok(stopped === "" || !running, "what was stopped does not run");
        const target = NAMES.indexOf(/^Why \*(\w+)\*, layer by layer\?$/.exec(title)![1]!);
        const composite = COMPOSITES.find((one) => subtitle.startsWith(`${label(one)} · `))!;
        close(output, logits[target]!, 1e-4, `output of ${title}`);
        const maps = await explained(composite, target);
        for (const { name, sum } of layers) {
          const values = maps.get(name === "pixels" ? "input" : name)?.values;
          if (values)
            close(
              sum,
              values.reduce((all, value) => all + value, 0),
              1e-3,
              `${subtitle}: ${name}`,
            );
        }
        const { name, sum } = layers[layer];
        assert.ok(caption.startsWith(`${name} · `), `${caption} of ${name}`);
        close(total, sum, 1e-4, `total of ${name}`);
        close(
          floatsOf(relevance).reduce((all, value) => all + (Number.isNaN(value) ? 0 : value), 0),
          sum,
          1e-3,
          `map of ${name}`,
        );
      };
      try {
        await widget.settled();
        await turn();
        const count = state()!["layers"].length as number;
        for (const action of list) {
          if ("event" in action && "composite" in action.event) {
            asked = action.event as unknown as typeof asked;
            void widget.explain({ parameters: { composite: asked.composite }, target: asked.target });
          } else if ("set" in action && "layer" in action.set) {
            const layer = (action.set["layer"] as number) % count;
            await self.act({ set: { layer } }, agree);
            assert.equal(state()!["layer"], layer);
          } else await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        await agree();
        const { title, subtitle, stopped, running } = state()!;
        assert.equal(running, false);
        if (stopped === "") {
          assert.equal(title, `Why *${NAMES[asked.target]}*, layer by layer?`);
          assert.ok(subtitle.startsWith(label(asked.composite)), `${subtitle}, asked ${asked.composite}`);
        } else assert.ok(stopped.startsWith(label(asked.composite)), `${stopped}, asked ${asked.composite}`);
      } finally {
        widget.close();
        await widget.settled();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("a sanity check: words, curves and both maps are of the chosen step, method and similarity", async () => {
  const METHODS = ["gradient-times-input", "lrp"] as const;
  const actions = sequence(
    change({ step: fc.nat(3), method: fc.nat(1), similarity: fc.constantFrom("spearman", "ssim", "hog") }),
    change({ step: fc.nat(3), absolute: fc.boolean() }),
    event("stop", "again"),
    fc.constant({ interrupt: true } as Action),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new SanityCheck(model, photos[0]!, { methods: METHODS, seed: 1, target: "bee" }));
      const { widget, state } = self;
      const agree = () => {
        const now = state();
        if (!now?.["done"]) return;
        const { words, step, steps, method, methods, similarity, absolute, curves, done, stopped, running } = now;
        assert.ok(stopped === null || !running, "what was stopped does not run");
        for (const { signed, absolute: sizes } of curves)
          for (const values of Object.values({ ...signed, ...sizes }) as unknown[][]) assert.equal(values.length, done);
        const index = methods.findIndex(({ value }: { value: string }) => value === method);
        const value = curves[index][absolute ? "absolute" : "signed"][similarity]?.[step] as number | null | undefined;
        const [original, randomized] = [referred(self, now["original"])!, referred(self, now["randomized"])!];
        assert.equal(randomized["relevance"] === null, step >= done, `step ${step} of ${done}`);
        if (step === 0) assert.match(words, /^The model as it was trained/);
        else if (step >= done) assert.equal(words, "Not computed yet.");
        else if (value != null) {
          assert.ok(words.startsWith(`With ${step === 1 ? steps[1] : `${step} layers`} random`), words);
          assert.equal(words.includes("sizes without signs"), absolute);
          assert.ok(words.replaceAll("\u2212", "-").includes(` ${value.toFixed(2)}:`), `${words} of ${value}`);
        } else assert.match(words, /has no |There is no /);
        assert.equal(original["signed"], !absolute);
        if (step >= done) return;
        const [first, then] = [original, randomized].map(({ relevance }) => floatsOf(relevance));
        if (step === 0) same(then!, first!, "the map of nothing random");
        if (absolute) assert.ok([...first!, ...then!].every((entry) => entry >= 0));
        // What the two maps that are seen come to is what the curve and the words say.
        if (similarity === "spearman" && value != null)
          close(value, spearman(first!, then!), 1e-3, `${method}, step ${step}`);
      };
      try {
        await turn();
        for (const action of list) {
          if ("set" in action && "method" in action.set) {
            await self.act({ set: { method: state()!["methods"][action.set["method"] as number].value } }, agree);
          } else await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        agree();
        const { running, done, steps, stopped, error } = state()!;
        assert.deepEqual([running, error], [false, ""]);
        assert.equal(done === steps.length, stopped === null, `${done} of ${steps.length}, stopped ${stopped}`);
      } finally {
        widget.close();
        await widget.settled();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("a grid of methods: each map, number and word is of its method and picture, the order that of the measure", async () => {
  const METHODS: MethodId[] = ["lrp", "sensitivity", "gradient-times-input"];
  const two = photos.slice(0, 2);
  const logits = two.map(({ tensor }) => tf.tidy(() => [...model.predict(tensor).dataSync()]));
  const best = logits.map((row) => row.indexOf(Math.max(...row)));
  const explained = known(async (key) => {
    const [row, column] = JSON.parse(key) as [number, number];
    const photo = two[row]!;
    return relevanceMap(await findMethod(METHODS[column]!)(model)(photo.tensor, { target: best[row]! }), photo).values;
  });
  const scores = [
    {
      label: "deletion",
      better: "lower" as const,
      values: [
        [0.3, 0.1, 0.2],
        [0.3, 0.2, 0.4],
      ],
    },
    {
      label: "size",
      better: "none" as const,
      values: [
        [1, 2, 3],
        [3, 2, 2],
      ],
    },
  ];
  const actions = sequence(
    change({ sort: fc.constantFrom("", "deletion", "size"), scale: fc.constantFrom("own", "shared") }),
    change({ percentile: fc.constantFrom(90, 100), mode: fc.constantFrom("image", "overlay", "map") }),
    fc.nat(5).map((cell): Action => ({ event: { event: "open", cell } })),
    event("stop", "again"),
    fc.constant({ interrupt: true } as Action),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => compare(model, two, METHODS, { scores }));
      const { widget, state } = self;
      let open = -1;
      const agree = async () => {
        const { cells, columns, selected, detail, unit } = state() ?? {};
        if (cells === undefined) return;
        const shown = cells.map((reference: string) => referred(self, reference)) as State[];
        for (const [at, { phase, relevance, target, output, total }] of shown.entries()) {
          const [row, column] = [Math.floor(at / 3), at % 3];
          assert.equal(relevance !== null, phase === "done", `cell ${at} is ${phase}`);
          if (phase !== "done") continue;
          same(floatsOf(relevance), await explained(row, column), columns[column].label);
          assert.equal(target, NAMES[best[row]!]);
          close(output, logits[row]![best[row]!]!, 1e-4, `output of cell ${at}`);
          assert.equal(total === null, METHODS[column] !== "lrp" && METHODS[column] !== "gradient-times-input");
        }
        const sums = shown.filter(({ phase }) => phase === "done").map(({ total }) => total !== null);
        const words = sums.every(Boolean)
          ? /^values add up/
          : sums.some(Boolean)
            ? /^some values are/
            : /^values are no/;
        if (sums.length > 0) assert.match(unit, words);
        assert.equal(selected, open);
        assert.equal(detail === null, open < 0);
        if (open < 0) return;
        // What was opened before its map was there becomes the explorer when it comes.
        const beneath = referred(self, detail)!;
        if (shown[open]!["phase"] === "done") assert.equal(beneath["method"], METHODS[open % 3]);
        else assert.equal(beneath["relevance"], null);
      };
      try {
        await turn();
        for (const action of list) {
          if ("event" in action && action.event["event"] === "open") {
            const cell = action.event["cell"] as number;
            open = open === cell ? -1 : cell;
          }
          await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        await agree();
        const { running, sort, cells } = state()!;
        assert.equal(running, false);
        const phases = new Set(cells.map((reference: string) => referred(self, reference)!["phase"]));
        assert.ok(!phases.has("working") && !phases.has("waiting"), [...phases].join());
        const lines = String(widget)
          .split("\n")
          .filter((line) => line.startsWith("  photo 1"));
        const expected = { "": [0, 1, 2], deletion: [1, 0, 2], size: [2, 0, 1] }[sort as "size"];
        lines.forEach((line, place) => void assert.ok(line.includes(widget.columns[expected[place]!]!.label), line));
      } finally {
        const { detail } = widget;
        widget.close();
        await widget.settled();
        await (detail as { settled?(): Promise<void> } | null)?.settled?.();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("a rank matrix: order, words and disagreements are those of its evaluation, and a pair has its maps when nothing runs", async () => {
  const x = tf.tidy(() => tf.concat(photos.map(({ tensor }) => tensor)));
  const measures = ["complexity", "sparseness"];
  const actions = sequence(
    change({ sort: fc.constantFrom("", MEAN_RANK, ...measures) }),
    change({ pair: fc.constantFrom<string[][]>([], ["complexity"], measures, [...measures].reverse()) }),
    event("stop", "again"),
    fc.constant({ interrupt: true } as Action),
  );
  try {
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const self = seen(
          () =>
            new RankMatrix(
              { ...{ model, data: { x }, methods: ["lrp", "sensitivity"], measures: measures as never }, batch: 1 },
              { samples: 2 },
            ),
        );
        const { widget, state } = self;
        const agree = () => {
          const { cells, methods, order, sort, pair, disagreements, pairWords, verdict, title, stopped, running } =
            state() ?? {};
          if (!cells?.length) return;
          assert.ok(stopped === null || !running, "what was stopped does not run");
          const evaluation = widget.evaluation as Evaluation;
          assert.equal(verdict.startsWith("So far: "), !evaluation.complete);
          const { winner } = evaluation.verdict;
          const whole = winner === null ? "No winner" : `*${winner}* wins`;
          assert.equal(title, evaluation.complete ? whole : "Which method is best?");
          const valuesOf = (method: string, measure: string) =>
            evaluation.rows.filter((row) => row.method === method && row.measure === measure && row.value !== null);
          for (const [at, { phase, mean, words }] of cells.entries()) {
            const values = valuesOf(methods[Math.floor(at / 2)].label, measures[at % 2]!);
            assert.equal(phase === "waiting", values.length === 0);
            if (phase !== "ranked") continue;
            const expected = values.reduce((sum, { value }) => sum + value!, 0) / values.length;
            close(mean, expected, 1e-6, words);
            assert.ok(words.startsWith(`mean ${formatNumber(mean)}`), words);
            assert.ok(words.includes(`, ${values.length} `), words);
          }
          const ranks = order.map((row: number) =>
            sort === "" ? row : sort === MEAN_RANK ? methods[row].mean : cells[2 * row + measures.indexOf(sort)].rank,
          );
          const sorted = ranks.map((rank: number | null) => rank ?? Number.POSITIVE_INFINITY);
          assert.deepEqual(
            sorted,
            sorted.toSorted((a: number, b: number) => a - b),
            `sorted by ${sort}`,
          );
          if (pair.length < 2) return void assert.deepEqual([pairWords, disagreements], ["", []]);
          for (const { sample, tau, orders } of disagreements) {
            const [a, b] = (pair as string[]).map((measure) => {
              const side = widget.measures.find(({ label }) => label === measure)!.better === "lower" ? -1 : 1;
              return methods.map(({ label }: { label: string }) => {
                return side * valuesOf(label, measure).find((row) => row.sample === sample)!.value!;
              }) as number[];
            });
            close(tau, kendallTau(a!, b!), 1e-9, `τ of sample ${sample}`);
            for (const [place, values] of [a, b].entries())
              assert.equal(orders[place][0], methods[values!.indexOf(Math.max(...values!))].label);
          }
        };
        try {
          await turn();
          for (const action of list) {
            // A reader chooses among the measures that are there.
            const [trait] = "set" in action ? Object.keys(action.set) : [];
            if (trait !== undefined && !state()?.["measures"].length) continue;
            await self.act(action, agree);
          }
          await widget.settled();
          await turn();
          agree();
          const { running, pair, disagreements, detail, error, stopped } = state()!;
          assert.deepEqual([running, error], [false, ""]);
          assert.equal(widget.evaluation?.complete ?? false, stopped === null);
          assert.equal(detail !== null, pair.length === 2 && disagreements.length > 0, "maps of the pair");
          if (detail !== null) assert.equal(referred(self, detail)!["rows"].length, disagreements.length);
        } finally {
          widget.close();
          await widget.settled();
        }
      }),
      { numRuns: SEQUENCES },
    );
  } finally {
    x.dispose();
  }
});
