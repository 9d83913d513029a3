import type { Tensor } from "@tensorflow/tfjs-core";
import { formatFixed, formatPercent } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  type MapSimilarity,
  type SanityCheckState,
  type SimilarityCurve,
  sanityCheckState,
  similaritiesOf,
} from "../../../comms/states/sanity-check.js";
import { nullable } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { RandomizationOrder } from "../../../explainers/evaluation/randomization/walk.js";
import type { Method } from "../../../explainers/method.js";
import type { MethodId } from "../../../explainers/methods.js";
import { throwIfAborted } from "../../../explainers/progress.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { shownRun } from "../base/shown-run.js";
import type { Widget } from "../base/widget.js";
import { anyWidgetTrait } from "../base/widget-class.js";
import { Heatmap } from "../heatmap/heatmap.js";
import { type ComparedMethod, comparedColumn } from "../method-grid/compared.js";
import { type CheckedMap, type CheckedStep, Randomization } from "./randomization.js";
import { sanityPicture } from "./sanity-picture.js";
import { randomWords, sanityWords } from "./sanity-words.js";

type SanityCheckTraits = Omit<SanityCheckState, "original" | "randomized"> & {
  original: Widget | null;
  randomized: Widget | null;
};

/** What is checked, and how the widget looks at first. */
export interface SanityCheckOptions extends Partial<Pick<SanityCheckTraits, "similarity" | "absolute" | "title">> {
  /** By default LRP, gradient × input and guided backprop. */
  methods?: readonly (MethodId | Method | ComparedMethod)[];
  /** A class by index or name; by default the most probable of the original model. */
  target?: number | string;
  /** From the output on and all before stay random (default), the same from the input on, or each layer alone. */
  order?: RandomizationOrder;
  /** Names of the layers that are randomized, each a step; by default all that have weights. */
  layers?: readonly string[];
  /** Whether weights are drawn anew as before training (default), or each weight's entries shuffled. */
  draw?: "reinitialized" | "permuted";
  seed?: number;
}

const METHODS: readonly MethodId[] = ["lrp", "gradient-times-input", "guided-backprop"];

const ORDERS: Record<RandomizationOrder, string> = {
  cascading: "layers randomized one after the other, from the output on",
  "bottom-up": "layers randomized one after the other, from the input on",
  independent: "one layer randomized at a time",
};

/**
 * A model forgets what it learned, layer by layer, and the same class is explained again: an explanation that stays as it was does not
 * depend on what the model knows. A slider walks through the layers; the map at that step stands beside that of the original model, and
 * curves show how alike they are, for all methods. Steps are computed one by one; "Stop" keeps those that are there.
 *
 * @see Adebayo et al. 2018, NeurIPS
 * @throws ModelError for a model whose weights are not known; LayerError for a layer without weights or of no such name; ParameterError, TraitError
 * @example new SanityCheck(model, photo, { methods: ["lrp", "grad-cam", "guided-backprop"] })
 */
export class SanityCheck extends domWidgetClass<SanityCheckTraits, { stop: object; again: object }>({
  ...ownWidget("SanityCheck"),
  traits: { ...sanityCheckState, original: nullable(anyWidgetTrait), randomized: nullable(anyWidgetTrait) },
  events: ["stop", "again"],
  constrain(next, names, fail) {
    const known = next.methods.map(({ value }) => value);
    if (names.has("method") && next.method !== "" && !known.includes(next.method)) {
      fail("method", `one of ${known.join(", ")}`, known);
    }
    const last = Math.max(0, next.steps.length - 1);
    if (names.has("step") && (next.step < 0 || next.step > last)) fail("step", `from 0 to ${last}`);
  },
}) {
  readonly #randomization: Randomization;
  readonly #photo: LoadedImage;
  readonly #target: number | string | undefined;
  readonly #model: LoadedModel;
  readonly #runs = new LatestWins((signal) => this.#compute(signal));
  readonly #found: CheckedStep[] = [];
  readonly #signed = new Map<string, boolean>();
  readonly #maps: { original: Heatmap; randomized: Heatmap };

  constructor(model: LoadedModel, photo: LoadedImage | Tensor, options: SanityCheckOptions = {}) {
    const { methods = METHODS, target, order = "cascading", layers, draw, seed, ...looks } = options;
    if (methods.length === 0) throw new ParameterError("methods", methods, "a list of at least one");
    const image = asPhoto(photo, model.input);
    if (layers?.length === 0)
      throw new ParameterError("layers", layers, "names of layers; left out, all that have weights");
    const columns = methods.map((one) => comparedColumn(model, one));
    const checked = columns.map(({ label, note, method, parameters = {} }) => {
      if (method === undefined) {
        throw new ParameterError("methods", label, "methods of the list, which can explain a model with other weights");
      }
      const whole = note === "" ? label : `${label} (${note})`;
      return { label: whole, method, explain: (other: Parameters<Method>[0]) => method(other, parameters) };
    });
    const labels = checked.map(({ label }) => label);
    const twice = labels.find((label, at) => labels.indexOf(label) !== at);
    if (twice !== undefined)
      throw new ParameterError("methods", twice, "named once: give { method, parameters, name }");
    const randomization = new Randomization(model, checked, {
      ...{ order, layers },
      ...(draw !== undefined && { draw }),
      ...(seed !== undefined && { seed }),
    });
    const heatmap = (title: string) => new Heatmap({ image, title, compact: true });
    const maps = { original: heatmap("Original model"), randomized: heatmap("Randomized model") };
    super({
      title: "Do explanations notice what the model forgets?",
      subtitle: `${[image.name, ORDERS[order]].filter((part) => part !== "").join(" · ")}`,
      ...looks,
      methods: checked.map(({ label, method }) => ({
        value: label,
        label,
        hint: `${method.question} ${method.reference}`,
      })),
      method: labels[0]!,
      steps: [...randomization.steps],
      curves: labels.map((method) => ({ method, signed: {}, absolute: {}, error: "" })),
      ...maps,
      running: true,
    });
    this.#maps = maps;
    this.#model = model;
    this.#photo = image;
    this.#target = target;
    this.#randomization = randomization;
    for (const { label, method } of checked) this.#signed.set(label, method.signed);
    this.watch(() => this.#show(), ["method", "step", "similarity", "absolute"]);
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    void this.#runs.start();
  }

  /** Gives up what is computed; the steps that are there stay, and "Run on" takes it up. */
  stop(): void {
    this.#runs.stop();
  }

  /** Resolves when all steps are there, or it was stopped. */
  settled(): Promise<void> {
    return this.#runs.settled();
  }

  override close(): void {
    this.#runs.close();
    super.close();
    for (const map of Object.values(this.#maps)) map.close();
  }

  override staticPicture(): StaticPicture | null {
    return this.done === 0 ? null : sanityPicture(this, this.#maps);
  }

  override pictured(): Iterable<Widget> {
    return Object.values(this.#maps);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** In plain text: how alike each method's last map is to the first. */
  override toString(): string {
    const { similarity, absolute, done } = this;
    const lines = this.curves.map((curve) => {
      const values = similaritiesOf(curve, this).slice(1);
      const there = values.filter((value) => value !== null);
      const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
      const last =
        there.length === 0 ? "no similarity" : `mean ${formatFixed(mean, 2)}, last ${formatFixed(there.at(-1)!, 2)}`;
      return `  ${curve.method}: ${curve.error === "" ? last : curve.error}`;
    });
    const head = `SanityCheck: ${this.subtitle} · ${similarity}${absolute ? " of sizes" : ""} · ${Math.max(0, done - 1)} of ${this.steps.length - 1} layers`;
    const stopped = this.stopped === null ? "" : ` · stopped at ${formatPercent(this.stopped)}`;
    return [head + stopped + (this.error === "" ? "" : ` · ${this.error}`), ...lines].join("\n");
  }

  #compute(signal: AbortSignal): Promise<void> {
    const work = async (onProgress: (progress: { done: number; total: number }) => void) => {
      const run = { signal, onProgress };
      throwIfAborted(run);
      const target = this.#target ?? this.#best();
      for await (const found of this.#randomization.run(this.#photo.tensor, target, this.#found.length, run)) {
        if (this.closed) return;
        this.#found.push(found);
        this.#take();
      }
    };
    return shownRun(this, work, this.#found.length / this.steps.length);
  }

  /** What the original model sees: that class is explained at every step. */
  #best(): number {
    const output = this.#model.predict(this.#photo.tensor);
    const scores = output.dataSync<"float32">();
    output.dispose();
    return scores.reduce((best, score, at) => (score > scores[best]! ? at : best), 0);
  }

  /** Puts the steps that are there into the curves, and what is shown anew into the maps. */
  #take(): void {
    this.set({
      curves: this.methods.map(({ value }, index) => curveOf(value, this.#found, index)),
      done: this.#found.length,
    });
    if (this.step === 0 || this.step >= this.#found.length - 1) this.#show();
  }

  #show(): void {
    const index = this.methods.findIndex(({ value }) => value === this.method);
    const first = this.#found[0]?.[index];
    const now = this.#found[this.step]?.[index];
    const isAlone = this.#randomization.options.order === "independent";
    this.#draw(this.#maps.original, first, "");
    this.#draw(
      this.#maps.randomized,
      now,
      this.step === 0 ? "nothing is random yet" : randomWords(this, isAlone).replace(/,$/, ""),
    );
    this.words = sanityWords(this, this.curves[index], this.method, isAlone);
  }

  #draw(map: Heatmap, found: CheckedMap | Error | undefined, subtitle: string): void {
    if (found === undefined) map.set({ relevance: null, total: null, output: null, subtitle, error: "" });
    else if (found instanceof Error) {
      map.set({ relevance: null, total: null, output: null, subtitle, error: found.message });
    } else {
      const signed = !this.absolute && (this.#signed.get(this.method) ?? true);
      const relevance = this.absolute ? found.absolute : found.signed;
      map.set({ relevance, total: null, output: found.output, signed, subtitle, error: "" });
    }
  }
}

function curveOf(method: string, found: readonly CheckedStep[], index: number): SimilarityCurve {
  const own = found.map((step) => step[index]!);
  const first = own.find((one) => !(one instanceof Error)) as CheckedMap | undefined;
  const valuesOf = (sign: "signed" | "absolute") => {
    const names = Object.keys(first?.similarities[sign] ?? {}) as MapSimilarity[];
    return Object.fromEntries(
      names.map((name) => [
        name,
        own.map((one) => {
          const value = one instanceof Error ? Number.NaN : one.similarities[sign][name]!;
          return Number.isFinite(value) ? value : null;
        }),
      ]),
    );
  };
  const failed = own.filter((one) => one instanceof Error);
  const all = failed.length === own.length;
  const error =
    failed.length === 0 ? "" : all ? failed[0]!.message : `${failed.length} steps have no map: ${failed[0]!.message}`;
  return { method, signed: valuesOf("signed"), absolute: valuesOf("absolute"), error };
}
