import { everyKind, toggle, whole } from "../../parameters.js";
import { type Evidence, inputsOf, positionsOf } from "../evidence.js";
import { measure } from "../measure.js";
import { byChance, judged, type Marked, reading } from "./marked.js";

/**
 * The pointing game (Zhang et al. 2016): 1 where the most relevant position of the map is inside the mask, 0 elsewhere; its mean over
 * samples is the share of hits. Of several equally relevant positions, the share of them that hits.
 *
 * The paper forgives 15 pixels on photographs: `tolerance: 15`. Quantus gives a hit where any of several maxima is inside; its
 * `weighted` multiplies a hit by the share of positions that are outside.
 *
 * @throws MissingEvidenceError without masks; InputShapeError for an attribution of a layer
 * @example
 * const { values } = await pointingGame(model)({ x, attribution, masks });
 */
export const pointingGame = measure({
  id: "pointing-game",
  name: "Pointing game",
  category: "localization",
  reference: "Zhang et al. 2016, ECCV, “Top-down Neural Attention by Excitation Backprop”",
  question: "Is the most relevant position on the thing?",
  co12: ["coherence", "correctness"],
  better: "higher",
  range: [0, 1],
  inputs: everyKind,
  needs: ["masks"],
  parameters: {
    tolerance: whole(0, "How far from the mask still is a hit", { least: 0, unit: "positions" }),
    weighted: toggle(false, "A hit counts the less, the more of the picture the mask covers", { minor: true }),
    ...reading("sum", "signed"),
  },
  measurer:
    (_model, { tolerance, weighted, ...how }) =>
    async (evidence) =>
      judged(evidence, how, (marked) => {
        const hits = shareOfHits(marked, tolerance, positionsIn(evidence));
        const value = hits * (weighted ? 1 - marked.size / marked.inside.length : 1);
        return marked.isConstant ? byChance(value) : value;
      }),
});

const positionsIn = ({ x }: Evidence): number[] => positionsOf(inputsOf(x)[0]!.shape);

function shareOfHits({ relevance, inside }: Marked, tolerance: number, positions: readonly number[]): number {
  let highest = -Infinity;
  for (const value of relevance) highest = Math.max(highest, value);
  let [maxima, hits] = [0, 0];
  for (let i = 0; i < relevance.length; i++) {
    if (relevance[i] !== highest) continue;
    maxima++;
    if (inside[i] === 1 || (tolerance > 0 && isNear(i, inside, tolerance, positions))) hits++;
  }
  return hits / maxima;
}

/** Whether any position inside is at most `tolerance` away from position `at`. */
function isNear(at: number, inside: Uint8Array, tolerance: number, positions: readonly number[]): boolean {
  const own = placeOf(at, positions);
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === 1 && Math.hypot(...placeOf(i, positions).map((value, axis) => value - own[axis]!)) <= tolerance) {
      return true;
    }
  }
  return false;
}

function placeOf(index: number, positions: readonly number[]): number[] {
  const place: number[] = [];
  let rest = index;
  for (const side of positions.toReversed()) {
    place.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return place;
}
