import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { type Graph, type Model, record } from "../../network/index.js";
import { asMap } from "../../network/layer-map.js";
import { chosenLayer, chosenMap, mapLayers } from "../../network/layers.js";
import { sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { checked, type OptionsOf, real, seed, toggle, type ValuesOf, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { BestSamples } from "../best-samples.js";
import { type PictureSource, sourceOf } from "../picture-source.js";
import { type Concept, ConceptGrid, type LabeledPictures } from "./concept-maps.js";
import { LargestValues, neededFor } from "./largest-values.js";
import { Overlaps } from "./overlaps.js";
import { randomRotation } from "./rotation.js";

const parameters = {
  share: real(0.005, "A unit is on where its value is among this share of its largest", {
    least: 0,
    most: 0.5,
    open: true,
  }),
  leastOverlap: real(0.04, "Least intersection over union of a detector", {
    least: 0,
    most: 1,
    label: "Least overlap",
  }),
  resolution: whole(56, "Places a side of the grid that units and concepts are compared on", {
    least: 4,
    unit: "places",
  }),
  topPictures: whole(9, "How many pictures are named that a unit answers most", {
    least: 1,
    label: "Top pictures",
    minor: true,
  }),
  keptMasks: whole(0, "Of how many top pictures of each unit it is kept where the unit is on", {
    least: 0,
    label: "Kept masks",
    minor: true,
  }),
  rotated: toggle(
    false,
    "Also dissects a random rotation of each layer, which has as much in it but no reason for units to mean something",
  ),
  seed,
  memoryBudget: whole(512 * 2 ** 20, "What activations of a batch and the largest values of all units may take", {
    least: 1,
    unit: "bytes",
    label: "Memory",
    minor: true,
  }),
};

type Values = ValuesOf<typeof parameters>;

export type DissectOptions = OptionsOf<typeof parameters> & {
  /** By default all with a map of positions. */
  readonly layers?: string | readonly string[];
};

/** What one unit of a layer, a channel, answers. */
export interface DissectedUnit {
  readonly unit: number;
  /** The unit is on where its value is above. */
  readonly threshold: number;
  /** The concept that it overlaps most, `null` where it overlaps none. */
  readonly concept: Concept | null;
  /** Intersection over union with it, over all pictures. */
  readonly overlap: number;
  readonly isDetector: boolean;
  /** Pictures by the largest value anywhere in them. */
  readonly topPictures: readonly number[];
  readonly topValues: readonly number[];
}

/** How many units of a layer detect what. */
export interface DetectorCount {
  readonly detectors: number;
  /** Different concepts among them. */
  readonly concepts: number;
  /** Different concepts, by kind. */
  readonly byKind: Readonly<Record<string, number>>;
}

export interface DissectedLayer extends DetectorCount {
  readonly layer: string;
  readonly units: readonly DissectedUnit[];
  /** Of each unit and concept, `[units, concepts]`. */
  readonly overlaps: Float32Array;
  /**
   * Where each unit is on in its first `keptMasks` top pictures: `[units, keptMasks, ⌈resolution² / 8⌉]`, a bit a place, row by row, the
   * lowest bit first; `null` unless asked for.
   */
  readonly masks: Uint8Array | null;
  /** The same counts for a random rotation of the layer; `null` unless asked for. */
  readonly rotated: DetectorCount | null;
}

export interface Dissection {
  readonly method: "network dissection";
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly pictures: number;
  readonly concepts: readonly Concept[];
  readonly layers: readonly DissectedLayer[];
  /** What does not mean what it seems to. */
  readonly warnings: readonly string[];
}

/**
 * Network dissection (Bau, Zhou et al. 2017, CVPR): which units of a layer detect which concepts. A unit is on where its value, brought
 * to the pictures' places, is among the top ½ % of all its values; a concept it overlaps by more than 0.04 of their union is what it
 * detects, the best of them.
 *
 * Thresholds are exact quantiles, found in one pass over the pictures without keeping their values; a second pass counts overlaps. Where the
 * largest values of all units would not fit the budget, thresholds are those of an even sample of places, and the result says so.
 *
 * @param options layers and how they are compared
 * @returns a function of labeled pictures that gives plain data
 * @throws ParameterError, LayerError, InputShapeError, AbortedError
 * @example
 * const { layers } = await dissect(model, { layers: ["conv2"] })({ x, concepts: { texture: { names: ["stripes"], map } } });
 * layers[0].units.filter((unit) => unit.isDetector);
 */
export function dissect(model: Model, { layers, ...given }: DissectOptions = {}) {
  const values = checked("dissect", parameters, given);
  const wanted = typeof layers === "string" ? [layers] : layers;
  return (data: LabeledPictures, run: ProgressOptions = {}): Promise<Dissection> =>
    followed("Network dissection", run, async (asked) => {
      const source = sourceOf(data.x);
      const subject = look(model, wanted, source, values);
      const grid = new ConceptGrid(data, source.count, subject.picture, values.resolution);
      const progress = follow(2 * source.count, asked);
      const names = subject.layers.flatMap(({ name }) => (values.rotated ? [name, rotatedName(name)] : [name]));
      const pass = async (visit: (start: number, name: string, map: Tensor4D) => void) => {
        for (let start = 0; start < source.count; start += subject.batch) {
          const count = Math.min(subject.batch, source.count - start);
          eachMap(model, source, subject, start, count, values.rotated, (name, map) => visit(start, name, map));
          await progress.step(count);
        }
      };
      const every = subject.every;
      const totals = new Map<string, number>();
      const largest = new Map<string, LargestValues>();
      const tops = new Map<string, BestSamples[]>();
      for (const { name, places, units } of subject.layers) {
        for (const own of values.rotated ? [name, rotatedName(name)] : [name]) {
          const most = Math.ceil((places * source.count) / every);
          largest.set(own, new LargestValues(units, neededFor(values.share, most)));
          tops.set(
            own,
            Array.from({ length: units }, () => new BestSamples(values.topPictures)),
          );
          totals.set(own, 0);
        }
      }
      await pass((start, name, map) => {
        const [count, height, width, units] = map.shape;
        const rows = count * height * width;
        // The first place differs from batch to batch, so that a sample does not keep to some columns.
        const first = start % every;
        largest.get(name)!.add(map.dataSync<"float32">(), first, every);
        totals.set(name, totals.get(name)! + Math.max(0, Math.ceil((rows - first) / every)));
        const best = tops.get(name)!;
        const strongest = tf.max(tf.reshape(map, [count, -1, units]), 1).dataSync<"float32">();
        strongest.forEach((value, at) => {
          best[at % units]!.add({ sample: start + Math.floor(at / units), value });
        });
      });
      const overlaps = new Map(
        names.map((name) => {
          const kept = largest.get(name)!;
          const thresholds = Float32Array.from({ length: kept.streams }, (_, unit) =>
            kept.quantile(unit, values.share, totals.get(name)!),
          );
          const best = tops.get(name)!.map(({ all }) => all.map(({ sample }) => sample));
          const isRotated = !subject.layers.some((layer) => layer.name === name);
          return [name, new Overlaps(thresholds, grid, best, isRotated ? 0 : values.keptMasks)] as const;
        }),
      );
      await pass((start, name, map) => overlaps.get(name)!.add(start, map));
      return resultOf(subject, grid, overlaps, tops, values);
    });
}

dissect.id = "dissect";
dissect.parameters = parameters;
dissect.reference = "Bau, Zhou et al. 2017, CVPR";
dissect.question = "Which units detect something that people have a word for?";

const rotatedName = (layer: string) => `${layer} rotated`;

interface Subject {
  readonly layers: readonly { readonly name: string; readonly places: number; readonly units: number }[];
  readonly picture: readonly number[];
  readonly batch: number;
  /** Each how many-th place counts for thresholds. */
  readonly every: number;
  readonly rotations: ReadonlyMap<string, Float32Array>;
}

/** What one picture says of the layers, and so of what fits the budget. */
function look(
  model: Model,
  wanted: readonly string[] | undefined,
  { count, take }: PictureSource,
  { share, rotated, seed: first, memoryBudget }: Values,
): Subject {
  return scoped(() => {
    const picture = take(0, 1);
    if (picture.rank !== 4)
      throw new ParameterError("x", `[${picture.shape}]`, "pictures, [n, height, width, channels]");
    const recording = record(model, picture);
    try {
      const { graph } = recording;
      const names = wanted ?? mapLayers(graph);
      const layers = names.map((name) => {
        const { positions, map } = mapOf(graph, name, recording.value(chosenLayer(graph, name).id), 1);
        if (positions !== 2) throw new ParameterError("layers", name, "layers with height and width");
        return { name, places: map.shape[1]! * map.shape[2]!, units: map.shape[3]! };
      });
      const all = graph.nodes.reduce((sum, node) => sum + sizeOf(node.shape) / graph.batch, 0);
      const batch = Math.max(1, Math.min(32, Math.floor(memoryBudget / 4 / (4 * all))));
      const kept = layers.reduce(
        (sum, { places, units }) => sum + 8 * units * neededFor(share, places * count) * (rotated ? 2 : 1),
        0,
      );
      return {
        layers,
        picture: picture.shape.slice(1),
        batch,
        every: Math.max(1, Math.ceil(kept / (memoryBudget / 2))),
        rotations: new Map(
          rotated ? layers.map(({ name, units }, index) => [name, randomRotation(units, first + index)]) : [],
        ),
      };
    } finally {
      recording.dispose();
    }
  });
}

function mapOf(graph: Graph, name: string, value: Tensor, count: number) {
  const place = chosenMap(graph, chosenLayer(graph, name));
  return { positions: place.positions.length, map: asMap(place, value, count) as Tensor4D };
}

function eachMap(
  model: Model,
  { take }: PictureSource,
  { layers, rotations }: Subject,
  start: number,
  count: number,
  rotated: boolean,
  visit: (name: string, map: Tensor4D) => void,
): void {
  scoped(() => {
    const keep = (graph: Graph) => new Set(layers.map(({ name }) => chosenLayer(graph, name).id));
    const recording = record(model, take(start, count), { keep });
    try {
      const { graph } = recording;
      for (const { name, units } of layers) {
        scoped(() => {
          const { map } = mapOf(graph, name, recording.value(chosenLayer(graph, name).id), count);
          visit(name, map);
          if (!rotated) return;
          const rows = tf.reshape(map, [-1, units]) as Tensor2D;
          const turned = tf.matMul(rows, tf.tensor2d(rotations.get(name)!, [units, units]));
          visit(rotatedName(name), tf.reshape(turned, map.shape));
        });
      }
    } finally {
      recording.dispose();
    }
  });
}

function resultOf(
  { layers, every }: Subject,
  grid: ConceptGrid,
  overlaps: ReadonlyMap<string, Overlaps>,
  tops: ReadonlyMap<string, readonly BestSamples[]>,
  values: Values,
): Dissection {
  const { concepts, count } = grid;
  const unitsOf = (name: string): DissectedUnit[] => {
    const { thresholds, values: all } = overlaps.get(name)!;
    return Array.from(thresholds, (threshold, unit) => {
      const own = all.subarray(unit * concepts.length, (unit + 1) * concepts.length);
      const best = own.reduce((most, overlap, index) => (overlap > own[most]! ? index : most), 0);
      const overlap = own[best] ?? 0;
      const top = tops.get(name)![unit]!.all;
      return {
        unit,
        threshold,
        concept: overlap > 0 ? concepts[best]! : null,
        overlap,
        isDetector: overlap > values.leastOverlap,
        topPictures: top.map(({ sample }) => sample),
        topValues: top.map(({ value }) => value),
      };
    });
  };
  return {
    method: "network dissection",
    parameters: values,
    pictures: count,
    concepts,
    layers: layers.map(({ name }) => {
      const units = unitsOf(name);
      return {
        layer: name,
        units,
        overlaps: overlaps.get(name)!.values,
        masks: overlaps.get(name)!.masks,
        ...countOf(units),
        rotated: values.rotated ? countOf(unitsOf(rotatedName(name))) : null,
      };
    }),
    warnings: warningsOf(every, grid, values),
  };
}

function countOf(units: readonly DissectedUnit[]): DetectorCount {
  const detectors = units.filter(({ isDetector }) => isDetector);
  const found = new Map(detectors.map(({ concept }) => [`${concept!.kind} ${concept!.name}`, concept!.kind]));
  const byKind: Record<string, number> = {};
  for (const kind of found.values()) byKind[kind] = (byKind[kind] ?? 0) + 1;
  return { detectors: detectors.length, concepts: found.size, byKind };
}

function warningsOf(every: number, { concepts, sizes, side, count }: ConceptGrid, values: Values): string[] {
  const warnings: string[] = [];
  if (every > 1) {
    warnings.push(
      `Thresholds are those of every ${every}. place: the largest values of all units would take more than memoryBudget (${values.memoryBudget} bytes).`,
    );
  }
  const places = side * side * count;
  const named = (found: readonly Concept[]) => found.map(({ kind, name }) => `${kind} "${name}"`).join(", ");
  const missing = concepts.filter((_, index) => sizes[index] === 0);
  if (missing.length > 0) warnings.push(`No picture shows ${named(missing)}.`);
  // A unit is on at a share of places; of a larger concept it cannot cover more than that.
  const large = concepts.filter((_, index) => values.share / (sizes[index]! / places) <= values.leastOverlap);
  if (large.length > 0) {
    warnings.push(
      `No unit can detect ${named(large)}: where only ${values.share} of the places are on, the overlap with what covers so much stays below ${values.leastOverlap}. Raise share, or give pictures that show less of it.`,
    );
  }
  return warnings;
}
