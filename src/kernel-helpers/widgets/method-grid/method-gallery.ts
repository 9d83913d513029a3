import { families } from "../../../explainers/families.js";
import { findMethod, type MethodId } from "../../../explainers/methods.js";
import { mapLayers, record } from "../../../explainers/network/index.js";
import { chosenLayer } from "../../../explainers/network/layers.js";
import type { LoadedModel } from "../../models/index.js";
import { methodsFor } from "../explorer/explorer-methods.js";
import { comparedColumn } from "./compared.js";
import { type ComparedPhoto, type CompareOptions, Comparison } from "./comparison.js";
import { MethodGrid } from "./method-grid.js";

/** What a gallery shows, and how. */
export interface GalleryOptions extends CompareOptions {
  /** Which methods, by id; by default all that explain a picture with nothing at hand but the network. */
  methods?: readonly MethodId[];
  /**
   * How many samples methods take that draw them. `"quick"`, the default, takes few, so that all of them together are done in about a
   * minute on a network for photographs; each map says how many. `"full"` takes every method's own defaults.
   */
  effort?: "quick" | "full";
  /** Parameters by method, before those of the effort. */
  parameters?: { readonly [Id in MethodId]?: Readonly<Record<string, unknown>> };
}

/** Where a method's defaults cost hundreds of passes: what shows its map well enough to see what it is. */
const quick: { readonly [Id in MethodId]?: Readonly<Record<string, unknown>> } = {
  "integrated-gradients": { steps: 20 },
  "expected-gradients": { samples: 20 },
  smoothgrad: { samples: 10 },
  squaregrad: { samples: 10 },
  vargrad: { samples: 10 },
  "layer-conductance": { steps: 12 },
  "prediction-difference": { samples: 1 },
  "meaningful-perturbation": { iterations: 25 },
  lime: { samples: 100 },
  "kernel-shap": { samples: 120 },
  // Of n features there are 2ⁿ coalitions.
  "shapley-values": { features: "superpixels", segments: 5 },
  rise: { masks: 120 },
  "pattern-net": { count: 16 },
  "pattern-attribution": { count: 16 },
};

/**
 * All methods on one picture, family by family, each captioned by the question that it answers: they answer different ones. Maps come
 * one by one, each on its own scale or all on one; pointing at one reads the same place in all; a click opens the explorer on
 * that method. It is a `MethodGrid`: what `compare` says of scores, sorting and files holds here.
 *
 * @param photo What `loadImage` gave, or a tensor `[1, height, width, channel]`.
 * @throws ParameterError for a method or a parameter that does not exist; TargetError, InputShapeError
 * @example
 * const gallery = new MethodGallery(model, photo);
 * await gallery.settled();
 * @example new MethodGallery(model, photo, { methods: ["lrp", "sensitivity", "occlusion"], target: "tabby", effort: "full" })
 */
export class MethodGallery extends MethodGrid {
  constructor(model: LoadedModel, photo: ComparedPhoto, options: GalleryOptions = {}) {
    const { effort = "quick", parameters = {}, methods, ...compared } = options;
    const known = knownOf(model, photo);
    const few: typeof quick = { ...quick, ...(known.narrow !== undefined && { "score-cam": { layer: known.narrow } }) };
    const columns = (methods ?? known.methods).map((id) => {
      const method = findMethod(id);
      const stated = { ...(effort === "quick" && few[id]), ...parameters[id] };
      const column = comparedColumn(model, { method, parameters: stated });
      return { ...column, caption: method.question, group: families[method.family].title };
    });
    const comparison = new Comparison(model, photo, columns, compared);
    super({ mapWidth: 190, ...comparison.grid }, comparison);
    comparison.begin(this);
  }
}

/** Score-CAM has a pass for every channel of its layer. */
const MOST_CHANNELS = 200;

/** The methods that there are for pictures and this network, and the last layer with a map of not too many channels. */
function knownOf(model: LoadedModel, photo: ComparedPhoto): { methods: MethodId[]; narrow: string | undefined } {
  const recording = record(model, "tensor" in photo ? photo.tensor : photo);
  try {
    const maps = mapLayers(recording.graph);
    const channels = (name: string) => recording.graph.nodes[chosenLayer(recording.graph, name).id]!.shape.at(-1)!;
    const isWide = maps.length > 0 && channels(maps.at(-1)!) > MOST_CHANNELS;
    const narrow = isWide ? maps.findLast((name) => channels(name) <= MOST_CHANNELS) : undefined;
    return { methods: methodsFor(maps).map(({ id }) => id as MethodId), narrow };
  } finally {
    recording.dispose();
  }
}
