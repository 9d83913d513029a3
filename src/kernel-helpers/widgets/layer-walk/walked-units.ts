import type { WalkNode, WalkShare, WalkUnit } from "../../../comms/states/layer-walk.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { LrpAttribution } from "../../../explainers/methods/lrp/index.js";
import { isPassing } from "../../../explainers/network/index.js";
import type { FoundLayer } from "../relevance-flow/flow-layers.js";

/** How many shares and units are listed. */
const MOST = 12;

const COLORS = ["red", "green", "blue"];

/** Units of an explanation's layers: their names, their relevance, and what each gives to those beneath. */
export class WalkedUnits {
  readonly #result: LrpAttribution;
  readonly #found: readonly FoundLayer[];
  readonly #classNames: readonly string[];
  /** Of layers by their index in the explanation. */
  readonly #relevance = new Map<number, Float32Array>();

  constructor(result: LrpAttribution, found: readonly FoundLayer[], classNames: readonly string[]) {
    this.#result = result;
    this.#found = found;
    this.#classNames = classNames;
  }

  /** The relevance of a layer that is shown. */
  relevance(index: number): Float32Array {
    return this.#relevanceOf(this.#result.layers.indexOf(this.#found[index]!.layer));
  }

  /** The units of a layer with most relevance. */
  strongest(index: number): WalkUnit[] {
    return this.named(index, largest(this.relevance(index), MOST));
  }

  named(index: number, units: readonly number[]): WalkUnit[] {
    const relevance = this.relevance(index);
    return units.map((unit) => ({ unit, name: this.nameOf(index, unit), relevance: relevance[unit]! }));
  }

  /** `(12, 4) channel 7`, `(12, 4) red`, `unit 7`, or the class. */
  nameOf(index: number, unit: number): string {
    const { shape, kind } = this.#found[index]!.books;
    if (index === 0 && this.#classNames[unit] !== undefined) return this.#classNames[unit].split(",")[0]!;
    if (shape.length < 2) return `${kind === "input" ? "entry" : "unit"} ${unit}`;
    const channels = shape.at(-1)!;
    const channel = unit % channels;
    const places: number[] = [];
    let rest = Math.floor(unit / channels);
    for (const extent of shape.slice(0, -1).toReversed()) {
      places.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    // As it is read off a map: x before y.
    const place =
      places.length === 2
        ? `x ${places[1]}, y ${places[0]}`
        : places.length === 1
          ? `position ${places[0]}`
          : `(${places.join(", ")})`;
    if (channels === 1) return place;
    return kind === "input" && channels === 3 ? `${place}, ${COLORS[channel]}` : `${place}, channel ${channel}`;
  }

  /** The unit with most relevance at a position of the layer's map. */
  at(index: number, row: number, column: number, width: number): number {
    const { shape } = this.#found[index]!.books;
    const relevance = this.relevance(index);
    const position = row * width + column;
    if (shape.length < 2) return Math.min(position, relevance.length - 1);
    const channels = shape.at(-1)!;
    let best = position * channels;
    for (let unit = best; unit < (position + 1) * channels && unit < relevance.length; unit++) {
      if (Math.abs(relevance[unit]!) > Math.abs(relevance[best]!)) best = unit;
    }
    return Math.min(best, relevance.length - 1);
  }

  /**
   * A unit taken apart; null at the input.
   *
   * @throws ParameterError, DisposedError where it cannot be
   */
  apart(index: number, unit: number): WalkNode | null {
    const { books, layer } = this.#found[index]!;
    if (books.kind === "input") return null;
    const at = this.#result.layers.indexOf(layer);
    const { inputs, terms, value, relevance, rule, parameters, kept } = this.#result.shares(at, unit);
    const entries = inputs.flatMap(({ layer: from, units, activations, weights, shares }) =>
      Array.from(units, (entry, i) => ({
        ...{ from, entry, activation: activations[i]!, weight: weights?.[i] ?? null, share: shares[i]! },
      })),
    );
    const sizes = entries.map(({ share }) => share);
    const first = largest(sizes, MOST);
    // What got nothing is seen where there is room: the losers of a maximum, say.
    const none = sizes.flatMap((size, place) => (size === 0 ? [place] : []));
    const order = [...first, ...none.slice(0, MOST - first.length)];
    const shares = order.map((place): WalkShare => {
      const { from, entry, activation, weight, share } = entries[place]!;
      const { to, unit: there, layer: name } = this.#behind(from, entry);
      return {
        layer: name,
        name: to < 0 ? `entry ${entry}` : this.nameOf(to, there),
        // What got nothing has no relevance to go on with.
        ...{ to: share === 0 ? -1 : to, unit: there, activation, weight, share },
        contributions: (terms ?? []).map(({ contributions }) => contributions[place]!),
        whole: from < 0 ? null : (this.#relevanceOf(from)[entry] ?? null),
      };
    });
    const listed = shares.reduce((sum, { share }) => sum + share, 0);
    const all = entries.reduce((sum, { share }) => sum + share, 0);
    return {
      ...{ layer: books.name, name: this.nameOf(index, unit), rule, value, relevance, shares },
      // Less than rounding is nothing.
      kept: Math.abs(kept) <= 2e-6 * Math.abs(relevance) ? 0 : kept,
      parameters: Object.fromEntries(
        Object.entries(parameters).flatMap(([name, given]): [string, string | number][] => {
          if (typeof given === "number") return [[name, given]];
          return Array.isArray(given) ? [[name, given.join(", ")]] : [];
        }),
      ),
      seen: entries.length,
      terms: terms?.map(({ contributions: _, ...term }) => term) ?? null,
      others: { count: entries.length - shares.length, share: all - listed },
    };
  }

  #relevanceOf(layer: number): Float32Array {
    const known = this.#relevance.get(layer) ?? this.#result.layers[layer]!.relevance();
    this.#relevance.set(layer, known);
    return known;
  }

  /** The unit of a layer that is shown behind a value: what only moves or bends values is walked through. */
  #behind(layer: number, unit: number): { to: number; unit: number; layer: string } {
    const { layers } = this.#result;
    let [at, entry] = [layer, unit];
    while (at >= 0 && isPassing(layers[at]!.kind)) {
      const found = this.#through(at, entry);
      if (found === undefined) return { to: -1, unit: -1, layer: layers[at]!.name };
      [at, entry] = found;
    }
    if (at < 0) return { to: -1, unit: -1, layer: "a constant" };
    const to = this.#found.findIndex((one) => one.layer === layers[at]);
    return { to, unit: entry, layer: this.#found[to]?.books.name ?? layers[at]!.name };
  }

  /** Where the relevance of a unit goes whole. */
  #through(at: number, unit: number): [layer: number, unit: number] | undefined {
    try {
      const { inputs } = this.#result.shares(at, unit);
      for (const { layer, units, shares } of inputs) {
        const found = shares.findIndex((share) => share !== 0);
        if (found >= 0) return [layer, units[found]!];
      }
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
    }
    return undefined;
  }
}

/** Places of the values with the largest magnitudes that are not 0, from the largest on. */
function largest(values: ArrayLike<number>, most: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at]!);
    if (size === 0 || (found.length === most && size <= Math.abs(values[found.at(-1)!]!))) continue;
    const place = found.findIndex((other) => Math.abs(values[other]!) < size);
    found.splice(place < 0 ? found.length : place, 0, at);
    if (found.length > most) found.pop();
  }
  return found;
}
