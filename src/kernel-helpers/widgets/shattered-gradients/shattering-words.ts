import { formatFixed, formatShort } from "../../../comms/format.js";
import { FAR_LAG, NEAR_LAG } from "../../../comms/states/shattered-gradients.js";

/** Autocorrelations by lag, from 0. */
export interface Agreement {
  output: ArrayLike<number>;
  gradient: ArrayLike<number>;
  relevance: ArrayLike<number>;
  /** What LRP leaves of the function's size at the median point; biases keep the rest. */
  kept: number;
}

/**
 * What the curves show, in two or three sentences: whether neighboring gradients agree, whether the function does, and
 * which of the two LRP goes with. Nothing is said that these numbers do not show.
 */
export function shatteringWords({ output, gradient, relevance, kept }: Agreement): string {
  const [near, far] = [gradient[NEAR_LAG]!, gradient[FAR_LAG]!];
  const [smooth, shared] = [output[NEAR_LAG]!, relevance[NEAR_LAG]!];
  if (Number.isNaN(smooth)) return "The function is constant here.";
  if (Number.isNaN(near)) return "The gradient is the same at every point: the function is one straight line.";
  const sentences = [gradientWords(near, far)];
  if (near < 0.5) {
    if (smooth >= 0.6) sentences.push(`The function itself still runs smoothly (${two(smooth)}).`);
    else if (smooth >= 0.3) sentences.push(`The function itself begins to jump from point to point (${two(smooth)}).`);
    else sentences.push(`But here the function itself is close to noise (${two(smooth)}): nothing about it is smooth.`);
  }
  if (Number.isNaN(shared)) return sentences.join(" ");
  const value = two(shared);
  if (shared >= near + 0.15) {
    if (shared > smooth + 0.15) sentences.push(`LRP changes more slowly than either (${value}).`);
    else if (shared >= smooth - 0.15) sentences.push(`LRP follows the function, not its gradient (${value}).`);
    else sentences.push(`LRP lies between the function and its gradient (${value}).`);
  } else if (shared <= near - 0.15) sentences.push(`LRP changes faster than the gradient here (${value}).`);
  else sentences.push(`LRP and the gradient agree with their neighbors about as much (${value}).`);
  if (kept < 0.1)
    sentences.push(`At most points biases keep nearly all that LRP distributes: ${percent(kept)} is left.`);
  return sentences.join(" ");
}

/** The same in a few words, by the gradient alone. */
export function shatteringTitle(gradient: ArrayLike<number>): string {
  const near = gradient[NEAR_LAG]!;
  if (Number.isNaN(near)) return "One slope for all points";
  if (near >= 0.9) return "Neighboring gradients agree";
  if (near >= 0.5) return "The gradient begins to shatter";
  return near >= 0.2 ? "The gradient shatters" : "The gradient is shattered";
}

function gradientWords(near: number, far: number): string {
  const numbers = `(${two(near)}; ${FAR_LAG} points apart ${two(far)})`;
  if (near >= 0.9 && far >= 0.7) return `Gradients at neighboring points agree, as in brown noise ${numbers}.`;
  if (near >= 0.5) return `Gradients at neighboring points still agree, those farther apart less ${numbers}.`;
  if (near >= 0.2) return `Gradients at neighboring points hardly agree ${numbers}.`;
  return `The gradient at a point says nothing about the next: it is like white noise ${numbers}.`;
}

/** The median of `|relevance| / |output|` over the points. */
export function keptShare(relevance: ArrayLike<number>, output: ArrayLike<number>): number {
  const shares = Array.from(relevance, (value, i) => Math.abs(value / output[i]!)).filter(Number.isFinite);
  return shares.sort((a, b) => a - b)[Math.floor(shares.length / 2)] ?? 1;
}

const percent = (share: number) => (share < 0.001 ? "less than 0.1 %" : `${formatShort(100 * share, 1)} %`);

const two = (value: number) => formatFixed(value, 2);
