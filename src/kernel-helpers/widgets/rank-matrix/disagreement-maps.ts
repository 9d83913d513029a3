import type { Tensor } from "@tensorflow/tfjs-core";
import { formatNumber } from "../../../comms/format.js";
import type { GridRow } from "../../../comms/states/method-grid.js";
import type { Disagreement } from "../../../comms/states/rank-matrix.js";
import { type MethodColumn, methodColumns } from "../../../explainers/evaluation/grid/columns.js";
import { checkedData } from "../../../explainers/evaluation/grid/data.js";
import type { EvaluatedMethodInput, Evaluation, EvaluationDataInput } from "../../../explainers/evaluation/index.js";
import { findMethod } from "../../../explainers/methods.js";
import type { Model } from "../../../explainers/network/index.js";
import type { ModelInput } from "../../models/index.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import { hasSign, type Photo, relevanceMap, total } from "../../pictures/relevance-map.js";
import { type FoundMap, type GridRun, type GridWork, MethodGrid } from "../method-grid/method-grid.js";

/** What maps of an evaluation's samples are made from. */
export interface MapSources {
  model: Model;
  /** What was evaluated. It stays its maker's, and must be there while maps are made. */
  data: EvaluationDataInput;
  /** The methods as they were evaluated; needed for explainers of one's own. */
  methods?: readonly EvaluatedMethodInput[];
}

/** Samples with the maps of all methods, and what each of two measures says of them on that sample: rows × columns. */
export function disagreementGrid(
  evaluation: Evaluation,
  [a, b]: readonly [string, string],
  found: readonly Disagreement[],
  sources: MapSources,
): MethodGrid {
  const work = new DisagreementMaps(evaluation, found, sources);
  const places = `places by ${a} · by ${b}`;
  const grid = new MethodGrid(
    {
      rows: work.rows,
      columns: evaluation.methods.map(({ label, name }) => ({ label, note: "", hint: `${name}: ${places}` })),
      title: "The samples themselves",
      subtitle: `each map with its ${places}`,
    },
    work,
  );
  void grid.run();
  return grid;
}

class DisagreementMaps implements GridWork {
  readonly rows: GridRow[];
  readonly #columns: (MethodColumn | Error)[];
  readonly #given: EvaluationDataInput;
  /** Held while maps are made: of pictures it has tensors of its own. */
  #data: ReturnType<typeof checkedData> | undefined;
  readonly #model: Model;
  readonly #found: readonly Disagreement[];
  readonly #samples: Evaluation["samples"];

  constructor(evaluation: Evaluation, found: readonly Disagreement[], { model, data, methods }: MapSources) {
    this.#model = model;
    this.#given = data;
    checkedData(data).dispose();
    this.#found = found;
    this.#samples = evaluation.samples;
    const given = methods && methodColumns(methods, evaluation.seed);
    this.#columns = evaluation.methods.map(({ label, id, parameters }) => {
      const own = given?.find(({ about }) => about.label === label);
      if (own !== undefined) return own;
      try {
        if (id === null) throw new Error(`${label} is an explainer of one's own: give methods, as evaluate had them.`);
        const [column] = methodColumns([{ method: id as never, parameters, name: label }], evaluation.seed);
        return column!;
      } catch (error) {
        return error as Error;
      }
    });
    this.rows = found.map(({ sample, name, tau, orders }): GridRow => {
      const photo = photoOf(data, sample, model);
      const image = photo && {
        shape: [photo.height, photo.width, 4],
        dtype: "uint8" as const,
        data: new Uint8Array(photo.pixels.buffer, photo.pixels.byteOffset, photo.pixels.length),
      };
      const [ofA, ofB] = orders.map((order) => order.join(", "));
      return {
        label: /^\d+$/.test(name) ? `sample ${name}` : name,
        note: `τ ${formatNumber(tau, 2)} · ${ofA} against ${ofB}`,
        image,
      };
    });
  }

  async explain(row: number, column: number, run: GridRun): Promise<FoundMap> {
    const { sample, orders } = this.#found[row]!;
    const method = this.#columns[column]!;
    if (method instanceof Error) throw method;
    this.#data ??= checkedData(this.#given);
    const { targets, output = 0 } = this.#data;
    const slice = this.#data.slice([sample]);
    try {
      const target = this.#samples[sample]!.target ?? targets[sample]!;
      const result = await method.explain(this.#model)(slice.x, { ...run, target, output });
      const map = relevanceMap(result);
      const { label, id } = method.about;
      const signed = id === null || id === "random" || findMethod(id).signed || hasSign(result.relevance);
      const places = orders.map((order) => order.indexOf(label) + 1);
      return {
        relevance: map,
        target: places.every((place) => place > 0) ? places.map((place) => `#${place}`).join(" · ") : "",
        output: result.output[0] ?? null,
        total: result.additive ? total(map) : null,
        signed,
      };
    } finally {
      slice.dispose();
    }
  }

  rest(): void {
    this.#data?.dispose();
    this.#data = undefined;
  }
}

/** The picture that a sample is, where it is one. */
function photoOf(data: EvaluationDataInput, sample: number, model: Model): Photo | null {
  const input = "input" in model ? (model.input as ModelInput | undefined) : undefined;
  const [one, x] = Array.isArray(data)
    ? [data[sample] as Partial<Photo> | undefined, undefined]
    : [undefined, "x" in (data as object) ? (data as { x: unknown }).x : data];
  if (one?.pixels !== undefined) return one as Photo;
  const whole = (x ?? (one as { tensor?: Tensor } | undefined)?.tensor) as Tensor | undefined;
  const channels = whole?.shape?.[3];
  if (input === undefined || whole?.rank !== 4 || (channels !== 1 && channels !== 3)) return null;
  const part = whole.slice(x === undefined ? 0 : sample, 1);
  try {
    return asPhoto(part, input);
  } finally {
    part.dispose();
  }
}
