import type { Tensor } from "@tensorflow/tfjs-core";
import { formatShort } from "../../../comms/format.js";
import type { GridRow, GridScore } from "../../../comms/states/method-grid.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Evaluation } from "../../../explainers/evaluation/index.js";
import type { Attribution } from "../../../explainers/explanation.js";
import type { Method } from "../../../explainers/method.js";
import { type Recording, record } from "../../../explainers/network/index.js";
import type { Target } from "../../../explainers/target.js";
import type { LoadedModel } from "../../models/index.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { hasSign, relevanceMap, total } from "../../pictures/relevance-map.js";
import { Explorer } from "../explorer/explorer.js";
import { Heatmap } from "../heatmap/heatmap.js";
import { type ComparedColumn, isSigned } from "./compared.js";
import type { FoundMap, GridRun, GridWork, MethodGrid, MethodGridOptions } from "./method-grid.js";
import { gridScores, samplesOf } from "./scores.js";

export type ComparedPhoto = LoadedImage | Tensor;

/** How it is compared, and how the grid looks at first. */
export interface CompareOptions
  extends Partial<
    Pick<MethodGridOptions, "title" | "mode" | "opacity" | "percentile" | "scale" | "limit" | "mapWidth" | "sort">
  > {
  /** What every method explains: a class by index or name; by default the most probable of each photo. Results say their own. */
  target?: Target;
  /** Which of the model's outputs; default 0. */
  output?: number;
  /** What measures say of the maps, to sort them by: an evaluation of these methods on these photos, or numbers by row and column. */
  scores?: Evaluation | readonly GridScore[];
  /** Stops it. */
  signal?: AbortSignal;
}

/** The maps of a comparison: one forward pass a photo, shared by the methods. */
export class Comparison implements GridWork {
  #grid: MethodGrid | undefined;
  /** Whether the heading is the comparison's to write. */
  #titled = false;
  readonly #model: LoadedModel;
  readonly #photos: readonly LoadedImage[];
  readonly #columns: readonly ComparedColumn[];
  readonly #options: CompareOptions;
  readonly #run: { target: Target; output: number | undefined };
  /** The row that is being computed, and its forward pass. */
  #looked: { row: number; recording: Recording } | undefined;
  readonly #results = new Map<string, Attribution>();
  /** The outputs that the scores of each row are of, where they are of an evaluation. */
  #scoredTargets: (number | null)[] = [];
  #explorer: Explorer | undefined;
  #explorerRow = -1;

  /** @throws ParameterError for a tensor that is no picture, and for results of which it is not known which photo they are of */
  constructor(
    model: LoadedModel,
    photo: ComparedPhoto | readonly ComparedPhoto[],
    columns: readonly ComparedColumn[],
    options: CompareOptions,
  ) {
    this.#model = model;
    this.#photos = ([photo].flat() as ComparedPhoto[]).map((one) => asPhoto(one, model.input));
    this.#columns = columns;
    this.#options = options;
    this.#run = { target: options.target ?? "top1", output: options.output };
    if (this.#photos.length > 1 && columns.some(({ result }) => result !== undefined)) {
      const expected = "one photo where results are compared: which photo each is of is not known";
      throw new ParameterError("photo", this.#photos, expected);
    }
  }

  /** What its grid starts with. */
  get grid(): MethodGridOptions {
    const { target: _, output: __, scores: ___, sort: ____, signal: _____, ...looks } = this.#options;
    const photos = this.#photos;
    return {
      rows: photos.map(
        ({ name, width, height, pixels }): GridRow => ({
          label: name,
          note: "",
          image: {
            shape: [height, width, 4],
            dtype: "uint8",
            data: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
          },
        }),
      ),
      columns: this.#columns.map(({ label, note, hint, caption, group }) => ({
        ...{ label, note, hint },
        ...(caption !== undefined && { caption }),
        ...(group !== undefined && { group }),
      })),
      title: counted(this.#columns.length, "method"),
      subtitle: photos.length > 1 ? counted(photos.length, "picture") : photos[0]!.name,
      ...looks,
    };
  }

  /** Makes the maps of a grid that was made with `grid`. */
  begin(grid: MethodGrid): void {
    const { scores, sort = "", signal, title } = this.#options;
    this.#grid = grid;
    this.#titled = title === undefined;
    try {
      if (scores !== undefined) grid.score(scores);
      grid.sort = sort;
    } catch (error) {
      grid.close();
      throw error;
    }
    signal?.addEventListener("abort", () => grid.stop(), { once: true });
    void grid.run();
    if (signal?.aborted) grid.stop();
  }

  async explain(row: number, column: number, run: GridRun): Promise<FoundMap> {
    const { method, explain, result: given } = this.#columns[column]!;
    const { target, output } = this.#run;
    const asked = { ...run, target, ...(output !== undefined && { output }) };
    // An explainer of one's own may be of another model: it runs that itself.
    const result = given ?? (await explain!(method === undefined ? this.#photos[row]!.tensor : this.#look(row), asked));
    this.#results.set(`${row} ${column}`, result);
    this.#name(row, result);
    const map = relevanceMap(result, this.#photos[row]!);
    return {
      relevance: map,
      target: this.#targetOf(result),
      output: finite(result.output[0]),
      total: result.additive ? finite(total(map)) : null,
      signed: isSigned(method, result) || hasSign(map.values),
      warnings: this.#warningsOf(row, result),
    };
  }

  scored(evaluation: Evaluation): GridScore[] {
    const found = gridScores(evaluation, this.#columns, this.#grid!.rows);
    this.#scoredTargets = samplesOf(evaluation, this.#grid!.rows).map((at) => evaluation.samples[at]!.target);
    for (const [key, result] of this.#results) {
      const [row, column] = key.split(" ").map(Number);
      this.#grid!.cell(row!, column!).warnings = this.#warningsOf(row!, result);
    }
    return found;
  }

  #warningsOf(row: number, result: Attribution): string[] {
    const [scored, shown] = [this.#scoredTargets[row] ?? null, result.target[0] ?? null];
    return [
      ...result.warnings.map(({ message }) => message),
      ...(scored !== null && shown !== null && scored !== shown
        ? [`The scores are of “${this.#nameOf(scored)}”, this map is of “${this.#nameOf(shown)}”.`]
        : []),
    ];
  }

  rest(): void {
    this.#looked?.recording.dispose();
    this.#looked = undefined;
  }

  /** The explorer where it can show what made the map, else the map at large. */
  detail(row: number, column: number) {
    const { method, parameters = {}, label, note, explain } = this.#columns[column]!;
    const index = this.#results.get(`${row} ${column}`)?.target[0] ?? undefined;
    // A result says what it was made with, but not so that it could be made again.
    if (method !== undefined && explain !== undefined && index !== undefined && (this.#run.output ?? 0) === 0) {
      const explorer = this.#exploring(row, method, parameters, index);
      if (explorer !== undefined) return explorer;
    }
    const cell = this.#grid!.cell(row, column);
    const { relevance, target, output, total, signed, error } = cell;
    return new Heatmap({
      image: this.#photos[row]!,
      ...(relevance !== null && { relevance, total }),
      title: target === "" ? label : `Why *${target}*?`,
      subtitle: [label, note].filter(Boolean).join(", "),
      ...{ output, signed, error },
    });
  }

  /** The explorer on that method; undefined where it does not offer it, or not with these parameters. */
  #exploring(row: number, method: Method, parameters: Readonly<Record<string, unknown>>, target: number) {
    const settings = { method: method.id, parameters: parameters as never };
    const photo = this.#photos[row]!;
    try {
      if (this.#explorer === undefined || this.#explorer.closed) {
        this.#explorer = new Explorer(this.#model, photo, { ...settings, target });
      } else {
        if (this.#explorerRow !== row) void this.#explorer.show(photo);
        this.#explorer.set({ ...settings, target });
      }
      this.#explorerRow = row;
      return this.#explorer;
    } catch {
      // Not a method that it offers: its map is shown instead.
      return undefined;
    }
  }

  /** The forward pass of a row, once. */
  #look(row: number): Recording {
    if (this.#looked?.row !== row) {
      this.rest();
      this.#looked = { row, recording: record(this.#model, this.#photos[row]!.tensor) };
    }
    return this.#looked.recording;
  }

  /** Says above a row what is explained in it, and, where all of one row is, in the heading. */
  #name(row: number, result: Attribution): void {
    const grid = this.#grid;
    if (grid === undefined || grid.closed) return;
    const target = this.#targetOf(result);
    const output = finite(result.output[0]);
    const words = [target === "" ? "" : `*${target}*`, output === null ? "" : `output ${formatShort(output)}`];
    const note = words.filter((word) => word !== "").join(" · ");
    const before = grid.rows[row]!.note;
    // Results may be of different classes: then each map says its own; or of one class by other numbers, its probability say.
    const alone = target === "" ? note : `*${target}*`;
    const isSame = before === "" || before === note || before === alone;
    const said = isSame ? (before === alone ? alone : note) : before.startsWith(`${alone} ·`) ? alone : APART;
    if (said === before) return;
    grid.rows = grid.rows.with(row, { ...grid.rows[row]!, note: said });
    if (grid.rows.length > 1 || !this.#titled) return;
    const { label } = grid.rows[0]!;
    const count = counted(this.#columns.length, "method");
    if (said === APART || target === "") grid.set({ title: count, subtitle: label });
    else {
      const facts = [label, output === null || said === alone ? "" : `output ${formatShort(output)}`, count];
      grid.set({ title: `Why *${target}*?`, subtitle: facts.filter((fact) => fact !== "").join(" · ") });
    }
  }

  #targetOf({ target }: Attribution): string {
    const index = target[0] ?? undefined;
    return index === undefined ? "" : this.#nameOf(index);
  }

  #nameOf(index: number): string {
    const name = (this.#run.output ?? 0) === 0 ? this.#model.classNames?.[index] : undefined;
    return name?.split(",")[0] ?? `output ${index}`;
  }
}

/** What stands in the place of a target where the maps of a row have several. */
const APART = "different targets";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const finite = (value: number | undefined) => (Number.isFinite(value) ? value! : null);
