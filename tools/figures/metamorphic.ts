import type { Command } from "commander";
import type { Action } from "../../src/cli/action.js";
import { type Attribution, type Method, methods, release } from "../../src/explainers/index.js";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { tensorflow } from "../../src/kernel-helpers/index.js";

/*
 * An explanation is a function of the model, its weights, the input and the options, and of nothing that happened before. Each
 * case takes one method and one net through a random history (calls that are compiled meanwhile, other inputs, another batch
 * size, errors, other weights) and compares every result with that of a model which has no history.
 */

type Tf = Awaited<ReturnType<typeof tensorflow>>;
type Tensor = ReturnType<Tf["tensor"]>;
type Net = ReturnType<Tf["sequential"]>;

/** A history whose end differed from what a fresh model gives. */
export interface Difference {
  readonly method: string;
  readonly net: string;
  /** What was done, the failing step last. */
  readonly history: readonly string[];
  readonly what: string;
}

/**
 * Values that differ by more than this share of the largest one, or of the output, are different: what is a difference of
 * outputs is rounded as they are.
 */
const TOLERANCE = 1e-4;

/** Budgets small enough that a case takes a fraction of a second. */
const budgets: Readonly<Record<string, number>> = { masks: 24, samples: 12, steps: 6, iterations: 6, permutations: 4 };

interface Subject {
  readonly name: string;
  readonly shape: readonly number[];
  /** How many words there are, where inputs are their numbers. */
  readonly words?: number;
  readonly make: (tf: Tf) => Net;
}

const images: readonly Subject[] = [
  {
    name: "convolutions",
    shape: [8, 8, 2],
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
          l.batchNormalization(),
          l.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
          l.maxPooling2d({ poolSize: 2 }),
          l.flatten(),
          l.dense({ units: 3, activation: "softmax" }),
        ],
      }),
  },
  {
    name: "average pools and layer normalization",
    shape: [8, 8, 2],
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
          l.layerNormalization(),
          l.reLU({ maxValue: 2 }),
          l.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" }),
          l.conv2d({ filters: 4, kernelSize: 2 }),
          l.globalAveragePooling2d({}),
          l.dense({ units: 3 }),
        ],
      }),
  },
];

const sequences: readonly Subject[] = [
  {
    name: "a recurrent layer",
    shape: [5, 4],
    make: ({ layers: l, sequential }) =>
      sequential({ layers: [l.lstm({ inputShape: [5, 4], units: 5 }), l.dense({ units: 3 })] }),
  },
  {
    name: "a layer for every step",
    shape: [5, 4],
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.timeDistributed({ inputShape: [5, 4], layer: l.dense({ units: 4, activation: "relu" }) }),
          l.layerNormalization(),
          l.globalAveragePooling1d({}),
          l.dense({ units: 3, activation: "softmax" }),
        ],
      }),
  },
];

const texts: readonly Subject[] = [
  {
    name: "masked words",
    shape: [6],
    words: 9,
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.embedding({ inputDim: 9, outputDim: 4, inputLength: 6, maskZero: true }),
          l.gru({ units: 4 }),
          l.dense({ units: 3, activation: "softmax" }),
        ],
      }),
  },
  {
    name: "convolved words",
    shape: [6],
    words: 9,
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.embedding({ inputDim: 9, outputDim: 4, inputLength: 6 }),
          l.conv1d({ filters: 5, kernelSize: 3, activation: "relu" }),
          l.globalMaxPooling1d({}),
          l.dense({ units: 3 }),
        ],
      }),
  },
];

const tables: readonly Subject[] = [
  {
    name: "dense layers",
    shape: [6],
    make: ({ layers: l, sequential }) =>
      sequential({
        layers: [
          l.dense({ inputShape: [6], units: 8, activation: "relu" }),
          l.batchNormalization(),
          l.dense({ units: 5, activation: "tanh" }),
          l.dense({ units: 3, activation: "softmax" }),
        ],
      }),
  },
];

const subjectsOf = ({ id, inputs }: Method): readonly Subject[] => {
  if (id === "lrp-recurrent") return [sequences[0]!, texts[0]!];
  const kinds: readonly string[] = inputs;
  return [
    ...(kinds.includes("image") ? images : []),
    ...(kinds.includes("sequence") ? [...sequences, ...texts] : []),
    ...(kinds.includes("table") ? tables : []),
  ];
};

/** Every method with every net that suits it; the first ones have every method once. */
function pairs(): { method: Method; subject: Subject }[] {
  const suited = methods.map((method) => ({ method, subjects: subjectsOf(method) }));
  const rounds = Math.max(...suited.map(({ subjects }) => subjects.length));
  return Array.from({ length: rounds }, (_, round) =>
    suited.flatMap(({ method, subjects }, index) =>
      round < subjects.length ? [{ method, subject: subjects[(index + round) % subjects.length]! }] : [],
    ),
  ).flat();
}

/** Runs `count` cases and tells every difference; progress goes to `onCase`. */
export async function metamorphic(
  count: number,
  { seed = 0, onCase }: { seed?: number; onCase?: (done: number) => void } = {},
): Promise<Difference[]> {
  const tf = await tensorflow();
  const differences: Difference[] = [];
  const all = pairs();
  for (let index = 0; index < count; index++) {
    const { method, subject } = all[index % all.length]!;
    const difference = await runCase(tf, method, subject, seed + index);
    if (difference !== undefined) differences.push(difference);
    onCase?.(index + 1);
  }
  return differences;
}

const steps = ["x", "x", "x six times", "y", "x and y", "a target that is not there", "other weights"] as const;

/** One history; the first difference ends it. */
async function runCase(tf: Tf, method: Method, subject: Subject, seed: number): Promise<Difference | undefined> {
  const random = seededRandom(seed);
  const draw = (shape: readonly number[]): Tensor =>
    tf.tensor(
      random.gaussians(shape.reduce((a, b) => a * b, 1)).map((value) => Math.max(-2, Math.min(2, value))),
      [...shape],
    );
  const before = tf.memory().numTensors;
  const { words } = subject;
  const input = (count: number): Tensor => {
    const shape = [count, ...subject.shape];
    if (words === undefined) return draw(shape);
    return tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.integer(words)),
      shape,
    );
  };
  const inputs = { x: input(1), y: input(1), "x and y": input(2) };
  const training = input(12);
  const nets = [subject.make(tf), subject.make(tf)] as const;
  const sets = [0, 1].map(() =>
    nets[0].weights.map(({ shape, originalName }) =>
      tf.tidy(() => {
        const drawn = tf.mul(draw(shape as number[]), 0.5);
        return /variance|gamma/.test(originalName) ? tf.add(tf.abs(drawn), 0.5) : drawn;
      }),
    ),
  );
  const options: Record<string, unknown> = {};
  for (const [name, budget] of Object.entries(budgets)) if (name in method.parameters) options[name] = budget;
  if (method.parameters["training"]?.required) options["training"] = training;
  const explain = async (net: Net, input: Tensor, target: number): Promise<Attribution | Error> => {
    try {
      return await method({ net, input: { low: -2, high: 2 } }, options)(input, { target });
    } catch (error) {
      return error as Error;
    }
  };
  /** What a model without a history gives; `nets[1]` forgets all before each. */
  const fresh = async (weights: number, input: Tensor): Promise<Attribution | Error> => {
    nets[1].setWeights(sets[weights]!);
    release(nets[1]);
    try {
      return await explain(nets[1], input, 1);
    } finally {
      release(nets[1]);
    }
  };
  const history: string[] = [];
  let weights = 0;
  nets[0].setWeights(sets[0]!);
  try {
    for (let turn = 0; turn < 5; turn++) {
      const step = steps[Math.floor(random.uniform() * steps.length)]!;
      history.push(step);
      if (step === "other weights") {
        weights = 1 - weights;
        nets[0].setWeights(sets[weights]!);
      } else if (step === "a target that is not there") {
        const held = tf.memory().numTensors;
        const outcome = await explain(nets[0], inputs.x, 99);
        release(nets[0]);
        const left = tf.memory().numTensors;
        if (!(outcome instanceof Error)) return { method: method.id, net: subject.name, history, what: "no error" };
        // Before it, the graph may have been held; after it, nothing is.
        if (left > held) return { method: method.id, net: subject.name, history, what: `${left - held} tensors left` };
      }
      const name = step === "y" || step === "x and y" ? step : "x";
      const expected = await fresh(weights, inputs[name]);
      for (let call = 0; call < (step === "x six times" ? 6 : 1); call++) {
        const what = differenceOf(await explain(nets[0], inputs[name], 1), expected);
        if (what !== undefined)
          return { method: method.id, net: subject.name, history, what: `${what}, call ${call + 1}` };
      }
    }
  } finally {
    for (const net of nets) {
      release(net);
      net.dispose();
    }
    tf.dispose([inputs, training, sets]);
  }
  const left = tf.memory().numTensors - before;
  return left > 0 ? { method: method.id, net: subject.name, history, what: `${left} tensors left` } : undefined;
}

function differenceOf(actual: Attribution | Error, expected: Attribution | Error): string | undefined {
  if (expected instanceof Error || actual instanceof Error) {
    return String(actual) === String(expected) ? undefined : `${describe(actual)}, not ${describe(expected)}`;
  }
  const outputs = Array.from(expected.output, Math.abs).reduce((a, b) => Math.max(a, b), 1e-6);
  for (const part of ["relevance", "output"] as const) {
    const [one, other] = [actual[part], expected[part]];
    if (one.length !== other.length) return `${one.length} numbers of ${part}, not ${other.length}`;
    const scale = Array.from(other, Math.abs).reduce((a, b) => Math.max(a, b), outputs);
    const gap = Array.from(one, (value, i) => Math.abs(value - other[i]!)).reduce((a, b) => Math.max(a, b), 0);
    if (!(gap <= TOLERANCE * scale)) return `${part} differs by ${(gap / scale).toExponential(1)} of the largest`;
  }
  return undefined;
}

const describe = (outcome: Attribution | Error): string =>
  outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : "a result";

/** `npm run figures -- metamorphic`: prints how many histories changed an explanation. */
export function registerMetamorphic(figures: Command, run: (action: Action) => void): void {
  figures
    .command("metamorphic")
    .description("take every method through random histories and compare with models that have none")
    .option("--cases <count>", "how many histories", Number, 2000)
    .option("--seed <number>", "the first history", Number, 0)
    .action(({ cases, seed }: { cases: number; seed: number }) =>
      run(async () => {
        const differences = await metamorphic(cases, {
          seed,
          onCase: (done) => {
            if (done % 100 === 0) console.log(`${done} of ${cases}`);
          },
        });
        for (const { method, net, history, what } of differences) {
          console.log(`${method}, ${net}: ${history.join(", ")}: ${what}`);
        }
        console.log(`${cases} histories, ${differences.length} differences`);
        return differences.length === 0 ? 0 : 1;
      }),
    );
}
