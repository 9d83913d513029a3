import { autocorrelation, meanAutocorrelation, type Noise, noise } from "./autocorrelation.js";
import { type RandomNetOptions, randomNet } from "./random-net.js";
import { scanNet } from "./scan.js";

interface Case {
  name: string;
  net: RandomNetOptions | Noise;
  /** Autocorrelation of the gradient (of the noise) at lags 1 and 4 after Balduzzi 2017. */
  published: [number, number];
}

const cases: Case[] = [
  { name: "plain, 1 layer", net: { architecture: "plain", depth: 1 }, published: [0.99, 0.95] },
  { name: "mean-centered, 10 layers", net: { architecture: "mean-centered", depth: 10 }, published: [0.75, 0.32] },
  { name: "mean-centered, 24 layers", net: { architecture: "mean-centered", depth: 24 }, published: [0, 0] },
  { name: "batch-norm, 24 layers", net: { architecture: "batch-norm", depth: 24 }, published: [0, 0] },
  { name: "residual β 1, 50 layers", net: { architecture: "residual", depth: 50, beta: 1 }, published: [0.7, 0.24] },
  {
    name: "residual β 0.1, 50 layers",
    net: { architecture: "residual", depth: 50, beta: 0.1 },
    published: [0.88, 0.65],
  },
  { name: "white noise", net: "white", published: [0, 0] },
  { name: "brown noise", net: "brown", published: [0.97, 0.89] },
];

export interface ShatteringRow {
  name: string;
  published: [number, number];
  /** Mean autocorrelation at lags 1 and 4: of the gradient, or of the noise itself. */
  gradient: [number, number];
  /** The same of the function and of its LRP-γ relevance; null for noise. */
  output: [number, number] | null;
  relevance: [number, number] | null;
}

export interface ShatteringTableOptions {
  /** Nets (or noises) a row is the mean of. Default 20. */
  runs?: number;
  /** Units of a layer. Default 200. */
  width?: number;
  /** Points of [−2, 2]. Default 256. */
  points?: number;
  /** Seed of the first run; the others count on. Default 1. */
  seed?: number;
  /** γ of LRP-γ. Default 0.25. */
  gamma?: number;
}

/**
 * How strongly gradients at neighboring points agree, over depth and architecture, beside the published values: the
 * autocorrelations that Balduzzi 2017 plots, with those of the function and of LRP on the same nets.
 *
 * @example
 * for (const row of shatteringTable({ runs: 5 })) console.log(row.name, row.gradient, row.relevance);
 */
export function* shatteringTable(options: ShatteringTableOptions = {}): Generator<ShatteringRow> {
  const { runs = 20, width = 200, points = 256, seed = 1, gamma = 0.25 } = options;
  for (const { name, net, published } of cases) {
    const curves = { gradient: [] as Float64Array[], output: [] as Float64Array[], relevance: [] as Float64Array[] };
    for (let run = 0; run < runs; run++) {
      if (typeof net === "string") {
        curves.gradient.push(autocorrelation(noise(net, points, seed + run), 4));
        continue;
      }
      const scanned = scanNet(randomNet({ ...net, width, seed: seed + run }), { points, gamma });
      for (const curve of ["gradient", "output", "relevance"] as const) {
        curves[curve].push(autocorrelation(scanned[curve], 4));
      }
    }
    const lags = (of: Float64Array[]): [number, number] => {
      const mean = meanAutocorrelation(of);
      return [mean[1]!, mean[4]!];
    };
    yield {
      name,
      published,
      gradient: lags(curves.gradient),
      output: curves.output.length > 0 ? lags(curves.output) : null,
      relevance: curves.relevance.length > 0 ? lags(curves.relevance) : null,
    };
  }
}
