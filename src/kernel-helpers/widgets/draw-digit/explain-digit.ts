import { tensor4d } from "@tensorflow/tfjs-core";
import type { DrawDigitState } from "../../../comms/states/draw-digit.js";
import type { ClassScore } from "../../../comms/states/explorer.js";
import { alphaBeta, epsilon, gamma, type LrpAttribution, lrp, uniform } from "../../../explainers/methods/lrp/index.js";
import { record } from "../../../explainers/network/index.js";
import { generator, prototype } from "../../../explainers/synthesis/index.js";
import { topClasses } from "../../models/class-scores.js";
import type { LoadedModel } from "../../models/index.js";
import { inputBytes } from "../../pictures/input-bytes.js";

/** Height and width of a digit. */
export const SIZE = 28;

export interface ExplainedDigit {
  /** The ten classes, the most probable first. */
  scores: ClassScore[];
  /** The class that is explained. */
  explained: number;
  result: LrpAttribution;
}

/**
 * What a network takes a digit for, and why: one forward pass, and one rule for all layers.
 *
 * @param bytes `[28, 28]`, white ink (255) on black
 */
export async function explainDigit(
  model: LoadedModel,
  bytes: Uint8Array,
  settings: Pick<DrawDigitState, "target" | "rule" | "epsilon" | "gamma" | "alpha">,
): Promise<ExplainedDigit> {
  const { mean, scale } = model.input;
  const [center, spread] = [[mean].flat()[0]!, [scale].flat()[0]!];
  const x = tensor4d(
    Float32Array.from(bytes, (byte) => (byte - center) / spread),
    [1, SIZE, SIZE, 1],
  );
  const pass = record(model, x);
  x.dispose();
  try {
    const scores = topClasses(pass.outputs[0]!.dataSync() as Float32Array, model.classNames, 10, pass.graph.tails[0]);
    const explained = settings.target >= 0 ? settings.target : scores[0]!.index;
    const rules = {
      epsilon: epsilon({ epsilon: settings.epsilon }),
      gamma: gamma({ gamma: settings.gamma }),
      alphaBeta: alphaBeta({ alpha: settings.alpha, beta: settings.alpha - 1 }),
    };
    const result = await lrp(model, { composite: uniform(rules[settings.rule]) })(pass, { target: explained });
    return { scores, explained, result };
  } finally {
    pass.dispose();
  }
}

/**
 * How a digit of that class looks to the network, as bytes `[28, 28]`: sought among what the decoder draws, if there is one.
 *
 * @throws AbortedError
 */
export async function digitPrototype(
  model: LoadedModel,
  target: number,
  { decoder, signal }: { decoder: LoadedModel | undefined; signal: AbortSignal },
): Promise<Uint8Array> {
  const { picture } = await prototype(model, {
    target,
    maximize: "logit",
    steps: 80,
    seed: 1,
    signal,
    ...(decoder === undefined
      ? { l2: 0.02, totalVariation: 0.02 }
      : { code: 0.3, parametrization: generator(decoder.net, { codeSize: decoder.input.shape[0]! }) }),
  });
  return inputBytes(picture, model.input);
}
