/** One comparison of two methods that the literature reports. */
interface Pair {
  readonly better: string;
  readonly worse: string;
}

/** What was published, and what would show it here. */
export interface Claim {
  readonly id: string;
  readonly title: string;
  /** By whom, of which networks and pictures. */
  readonly published: string;
  /** The label of the measure. */
  readonly measure: string;
  /** How the measure was set, and which value speaks for the claim. */
  readonly how: string;
  readonly pairs: readonly Pair[];
  /** Whether a smaller value is what the claim says of the better method. */
  readonly lower?: boolean;
  /** What the measure does not show. */
  readonly caveat?: string;
}

/** Methods by the labels that the grid gives them. */
export const NAMES: Readonly<Record<string, string>> = {
  lrp: "LRP (ε-γ-box)",
  sensitivity: "Sensitivity",
  deconvnet: "DeconvNet",
  "gradient-times-input": "Gradient × input",
  "guided-backprop": "Guided backprop",
  "grad-cam": "Grad-CAM",
  random: "Random",
};

/** The findings of the tutorial of EMBC 2019 that measures can reproduce. */
export const claims: readonly Claim[] = [
  {
    id: "region-perturbation",
    title: "Under region perturbation LRP is above sensitivity and DeconvNet",
    published:
      "Samek et al. 2017 (IEEE TNNLS) on SUN397, ILSVRC2012 and MIT Places, with networks of the Caffe model zoo: on all of them LRP has the largest AOPC, and sensitivity and DeconvNet stay behind.",
    measure: "region perturbation",
    how: "AOPC of the logit when regions are replaced by uniform noise, the most relevant first; higher is better.",
    pairs: [
      { better: "lrp", worse: "sensitivity" },
      { better: "lrp", worse: "deconvnet" },
      { better: "lrp", worse: "random" },
    ],
    caveat:
      "Noise is no neutral replacement: it is out of what the network was trained on. The next section repeats the measurement with a blur, where rankings may differ.",
  },
  {
    id: "region-perturbation-blurred",
    title: "The same with regions blurred",
    published:
      "The order above is reported for uniform noise; the paper also considers a Dirichlet distribution, a constant and a blur.",
    measure: "region perturbation, blurred",
    how: "AOPC of the logit when regions are replaced by the blurred picture; higher is better.",
    pairs: [
      { better: "lrp", worse: "sensitivity" },
      { better: "lrp", worse: "deconvnet" },
      { better: "lrp", worse: "random" },
    ],
  },
  {
    id: "randomization",
    title: "Guided backprop looks right and fails the randomization check; gradient and Grad-CAM pass it",
    published:
      "Adebayo et al. 2018 (NeurIPS), Inception v3 on ImageNet and a CNN on MNIST: when layers are randomized from the output on, maps of guided backprop stay as they were; those of the gradient and of Grad-CAM change.",
    measure: "randomization",
    how: "Mean rank correlation of maps without their signs before and after layers are randomized, from the output on; lower passes.",
    lower: true,
    pairs: [
      { better: "sensitivity", worse: "guided-backprop" },
      { better: "grad-cam", worse: "guided-backprop" },
    ],
    caveat:
      "A similarity of maps without signs stays high where both are large on the same strokes or edges, whatever was learned (Binder et al. 2023): on digits, ink alone makes maps alike.",
  },
  {
    id: "continuity",
    title: "LRP is more continuous than gradient × input",
    published:
      "Montavon, Samek & Müller 2018 (Digital Signal Processing), on MNIST: for a picture moved step by step, maps of LRP change less than those of gradient-based methods, which jump.",
    measure: "continuity",
    how: "Largest ‖R(x) − R(x′)‖₁ / ‖x − x′‖₂ over translations by a pixel and noise, maps divided by their largest value; lower is better.",
    lower: true,
    pairs: [{ better: "lrp", worse: "gradient-times-input" }],
  },
];
