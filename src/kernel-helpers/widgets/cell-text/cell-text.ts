import type { Tensor } from "@tensorflow/tfjs-core";
import { formatFixed, formatPercent } from "../../../comms/format.js";
import { BEST, BRUSHED, type CellTextState, cellTextState } from "../../../comms/states/cell-text.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  type CellLayer,
  type CellRanking,
  type CellRule,
  cellStates,
  gateSaturation,
  phraseRule,
  rankCells,
  type TextRuleId,
  textRule,
  textRules,
} from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import { characterIds } from "../../models/character-ids.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { cellTextPicture } from "./cell-text-picture.js";
import { layerWords, scoreWords, verdictWords } from "./cell-text-words.js";

/** How the widget starts. */
export interface CellTextOptions
  extends Partial<Pick<CellTextState, "title" | "subtitle" | "rule" | "layer" | "cell">> {
  /** The model's input `[1, steps, …]`, where it is not the indices of the text's characters among the model's `classNames`. */
  x?: Tensor;
  /** Rules of your own, one value a step, offered beside those of the text. */
  rules?: readonly CellRule[];
  /** How often the rule is shifted against the text to see what chance does; default 99. */
  shifts?: number;
  seed?: number;
}

/**
 * A text colored by one cell of a recurrent network, with its gates below each character. Choose a rule (inside quotes, depth of brackets,
 * position in the line, …) or brush a phrase, and all cells are ranked by how well they follow it, beside what the best reaches by chance.
 *
 * @param text the text, or its steps (words) as a list
 * @throws ModelError for a model without cells that can be seen, ParameterError, TraitError
 * @see Karpathy, Johnson & Li 2015, arXiv:1506.02078; Strobelt et al. 2018 (LSTMVis)
 * @example new CellText(await loadModel("char-lstm"), await sampleText(), { rule: "comments" })
 */
export class CellText extends domWidgetClass<CellTextState, { stop: object; again: object }>({
  ...ownWidget("CellText"),
  traits: cellTextState,
  events: ["stop", "again"],
  constrain(next, names, fail) {
    const layer = next.layers.find(({ name }) => name === next.layer);
    if (next.layers.length > 0) {
      const known = next.layers.map(({ name }) => name);
      if (names.has("layer") && layer === undefined) fail("layer", `one of ${known.join(", ")}`, known);
      // Another layer may have fewer cells.
      if (layer !== undefined && next.cell >= layer.cells && names.has("layer") && !names.has("cell")) next.cell = 0;
      if (layer !== undefined && (next.cell < 0 || next.cell >= layer.cells)) {
        fail("cell", `from 0 to ${layer.cells - 1}`);
      }
    }
    const rules = [...next.rules.map(({ value }) => value), BRUSHED];
    if (names.has("rule") && next.rules.length > 0 && !rules.includes(next.rule)) {
      fail("rule", `one of ${rules.join(", ")}`, rules);
    }
    if (names.has("from") || names.has("to")) {
      const isRange = next.from >= 0 && next.from < next.to && next.to <= next.tokens.length;
      if (!isRange && !(next.from === -1 && next.to === -1))
        fail("to", `after from, and at most ${next.tokens.length}`);
    }
  },
}) {
  readonly #model: LoadedModel;
  readonly #x: Tensor | undefined;
  readonly #own: readonly CellRule[];
  readonly #options: { readonly shifts?: number; readonly seed?: number };
  readonly #follows = new LatestWins((signal) => this.#follow(signal));
  readonly #ranks = new LatestWins((signal) => this.#rank(signal));
  #layers: readonly CellLayer[] = [];
  #ranking: CellRanking | undefined;
  /** Whether the next ranking shows its best cell. */
  #leads: boolean;

  constructor(model: LoadedModel, text: string | readonly string[], options: CellTextOptions = {}) {
    const { x, rules: own = [], shifts, seed, ...looks } = options;
    const tokens = [...text];
    if (tokens.length < 2) throw new ParameterError("text", text, "at least two steps long");
    if (x !== undefined && (x.shape[0] !== 1 || x.shape[1] !== tokens.length)) {
      throw new ParameterError("x", `[${x.shape}]`, `[1, ${tokens.length}, …], one step for each of the text`);
    }
    // Refuses what cannot be followed before there is anything to see.
    cellStates(model);
    if (x === undefined) characterIds(model, tokens).dispose();
    const rules = choicesOf(tokens, own);
    const rule = looks.rule ?? rules[0]?.value ?? "";
    super({
      title: "What does each cell remember?",
      subtitle: `${model.name} · ${tokens.length} ${isText(tokens) ? "characters" : "steps"}`,
      ...looks,
      tokens,
      rules,
      rule,
      running: true,
      doing: "cells",
    });
    this.#model = model;
    this.#x = x?.clone();
    this.#own = own;
    this.#options = { ...(shifts !== undefined && { shifts }), ...(seed !== undefined && { seed }) };
    this.#leads = looks.cell === undefined && looks.layer === undefined;
    this.watch(() => this.#show(), ["layer", "cell"]);
    this.watch(() => {
      this.#leads = true;
      void this.#ranks.start();
    }, ["rule", "from", "to"]);
    this.on("stop", () => this.stop());
    this.on("again", () => void (this.#layers.length === 0 ? this.#follows : this.#ranks).start());
    void this.#follows.start();
  }

  /** The ranking that is shown, as plain data; undefined before there is one. */
  get ranking(): CellRanking | undefined {
    return this.#ranking;
  }

  /** Gives up what is computed; what is there stays. */
  stop(): void {
    this.#follows.stop();
    this.#ranks.stop();
  }

  /** Resolves when cells and ranking are there, or it was stopped. */
  async settled(): Promise<void> {
    await this.#follows.settled();
    await this.#ranks.settled();
  }

  override close(): void {
    this.#follows.close();
    this.#ranks.close();
    super.close();
    this.#x?.dispose();
  }

  override staticPicture(): StaticPicture | null {
    return this.values === null ? null : cellTextPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** In plain text: what follows the rule best. */
  override toString(): string {
    const best = this.best.slice(0, 5).map(({ layer, cell, score, words }) => {
      return `  ${layer} ${cell}: ${this.measure} ${formatFixed(score, 2)}, ${words}`;
    });
    const stopped = this.stopped === null ? "" : `stopped at ${formatPercent(this.stopped)}`;
    const lines = [`CellText: ${this.subtitle}`, this.verdict, stopped, this.error, ...best];
    return lines.filter((line) => line !== "").join("\n");
  }

  /** All cells over the text. */
  async #follow(signal: AbortSignal): Promise<void> {
    await this.#run("cells", signal, async (run) => {
      const x = this.#x ?? characterIds(this.#model, this.tokens);
      try {
        const { layers } = await cellStates(this.#model)(x, run);
        if (this.closed) return;
        this.#layers = layers.filter(({ steps }) => steps === this.tokens.length);
        if (this.#layers.length === 0) {
          throw new ParameterError(
            "text",
            `${this.tokens.length} steps`,
            `as long as the cells' sequences, ${layers[0]!.steps} steps`,
          );
        }
      } finally {
        if (this.#x === undefined) x.dispose();
      }
      const wanted = this.#layers.find(({ layer }) => layer === this.layer);
      if (this.layer !== "" && wanted === undefined) {
        throw ParameterError.notOneOf(
          "layer",
          this.layer,
          this.#layers.map(({ layer }) => layer),
        );
      }
      const { layer, cells } = wanted ?? this.#layers[0]!;
      if (this.cell >= cells) throw new ParameterError("cell", this.cell, `from 0 to ${cells - 1} in layer "${layer}"`);
      this.set({ layers: this.#layers.map(layerWords), layer });
      this.#show();
    });
    if (!this.closed && this.error === "" && this.stopped === null) await this.#ranks.start();
  }

  /** What follows the rule. */
  async #rank(signal: AbortSignal): Promise<void> {
    if (this.#layers.length === 0) return;
    await this.#run("ranking", signal, async (run) => {
      const rule = this.#rule();
      if (rule === undefined) {
        this.#unranked("No rule changes in this text: brush a phrase in it to search for its cells.");
        this.holds = null;
        return;
      }
      this.set(holdsOf(rule));
      const ranking = await rankCells(this.#layers, rule, { ...this.#options, ...run });
      if (this.closed) return;
      this.#ranking = ranking;
      const { measure, chance, always } = ranking;
      this.set({
        best: ranking.ranking.slice(0, BEST).map((score) => ({
          layer: score.layer,
          cell: score.cell,
          score: score.score,
          words: scoreWords(score),
        })),
        measure,
        chance: [chance.low, chance.high],
        always,
        verdict: verdictWords(ranking),
      });
      const [top] = ranking.ranking;
      if (this.#leads && top !== undefined) this.set({ layer: top.layer, cell: top.cell });
    });
  }

  async #run(
    doing: "cells" | "ranking",
    signal: AbortSignal,
    work: (run: {
      signal: AbortSignal;
      onProgress: (progress: { done: number; total: number }) => void;
    }) => Promise<void>,
  ): Promise<void> {
    this.set({ running: true, doing, progress: 0, stopped: null, error: "" });
    try {
      await work({
        signal,
        onProgress: ({ done, total }) => {
          if (isInterrupted()) this.stop();
          if (!this.closed) this.progress = done / total;
        },
      });
    } catch (error) {
      if (this.closed) return;
      if (!signal.aborted) {
        this.error = (error as Error).message;
        // What stands there is of another rule, and nothing says so as it does where a reader stops.
        if (doing === "ranking") this.#unranked("");
      } else if (!(doing === "ranking" ? this.#ranks : this.#follows).superseded) this.stopped = this.progress ?? 0;
    } finally {
      if (!this.closed) this.set({ running: false, doing: "nothing", progress: null });
    }
  }

  #unranked(verdict: string): void {
    this.#ranking = undefined;
    this.set({ best: [], chance: [], always: null, verdict });
  }

  #rule(): CellRule | undefined {
    const { rule, tokens, from, to } = this;
    if (rule === BRUSHED) {
      if (from < 0) return undefined;
      return isText(tokens)
        ? phraseRule(tokens.slice(from, to).join(""), tokens)
        : {
            name: "the brushed steps",
            kind: "binary",
            values: Float32Array.from(tokens, (_, at) => (at >= from && at < to ? 1 : 0)),
          };
    }
    const own = this.#own.find(({ name }) => name === rule);
    return own ?? (rule === "" ? undefined : textRule(rule as TextRuleId, tokens));
  }

  /** Values, gates and saturation of the chosen cell. */
  #show(): void {
    const found = this.#layers.find(({ layer }) => layer === this.layer);
    if (found === undefined) return;
    const { kind, cells, states, steps } = found;
    const course = Float32Array.from({ length: steps }, (_, step) => states[step * cells + this.cell]!);
    const isMemory = kind === "LSTM";
    const gates = Object.values(found.gates);
    const largest = isMemory ? 1 : states.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const saturation = gateSaturation([found]).flatMap(({ left, right }) =>
      [...left].flatMap((value, cell) => [value, right[cell]!]),
    );
    this.set({
      values: array([steps], isMemory ? course.map(Math.tanh) : course),
      quantity: isMemory ? "tanh c" : "h",
      limit: largest,
      gates: array(
        [gates.length, steps],
        Float32Array.from(
          gates.flatMap((gate) => Array.from({ length: steps }, (_, step) => gate[step * cells + this.cell]!)),
        ),
      ),
      saturation: array([gates.length, cells, 2], Float32Array.from(saturation)),
    });
  }
}

const array = (shape: number[], data: Float32Array) => ({ shape, dtype: "float32" as const, data });

const isText = (tokens: readonly string[]): boolean => tokens.every((token) => [...token].length === 1);

/** The rules that change in this text. */
function choicesOf(tokens: readonly string[], own: readonly CellRule[]): CellTextState["rules"] {
  for (const { name, values } of own) {
    if (values.length !== tokens.length) {
      throw new ParameterError(
        "rules",
        `"${name}" with ${values.length} values`,
        `of ${tokens.length} values, one for each step`,
      );
    }
  }
  const given = own.map(({ name, kind }) => ({ value: name, label: name, hint: hintOf(kind) }));
  if (!isText(tokens)) return given;
  const known = Object.entries(textRules).filter(([id]) => {
    const { values } = textRule(id as TextRuleId, tokens);
    return values.some((value) => value !== values[0]);
  });
  return [...given, ...known.map(([id, { name, kind }]) => ({ value: id, label: name, hint: hintOf(kind) }))];
}

const hintOf = (kind: CellRule["kind"]): string =>
  kind === "binary"
    ? "It holds or not: cells are ranked by F1"
    : "It is a number: cells are ranked by their correlation with it";

function holdsOf({ kind, values }: CellRule): Pick<CellTextState, "holds" | "most"> {
  const most = kind === "binary" ? 1 : values.reduce((largest, value) => Math.max(largest, value), 0);
  const data = Uint8Array.from(values, (value) => (most > 0 ? Math.round((255 * Math.max(0, value)) / most) : 0));
  return { holds: { shape: [values.length], dtype: "uint8", data }, most };
}
