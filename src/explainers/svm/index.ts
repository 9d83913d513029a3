export {
  type BagOfWords,
  type BagOfWordsAttribution,
  bagVector,
  explainBagOfWords,
  tokenize,
  vocabularyOf,
} from "./bag-of-words.js";
export {
  explainFisherVector,
  type FisherAttribution,
  type FisherVectorOptions,
  fisherVector,
} from "./fisher-vector.js";
export {
  type FittedMixture,
  fitGaussianMixture,
  type GaussianMixture,
  type GaussianMixtureOptions,
} from "./gaussian-mixture.js";
export type { Kernel, Rows } from "./kernels.js";
export { parseLibsvm, SvmFormatError } from "./libsvm.js";
export { type Region, shareByContribution, spreadToPixels } from "./local-features.js";
export { fromScikitLearn, type ScikitLearnLinear, type ScikitLearnSvc } from "./scikit-learn.js";
export { type Decision, decisionValue, type SupportVectorMachine } from "./svm.js";
export { explainSvm, type SvmAttribution, type SvmOptions } from "./svm-relevance.js";
export { type TrainSvmOptions, trainSvm } from "./train-svm.js";
