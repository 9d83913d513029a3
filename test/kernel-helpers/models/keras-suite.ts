import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { isWrong, judged } from "../../../tools/figures/keras.js";
import { EVERY, long } from "../../every.js";

/*
 * Every layer class of the installed Keras with every setting that it has, every operation, and whole models: each file that Keras saved
 * gives Keras' outputs to 1e-5 and its gradient to 1e-4, or is refused in words that say what to do. `npm run figures -- keras` makes the
 * table of docs/models.md of the same.
 */

/** Settings that change no number here: they act in training, make weights that the file has, or are there for speed. */
const ALIKE =
  /_(initializer|regularizer|constraint)$|^(activity_regularizer|seed|dropout|rate|stddev|factor|l1|l2|momentum|renorm.*|synchronized|batch_input_shape|build_config|quantization_config|autocast|value_range|fill_mode|fill_value|batch_size|implementation|ragged|encoding|idf_weights|vocabulary_dtype|vocabulary_size|salt)$/;

/** Sizes that the weights' shapes say too: another one could not be loaded. */
const SIZES = /^(units|filters|input_dim|output_dim|num_tokens|kernel_size)$/;

/** What no case can vary: Keras itself takes one value alone, saves no other, or the setting is another layer's. */
const ALONE: readonly [layers: RegExp, settings: RegExp][] = [
  [/^MultiHeadAttention$/, /^(query|key|value)_shape$|^softmax_robust_masking$/],
  [/^(Depthwise|Separable)Conv|Transpose$/, /^groups$/],
  [
    /Cell$|^StackedRNNCells$/,
    /^(return_sequences|return_state|go_backwards|stateful|unroll|time_major|zero_output_for_mask|cell)$/,
  ],
  [/^ConvLSTM/, /^(unroll|time_major|zero_output_for_mask)$/],
  [/^(CategoryEncoding|Discretization|IntegerLookup)$/, /^(sparse|oov_method)$/],
  [/^Discretization$/, /^(epsilon|num_bins)$/],
];

/** Layers that act in training only: their settings are of no account. */
const TRAINING = /^(Random|Rand|Aug|Cut|Mix|Solar|MaxNum|Alpha|Gaussian|Dropout|SpatialDropout|ActivityReg)/;

/** Which cases are refused, and in which words. */
type Refusals = readonly (readonly [name: RegExp, words: RegExp])[];

/** What both versions save and TensorFlow.js cannot compute. */
const ALWAYS_REFUSED: Refusals = [
  [/Lambda/, /holds Python code/],
  [/Conv\dDTranspose-(output_padding|dilation_rate)/, /(output_padding|dilation_rate) = \[/],
  [/ConvLSTM\dD-data_format/, /data_format = "channels_first"/],
  [/IntegerLookup-num_oov_indices1/, /hashes what is unknown/],
  [/StringLookup/, /turns words into numbers/],
  [/Hashing|HashedCrossing/, /hashes what it is given/],
  [/StackedRNNCells-state/, /several cells with return_state = true/],
  [/Bidirectional-inner3/, /Bidirectional of an RNN/],
  [/Bidirectional-backward/, /backward_layer has another class_name/],
];

/** The tests of one version; `refusals` are those of that version alone. */
export function kerasSuite(version: 2 | 3, refusals: Refusals): void {
  const expected = { refused: [...ALWAYS_REFUSED, ...refusals] };
  describe(`Keras ${version}`, async () => {
    const tf = await tensorflow();
    const before = tf.memory().numTensors;
    // A file of each class, what is refused, and one of four of the others.
    const tried = new Set<unknown>();
    const isFirst = (key: unknown) => tried.size < tried.add(key).size;
    const { cases, classes, errors } = await judged(version, ({ name, layer }, at) => {
      const isRefused = expected.refused.some(([pattern]) => pattern.test(name));
      return isFirst(layer ?? name) || isRefused || EVERY || at % 4 === 0;
    });

    test("no number is wrong", () => {
      const wrong = cases.filter(({ verdict }) => isWrong(verdict)).map(({ name, verdict }) => ({ name, ...verdict }));
      assert.deepEqual(wrong, []);
      assert.ok(cases.filter(({ verdict }) => verdict.gradientError !== undefined).length > (EVERY ? 500 : 150));
    });

    test("no tensor is left behind", () => {
      assert.equal(tf.memory().numTensors, before);
    });

    test("what is refused is listed here, and its words say what to do", () => {
      const refused = cases.filter(({ verdict }) => verdict.refusal !== undefined);
      for (const { name, verdict } of refused) {
        const words = expected.refused.find(([pattern]) => pattern.test(name))?.[1];
        assert.ok(words, `${name} is refused: ${verdict.refusal}`);
        assert.match(verdict.refusal!, words, name);
        if (verdict.error === undefined)
          assert.match(verdict.refusal!, /save (it|the model)|without it|by itself/, name);
      }
      for (const [pattern] of expected.refused) {
        assert.ok(
          refused.some(({ name }) => pattern.test(name)),
          `nothing like ${pattern} is refused any more`,
        );
      }
    });

    test("every class that Keras exports has a case, stands in no file, or is refused", () => {
      const tried = new Set(cases.map(({ layer }) => classes[layer ?? ""]));
      const failing = new Set(Object.keys(errors).map((name) => classes[name.split("-")[0]!]));
      const missing = Object.values(classes).filter((name) => !tried.has(name) && !failing.has(name));
      assert.deepEqual(
        [...new Set(missing)].filter(
          (name) =>
            !/^(Layer|Wrapper|AbstractRNNCell|InputLayer|Pipeline|TFSMLayer|JaxLayer|FlaxLayer|TorchModuleWrapper|DenseFeatures|Equalization)$/.test(
              name,
            ),
        ),
        [],
      );
    });

    test("every setting of every exact layer is varied, so that none is ignored in silence", long, () => {
      const values = new Map<string, Set<string>>();
      const exact = new Set<string>();
      const keysOf = (layer: string) =>
        new Set(cases.filter((one) => one.layer === layer).flatMap(({ settings }) => Object.keys(settings!)));
      for (const { layer, settings, verdict } of cases) {
        if (layer === undefined) continue;
        if (verdict.error !== undefined) exact.add(layer);
        // Keras 2 leaves some settings out where they are as usual.
        for (const key of keysOf(layer)) {
          const at = `${layer}.${key}`;
          values.set(at, (values.get(at) ?? new Set()).add(JSON.stringify(settings![key]) ?? "unset"));
        }
      }
      const constant = [...values.keys()].filter((at) => {
        const [layer, key] = at.split(".") as [string, string];
        if (!exact.has(layer) || TRAINING.test(layer) || ALIKE.test(key) || SIZES.test(key)) return false;
        if (ALONE.some(([layers, settings]) => layers.test(layer) && settings.test(key))) return false;
        return values.get(at)!.size < 2;
      });
      assert.deepEqual(constant, []);
    });
  });
}
