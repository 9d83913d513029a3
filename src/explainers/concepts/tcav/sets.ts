import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import { describe, InputShapeError, ParameterError } from "../../errors.js";
import { sameShape } from "../../network/shapes.js";
import { seededRandom } from "../../numerics/random.js";

/** Pictures of concepts and random ones in one tensor, and which rows belong to which set. */
export interface Sets {
  /** `[examples, …]`; the caller disposes of it. */
  readonly examples: Tensor;
  readonly concepts: ReadonlyMap<string, readonly number[]>;
  readonly random: readonly (readonly number[])[];
  /** Whether some random sets share pictures. */
  readonly overlapping: boolean;
}

/** The fewest random sets of which a spread can be told. */
const LEAST_SETS = 3;
/** How many there are unless asked otherwise, where there are pictures enough. */
const USUAL_SETS = 30;
/** The fewest pictures that can be parted into those that a direction is fitted on and those it is tried on. */
const LEAST_PICTURES = 3;

/**
 * @param random one tensor, from which sets of the concepts' size are drawn, or one tensor a set
 * @throws ParameterError where there are too few pictures, InputShapeError where they do not have one shape
 */
export function setsOf(
  concepts: Readonly<Record<string, Tensor>>,
  random: Tensor | readonly Tensor[],
  {
    randomSets: sets,
    relative,
    seed,
  }: { readonly randomSets?: number | undefined; readonly relative: boolean; readonly seed: number },
): Sets {
  const named = Object.entries(concepts);
  if (named.length === 0)
    throw new ParameterError("concepts", describe(concepts), "at least one tensor of pictures by name");
  const groups = random instanceof Tensor ? [random] : [...random];
  const shape = named[0]![1]?.shape?.slice(1);
  for (const [name, pictures] of [...named, ...groups.map((group, i) => [`random[${i}]`, group] as const)]) {
    if (!(pictures instanceof Tensor))
      throw new ParameterError(name, describe(pictures), "a tensor of pictures, batch first");
    if (!sameShape(pictures.shape.slice(1), shape!)) {
      throw new InputShapeError(`[n, ${shape}], as "${named[0]![0]}" has`, `[${pictures.shape}] for "${name}"`);
    }
    if (pictures.shape[0]! < LEAST_PICTURES) {
      throw new ParameterError(name, `${pictures.shape[0]} pictures`, `at least ${LEAST_PICTURES} pictures`);
    }
  }
  let next = 0;
  const places = (count: number) => Array.from({ length: count }, () => next++);
  const own = new Map(named.map(([name, pictures]) => [name, places(pictures.shape[0]!)]));
  const others = groups.map((group) => places(group.shape[0]!));
  const largest = Math.max(...named.map(([, pictures]) => pictures.shape[0]!));
  const { drawn, overlapping } =
    random instanceof Tensor
      ? draw(others[0]!, largest, sets, seed)
      : { drawn: others.slice(0, sets ?? others.length), overlapping: false };
  if (drawn.length < LEAST_SETS && !(relative && drawn.length === 0)) {
    throw new ParameterError("random", `${drawn.length} sets`, `at least ${LEAST_SETS} sets of random pictures`);
  }
  return {
    examples: tf.concat([...named.map(([, pictures]) => pictures), ...groups]),
    concepts: own,
    random: drawn,
    overlapping,
  };
}

function draw(pool: readonly number[], size: number, wanted: number | undefined, seed: number) {
  const apart = Math.floor(pool.length / size);
  const count = wanted ?? Math.min(USUAL_SETS, apart);
  if (count < LEAST_SETS || size > pool.length) {
    const enough = `at least ${LEAST_SETS * size} pictures, for ${LEAST_SETS} sets of the concepts' size, ${size}`;
    throw new ParameterError("random", `${pool.length} pictures`, enough);
  }
  const generator = seededRandom(seed);
  const overlapping = count > apart;
  const order = generator.permutation(pool.length);
  const drawn = Array.from({ length: count }, (_, set) => {
    const places = overlapping
      ? generator.permutation(pool.length).slice(0, size)
      : order.slice(set * size, (set + 1) * size);
    return Array.from(places, (place) => pool[place]!);
  });
  return { drawn, overlapping };
}
