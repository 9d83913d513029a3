import type { Tensor } from "@tensorflow/tfjs-core";
import { isPassing, record } from "../../../explainers/network/index.js";
import type { LoadedModel } from "../../models/index.js";
import { builtInInverters } from "../../models/inverters.js";

/** More layers than that are too many to walk through. */
const MOST = 12;

/** Names of the layers that compute something new, from the input to the output: all, or those with a trained network and others evenly between. */
export function invertedLayers(model: LoadedModel, input: Tensor): string[] {
  const pass = record(model, input);
  const names = pass.graph.nodes
    .filter(({ operation: { kind } }) => kind !== "input" && !isPassing(kind))
    .map(({ name, folded }) => folded.at(-1) ?? name);
  pass.dispose();
  const all = [...new Set(names)].filter((name) => name !== "");
  if (all.length <= MOST) return all;
  const kept = new Set(builtInInverters[model.name] ?? []);
  kept.add(all[0]!).add(all.at(-1)!);
  // Each time the layer that lies furthest from those that are there.
  while (kept.size < MOST) {
    const places = all.flatMap((name, place) => (kept.has(name) ? [place] : []));
    const distance = (place: number) => Math.min(...places.map((other) => Math.abs(other - place)));
    const farthest = all.reduce((best, _, place) => (distance(place) > distance(best) ? place : best), 0);
    kept.add(all[farthest]!);
  }
  return all.filter((name) => kept.has(name));
}
