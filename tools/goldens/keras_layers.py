"""One small model for each setting of each layer class of Keras, for make-keras-fixtures.py.

A model is: inputs → the layer → Flatten → Dense(2), so that every entry of the layer's output reaches what is compared. Of each class there is a
model with the settings of `base`, and for each entry of `vary` one more with that setting changed. Classes that are not listed here stand in the
file as Keras makes them without arguments.
"""
import numpy as np

# Settings that act in training alone or name things; what they hold changes no number.
ALIKE = {"trainable", "seed", "name"}


class Case:
    """`layer(keras)` makes the layer; `call(layer, inputs)` its output; inputs are shapes of a sample, or (shape, dtype, highest number)."""

    def __init__(self, name, kind, inputs, make, call=None, prepare=None):
        self.name, self.kind, self.inputs, self.make, self.call, self.prepare = name, kind, inputs, make, call, prepare


def cases(keras):
    layers = keras.layers
    legacy = keras.__name__ == "tf_keras"
    found = []

    def add(kind, inputs, base=None, vary=None, call=None, prepare=None, make=None, label=None):
        """Adds the base, and for each setting in `vary` (a value, or a list of such) the base with it; a dictionary sets several."""
        if make is None and not hasattr(layers, kind):
            return
        base = base or {}
        inputs = inputs if isinstance(inputs, list) else [inputs]
        make = make or (lambda **settings: getattr(layers, kind)(**settings))
        variants = [("", {}, inputs, call)]
        for key, values in (vary or {}).items():
            for index, value in enumerate(values if isinstance(values, list) else [values]):
                given = value.pop("inputs", inputs) if isinstance(value, dict) else inputs
                calling = value.pop("call", call) if isinstance(value, dict) else call
                changed = value if isinstance(value, dict) else {key: value}
                variants.append((f"{key}{index or ''}", changed, given if isinstance(given, list) else [given], calling))
        for suffix, changed, given, calling in variants:
            name = "-".join(part for part in (kind, label, suffix) if part)
            settings = {**base, **changed}
            found.append(Case(name, kind, given, lambda settings=settings: make(**settings), calling, prepare))

    last = {"data_format": "channels_first"}
    training = {"activity_regularizer": "l2", "kernel_regularizer": "l1", "kernel_constraint": "max_norm", "bias_regularizer": "l2", "bias_constraint": "non_neg"}
    initial = {"kernel_initializer": "ones", "bias_initializer": "ones"}
    policy = {"dtype": {"dtype": "float64"}}
    slope = "alpha" if legacy else "negative_slope"

    # Core
    add("Dense", (5,), {"units": 4}, {"use_bias": False, "activation": ["relu", "gelu", "softmax"], "several": training, "initial": initial, "steps": {"inputs": (3, 5)}, **policy})
    add("EinsumDense", (4, 6), {"equation": "abc,cd->abd", "output_shape": (4, 3)}, {
        "bias_axes": ["d", "bd"], "activation": {"activation": "tanh", "bias_axes": "d"},
        "heads": {"equation": "abc,cde->abde", "output_shape": (4, 2, 3), "bias_axes": "de"},
        "equation": {"equation": "...x,xy->...y", "output_shape": (3,), "bias_axes": "y"},
        "mixed": {"equation": "abc,bcd->abd", "output_shape": (4, 3)},
        "joined": {"equation": "abcd,cde->abe", "output_shape": (4, 5), "bias_axes": "e", "inputs": (4, 2, 3)},
        "several": {**training, "bias_axes": "d"}, "initial": {**initial, "bias_axes": "d"},
    })
    add("Embedding", ((4,), "int32", 6), {"input_dim": 7, "output_dim": 3}, {"several": {"embeddings_regularizer": "l2", "embeddings_constraint": "max_norm", "embeddings_initializer": "ones", "activity_regularizer": "l2"} if legacy else {"embeddings_regularizer": "l2", "embeddings_constraint": "max_norm", "embeddings_initializer": "ones"}, "mask_zero": True, **({"input_length": 4} if legacy else {})})
    add("ReversibleEmbedding", ((4,), "int32", 6), {"input_dim": 7, "output_dim": 3}, {"tie_weights": False, "reverse": {"call": lambda layer, x: layer(layer(x[0]), reverse=True)}, "logit_soft_cap": {"logit_soft_cap": 2.0, "call": lambda layer, x: layer(layer(x[0]), reverse=True)}})
    add("Masking", (4, 3), {}, {"mask_value": 1.0})
    add("Activation", (6,), {"activation": "tanh"}, {"activation": ["softmax", "hard_sigmoid", "exponential", "linear"]})
    add("Lambda", (4,), {"function": lambda x: x * 2})
    add("Identity", (4,))

    # Reshaping
    add("Flatten", (2, 3, 2), {}, {"data_format": last})
    add("Reshape", (2, 6), {"target_shape": (3, 4)}, {"target_shape": [(-1,), (4, -1)]})
    add("Permute", (2, 3, 4), {"dims": (3, 1, 2)}, {"dims": (2, 1, 3)})
    add("RepeatVector", (4,), {"n": 3}, {"n": 2})
    for axes, shape in ((1, (8, 3)), (2, (6, 7, 2)), (3, (5, 6, 5, 2))):
        each = tuple(range(1, axes + 1))
        pairs = tuple((axis, 2 if axis == 1 else 0) for axis in each)
        first = {} if axes == 1 and legacy else {"data_format": last}
        add(f"Cropping{axes}D", shape, {}, {"cropping": [1, (1, 2) if axes == 1 else pairs[:axes - 1] + ((0, 1),)], **({"data_format": {**last, "inputs": (2, 5, 6, 5)[: axes + 1]}} if axes > 1 else {})})
        add(f"ZeroPadding{axes}D", shape, {}, {"padding": [2, (2, 1) if axes == 1 else pairs], **first})
        add(f"UpSampling{axes}D", shape, {}, {"size": [3, each] if axes > 1 else 3, **(first if axes > 1 else {}), **({"interpolation": [{"interpolation": way, "size": (2, 3)} for way in ("bilinear", "bicubic", "lanczos3", "lanczos5", *(("area", "gaussian", "mitchellcubic") if legacy else ()))]} if axes == 2 else {})})

    # Convolutions
    for axes, shape in ((1, (9, 4)), (2, (7, 8, 4)), (3, (5, 4, 6, 4))):
        sizes = (3, 2, 2)[:axes]
        common = {
            "strides": 2, "padding": "same", "use_bias": False, "activation": ["relu", "selu"], "both": {"strides": 2, "padding": "same", "kernel_size": 2},
            "several": training, "initial": initial, "data_format": {**last, "inputs": (shape[-1], *shape[:-1])},
        }
        add(f"Conv{axes}D", shape, {"filters": 4, "kernel_size": sizes}, {**common, "dilation_rate": 2, "groups": 2, **({"strides": (2, 1)} if axes == 2 else {}), **({"causal": {"padding": "causal", "dilation_rate": 2}} if axes == 1 else {})})
        add(f"Conv{axes}DTranspose", tuple(min(size, 4) for size in shape), {"filters": 3, "kernel_size": sizes}, {**common, "data_format": {**last, "inputs": (4, *(min(size, 4) for size in shape[:-1]))}, "output_padding": [{"output_padding": 1, "strides": 2}, {"output_padding": 0, "strides": 2}], "dilation_rate": 2})
        if axes < 3:
            kernels = {"depthwise_initializer": "ones", "depthwise_regularizer": "l2", "depthwise_constraint": "max_norm"}
            add(f"DepthwiseConv{axes}D", shape, {"kernel_size": 3}, {**common, "several": {"activity_regularizer": "l2", "bias_constraint": "non_neg", "bias_regularizer": "l2"}, "initial": {**kernels, "bias_initializer": "ones"}, "depth_multiplier": 2, "dilation_rate": 2, **({"kernel_size": {"kernel_size": (3, 2)}} if axes == 2 else {})})
            add(f"SeparableConv{axes}D", shape, {"filters": 3, "kernel_size": 3}, {**common, "several": {"activity_regularizer": "l2", "bias_constraint": "non_neg", "bias_regularizer": "l2"}, "initial": {**kernels, "pointwise_initializer": "ones", "pointwise_regularizer": "l2", "pointwise_constraint": "max_norm", "bias_initializer": "ones"}, "depth_multiplier": 2, "dilation_rate": 2, **({"causal": {"padding": "causal"}} if axes == 1 and legacy else {})})
        if axes < 3:
            add(f"LocallyConnected{axes}D", shape, {"filters": 3, "kernel_size": sizes}, {**{key: common[key] for key in ("strides", "use_bias", "activation", "several", "initial", "data_format")}, "padding": {"padding": "same", "implementation": 2}, "implementation": [{"implementation": 2}, {"implementation": 3}]})

    # Pooling
    for axes, shape in ((1, (9, 3)), (2, (7, 8, 3)), (3, (5, 4, 6, 2))):
        channels_first = {"data_format": {**last, "inputs": (shape[-1], *shape[:-1])}}
        for way in ("Max", "Average"):
            add(f"{way}Pooling{axes}D", shape, {"pool_size": 2}, {"pool_size": 3, "strides": [1, {"strides": 3}], "padding": ["same", {"padding": "same", "pool_size": 3, "strides": 2}], **channels_first})
            add(f"Global{way}Pooling{axes}D", shape, {}, {"keepdims": True, **channels_first})
            add(f"Adaptive{way}Pooling{axes}D", shape, {"output_size": 2}, {"output_size": 3, **channels_first})
    def masked_average(layer, x):
        return layer(layers.Masking(0.0)(x[0]))
    add("GlobalAveragePooling1D", (5, 3), {}, {"mask": {"call": masked_average}}, make=layers.GlobalAveragePooling1D)

    # Activations
    add("ReLU", (8,), {}, {"max_value": 0.7, "negative_slope": 0.2, "threshold": 0.3, "all": {"max_value": 0.9, "negative_slope": 0.1, "threshold": 0.2}})
    add("LeakyReLU", (8,), {}, {slope: 0.1})
    add("ELU", (8,), {}, {"alpha": 0.6})
    add("PReLU", (3, 4), {}, {"shared_axes": [{"shared_axes": [1]}, {"shared_axes": [1, 2]}], "initial": {"alpha_initializer": "ones", "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}})
    add("ThresholdedReLU", (8,), {}, {"theta": 0.4})
    def masked_softmax(layer, x):
        return layer(x[0], mask=x[1])
    add("Softmax", (3, 4), {}, {"axis": [1, {"axis": [1, 2]}], "mask": {"call": masked_softmax, "inputs": [(3, 4), ((3, 4), "bool", 1)]}})

    # Normalization
    weights = {"gamma_initializer": "zeros", "beta_initializer": "ones", "gamma_regularizer": "l2", "beta_regularizer": "l2", "gamma_constraint": "non_neg", "beta_constraint": "non_neg"}
    add("BatchNormalization", (3, 4), {}, {"axis": 1, "epsilon": 0.1, "center": False, "scale": False, "momentum": 0.5, "synchronized": True, "initial": {**weights, "moving_mean_initializer": "ones", "moving_variance_initializer": "zeros"}, **({} if legacy else {"renorm": {"renorm": True, "renorm_clipping": {"rmin": 0.5, "rmax": 2.0, "dmax": 1.0}, "renorm_momentum": 0.5}})})
    add("LayerNormalization", (3, 4), {}, {"axis": [1, {"axis": [1, 2]}], "epsilon": 0.1, "center": False, "scale": False, "initial": weights, **({} if legacy else {"rms_scaling": True})})
    add("GroupNormalization", (3, 8), {"groups": 4}, {"groups": [2, -1], "axis": {"axis": 1, "groups": 3}, "epsilon": 0.1, "center": False, "scale": False, "initial": weights})
    add("RMSNormalization", (3, 4), {}, {"axis": [1, {"axis": [1, 2]}], "epsilon": 0.1})
    add("UnitNormalization", (3, 4), {}, {"axis": [1, {"axis": [1, 2]}]})
    add("SpectralNormalization", (5,), {"layer": layers.Dense(3)}, {"power_iterations": {"power_iterations": 2, "layer": layers.Conv2D(3, 2), "inputs": (4, 4, 2)}})

    # Preprocessing
    def adapted(layer, random, shapes):
        layer.adapt(random.normal(size=(8, *shapes[0])).astype("float32") * 2 + 1)
    fixed = {"mean": [1.0, 2.0, 0.5], "variance": [4.0, 0.25, 2.0]}
    add("Normalization", (2, 3), {}, {"axis": [{"axis": 1}, {"axis": None}, {"axis": (1, 2)}], "invert": True}, prepare=adapted)
    add("Normalization", (2, 3), fixed, {"scalar": {"axis": None, "mean": 2.0, "variance": 3.0}, "invert": True}, label="stated")
    add("Rescaling", (2, 3), {"scale": 0.5}, {"scale": [{"scale": [1.0, 2.0, 3.0]}], "offset": [-1.0, {"offset": [1.0, 2.0, 3.0]}]})
    ways = ["nearest", "bicubic", "lanczos3", "lanczos5", *(["area", "gaussian", "mitchellcubic"] if legacy else [])]
    add("Resizing", (5, 4, 2), {"height": 7, "width": 6}, {
        "interpolation": ways, "smaller": {"height": 3, "width": 2}, "smaller_nearest": {"height": 3, "width": 3, "interpolation": "nearest"}, "crop_to_aspect_ratio": [True, {"crop_to_aspect_ratio": True, "height": 8, "width": 3}],
        **({} if legacy else {"pad_to_aspect_ratio": [True, {"pad_to_aspect_ratio": True, "fill_value": 0.5, "height": 4, "width": 9}], "antialias": {"antialias": True, "height": 3, "width": 2}, "fill_mode": {"pad_to_aspect_ratio": True, "fill_mode": "constant"}, "data_format": {**last, "inputs": (2, 5, 4)}}),
    })
    add("CenterCrop", (6, 7, 2), {"height": 4, "width": 4}, {"height": 3, "width": 5, "larger": {"height": 8, "width": 8}, **({} if legacy else {"data_format": {**last, "inputs": (2, 6, 7)}})})
    add("CategoryEncoding", ((4,), "int32", 4), {"num_tokens": 5}, {"output_mode": ["multi_hot", "count", {"output_mode": "one_hot", "inputs": ((1,), "int32", 4)}], "count_weights": {"output_mode": "count", "inputs": [((4,), "int32", 4), (4,)], "call": lambda layer, x: layer(x[0], count_weights=x[1])}, "sparse": True})
    bins = {"bin_boundaries": [-0.5, 0.0, 0.6]}
    add("Discretization", (5,), bins, {"output_mode": [{"output_mode": mode} for mode in ("multi_hot", "count")] + [{"output_mode": "one_hot", "inputs": (1,)}], "bin_boundaries": [{"bin_boundaries": [0.1]}], "num_bins": {"bin_boundaries": None, "num_bins": 3}, "sparse": {"output_mode": "count", "sparse": True}}, prepare=lambda layer, random, shapes: layer.adapt(random.normal(size=(20, *shapes[0])).astype("float32")) if layer.get_config()["bin_boundaries"] is None else None)
    words = {"vocabulary": [3, 5, 9]}
    numbers = ((4,), "int64", 9)
    add("IntegerLookup", numbers, words, {"output_mode": [{"output_mode": mode} for mode in ("multi_hot", "count")] + [{"output_mode": "one_hot", "inputs": ((1,), "int64", 9)}, {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0]}], "num_oov_indices": [{"num_oov_indices": 0, "vocabulary": list(range(10))}, 2], "mask_token": {"mask_token": 0}, "oov_token": {"oov_token": -5}, "invert": {"invert": True, "inputs": ((4,), "int64", 3)}, "pad_to_max_tokens": {"pad_to_max_tokens": True, "max_tokens": 8, "output_mode": "count"}, "max_tokens": 8})
    add("StringLookup", ((4,), "string", 0), {"vocabulary": ["a", "b"]})
    add("TextVectorization", ((1,), "string", 0), {"vocabulary": ["a", "b"]})
    add("Hashing", numbers, {"num_bins": 5}, {"salt": 3})
    add("HashedCrossing", [((1,), "int32", 9), ((1,), "int32", 9)], {"num_bins": 5}, call=lambda layer, x: layer(tuple(x)))
    add("MelSpectrogram", (600,), {"fft_length": 128, "sequence_stride": 64, "num_mel_bins": 8, "sampling_rate": 2000, "max_freq": 900})
    add("STFTSpectrogram", (100,), {"frame_length": 16, "frame_step": 8, "fft_length": 16})
    for name in ("AugMix", "AutoContrast", "CutMix", "MixUp", "RandAugment", "RandomColorDegeneration", "RandomColorJitter", "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomSaturation", "RandomSharpness", "Solarization", "ContrastLimitedAdaptiveHistogramEqualization", "MaxNumBoundingBoxes"):
        if hasattr(layers, name):
            given = {"RandomHue": {"factor": 0.2}, "RandomSaturation": {"factor": 0.2}, "RandomSharpness": {"factor": 0.2}, "RandomColorDegeneration": {"factor": 0.2}, "RandomColorJitter": {"brightness_factor": 0.2}, "RandomPosterization": {"factor": 4}, "MaxNumBoundingBoxes": {"max_number": 3}}.get(name, {})
            add(name, (6, 6, 3), given)
    for name, given in {"RandomFlip": {}, "RandomRotation": {"factor": 0.2}, "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2}, "RandomZoom": {"height_factor": 0.2}, "RandomShear": {"x_factor": 0.2, "y_factor": 0.1}, "RandomContrast": {"factor": 0.3}, "RandomBrightness": {"factor": 0.3}, "RandomHeight": {"factor": 0.2}, "RandomWidth": {"factor": 0.2}}.items():
        add(name, (6, 6, 3), given)
    add("RandomCrop", (6, 7, 3), {"height": 4, "width": 4} if legacy else {"height": 6, "width": 7}, {"height": 5, "width": 3} if legacy else {"data_format": {**last, "inputs": (3, 6, 7)}})

    # Regularization
    add("Dropout", (6,), {"rate": 0.5}, {"rate": 0.3, "noise_shape": {"noise_shape": (None, 1)}})
    for axes, shape in ((1, (5, 3)), (2, (4, 3, 2)), (3, (3, 2, 3, 2))):
        add(f"SpatialDropout{axes}D", shape, {"rate": 0.5}, {"rate": 0.3, **({} if axes == 1 else {"data_format": last})})
    add("AlphaDropout", (6,), {"rate": 0.5}, {"rate": 0.3, "noise_shape": {"noise_shape": (None, 1)}})
    add("GaussianDropout", (6,), {"rate": 0.5}, {"rate": 0.3})
    add("GaussianNoise", (6,), {"stddev": 0.5}, {"stddev": 0.3})
    add("ActivityRegularization", (6,), {"l1": 0.1}, {"l1": 0.2, "l2": 0.1})

    # Merging
    pair = [(3, 4), (3, 4)]
    for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        three = {} if kind == "Subtract" else {"three": {"inputs": [*pair, (3, 4)]}}
        add(kind, pair, {}, {**three, "broadcast": {"inputs": [(3, 4), (3, 1)]}, "ranks": {"inputs": [(3, 4), (4,)]}}, call=lambda layer, x: layer(x))
    add("Concatenate", pair, {}, {"axis": [1, -2]}, call=lambda layer, x: layer(x))
    add("Dot", pair, {"axes": 2}, {"axes": [1, {"axes": (2, 1), "inputs": [(3, 4), (4, 2)]}, {"axes": (1, 2), "inputs": [(3, 4), (2, 3)]}, {"axes": -1}, {"axes": 1, "inputs": [(4,), (4,)]}, {"axes": (2, 1), "inputs": [(3, 4), (4,)]}], "normalize": True}, call=lambda layer, x: layer(x))

    # Attention
    def self_attention(layer, x):
        return layer(x[0], x[0])
    def attend(**given):
        return lambda layer, x: layer(x[0], x[1], **{key: value(x) if callable(value) else value for key, value in given.items()})
    query_value = [(4, 6), (5, 6)]
    padded = lambda layer, x: (lambda tokens: layer(tokens, tokens))(layers.Embedding(7, 6, mask_zero=True)(x[0]))
    token_inputs = ((4,), "int32", 6)
    masked_inputs = [(4, 6), (5, 6), ((4, 5), "bool", 1)]
    attention = {
        "value_dim": 5, "use_bias": False, "dropout": 0.3, "self": {"call": self_attention, "inputs": (4, 6)}, "causal": {"call": lambda layer, x: layer(x[0], x[0], use_causal_mask=True), "inputs": (4, 6)},
        "output_shape": [{"output_shape": 5}, {"output_shape": (2, 3)}], "key": {"inputs": [(4, 6), (5, 3), (5, 2)], "call": lambda layer, x: layer(x[0], x[1], key=x[2])}, "attention_mask": {"inputs": masked_inputs, "call": attend(attention_mask=lambda x: x[2])},
        "attention_axes": [{"attention_axes": (1,), "inputs": [(2, 3, 4), (2, 3, 4)]}, {"attention_axes": (2,), "inputs": [(2, 3, 4), (2, 3, 4)]}, {"attention_axes": (1, 2), "inputs": [(2, 3, 4), (2, 3, 4)]}],
        "scores": {"call": lambda layer, x: list(layer(x[0], x[1], return_attention_scores=True))}, "padding": {"call": padded, "inputs": token_inputs}, "padding_causal": {"call": lambda layer, x: (lambda tokens: layer(tokens, tokens, use_causal_mask=True))(layers.Embedding(7, 6, mask_zero=True)(x[0])), "inputs": token_inputs},
        "several": training, "initial": initial, "num_heads": 1, "key_dim": 4,
        **({"softmax_robust_masking": True} if legacy else {"use_gate": True, "sliding_window": {"sliding_window": 2, "call": self_attention, "inputs": (4, 6)}}),
    }
    if legacy:
        attention.pop("softmax_robust_masking")
    add("MultiHeadAttention", [(4, 6), (5, 3)], {"num_heads": 2, "key_dim": 3}, attention, call=attend())
    add("GroupQueryAttention", query_value, {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, {"use_bias": False, "dropout": 0.3, "num_key_value_heads": 4, "num_query_heads": 2, "head_dim": 4, "use_gate": True, "causal": attention_copy(attention["causal"]), "self": attention_copy(attention["self"]), "sliding_window": {"sliding_window": 2, "call": self_attention, "inputs": (4, 6)}, "attention_mask": {"inputs": masked_inputs, "call": attend(attention_mask=lambda x: x[2])}, "padding": {"call": padded, "inputs": token_inputs}, "scores": {"call": lambda layer, x: list(layer(x[0], x[1], return_attention_scores=True))}, "several": training, "initial": initial}, call=attend())
    listed = lambda layer, x: layer(x)
    two, three = [(4, 6), (5, 6)], [(4, 6), (5, 3), (5, 6)]
    simple = {
        "use_scale": None, "dropout": 0.3, "key": {"inputs": three}, "causal": {"inputs": [(4, 6), (4, 6)], "call": lambda layer, x: layer(x, use_causal_mask=True)},
        "mask": {"inputs": [*two, ((5,), "bool", 1)], "call": lambda layer, x: layer(x[:2], mask=[None, x[2]])}, "query_mask": {"inputs": [*two, ((4,), "bool", 1)], "call": lambda layer, x: layer(x[:2], mask=[x[2], None])}, "scores": {"call": lambda layer, x: list(layer(x, return_attention_scores=True))},
        "padding": {"call": lambda layer, x: (lambda tokens: layer([tokens, tokens]))(layers.Embedding(7, 6, mask_zero=True)(x[0])), "inputs": token_inputs},
    }
    def of(**more):
        return {key: dict(value) if isinstance(value, dict) else value for key, value in {**simple, **more}.items()}
    add("Attention", two, {}, of(use_scale=True, score_mode=["concat", {"score_mode": "concat", "use_scale": True}]), call=listed)
    add("AdditiveAttention", two, {}, of(use_scale=False), call=listed)

    # Recurrent
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        gated = {} if kind == "SimpleRNN" else {"recurrent_activation": ["hard_sigmoid", "tanh"]}
        sequence = {"return_sequences": True}
        state = [(5, 3), (4,), (4,)] if kind == "LSTM" else [(5, 3), (4,)]
        add(kind, (5, 3), {"units": 4}, {
            "activation": ["relu", "sigmoid"], **gated, "use_bias": False, "return_sequences": True, "go_backwards": [True, {"go_backwards": True, "return_sequences": True}], "unroll": True, "dropout": 0.3, "recurrent_dropout": 0.3, "stateful": {"stateful": True},
            "return_state": {"return_state": True, "call": lambda layer, x: list(layer(x[0]))}, "initial_state": {"inputs": state, "call": lambda layer, x: layer(x[0], initial_state=x[1:])}, "mask": {"call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, "mask_sequences": {**sequence, "call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, "mask_backwards": {"go_backwards": True, "call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))},
            "zero_output_for_mask": {**sequence, "zero_output_for_mask": True, "call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))},
            "several": {**training, "recurrent_regularizer": "l2", "recurrent_constraint": "max_norm"}, "initial": {**initial, "recurrent_initializer": "ones"}, **({"unit_forget_bias": False} if kind == "LSTM" else {}), **({"reset_after": [False, {"reset_after": False, "use_bias": False}]} if kind == "GRU" else {}), **({"time_major": {"time_major": True}} if legacy else {}), **({"implementation": 1 if legacy else 1} if legacy and kind != "SimpleRNN" else {}),
        })
        cell = {"units": 4}
        add(f"{kind}Cell", (5, 3), {}, {"activation": "relu", "use_bias": False, **gated, "dropout": 0.2, "recurrent_dropout": 0.2, **({"reset_after": False} if kind == "GRU" else {}), **({"unit_forget_bias": False} if kind == "LSTM" else {}), "several": {key: value for key, value in training.items() if key != "activity_regularizer"} | {"recurrent_regularizer": "l2", "recurrent_constraint": "max_norm"}, "initial": {**initial, "recurrent_initializer": "ones"}, "units": 3}, make=lambda kind=kind, **given: layers.RNN(getattr(layers, f"{kind}Cell")(**{**cell, **given})))
    stack = lambda: [layers.LSTMCell(3), layers.GRUCell(4), layers.SimpleRNNCell(2)]
    add("RNN", (5, 3), {}, {"return_sequences": True, "go_backwards": True, "return_state": {"return_state": True, "call": lambda layer, x: list(layer(x[0]))}, "unroll": True, "stateful": True, "mask": {"call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, "zero_output_for_mask": {"return_sequences": True, "zero_output_for_mask": True, "call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, **({"time_major": True} if legacy else {})}, make=lambda **given: layers.RNN(layers.GRUCell(4), **given))
    add("StackedRNNCells", (5, 3), {}, {"sequences": {"return_sequences": True}, "state": {"return_state": True, "call": lambda layer, x: flat(layer(x[0]))}}, make=lambda **given: layers.RNN(stack(), **given))
    add("Bidirectional", (5, 3), {}, {"merge_mode": ["sum", "mul", "ave", {"merge_mode": None, "call": lambda layer, x: list(layer(x[0]))}], "inner": [{"inner": inner} for inner in ("LSTM-sequences", "SimpleRNN", "GRU-sequences", "RNN")], "backward": {"backward": True}, "mask": {"call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, "mask_sequences": {"inner": "LSTM-sequences", "call": lambda layer, x: layer(layers.Masking(0.0)(x[0]))}, "state": {"inner": "LSTM-state", "call": lambda layer, x: list(layer(x[0]))}}, make=lambda inner="GRU", backward=False, **given: layers.Bidirectional(recurrent(layers, inner), **({"backward_layer": layers.LSTM(3, go_backwards=True)} if backward else {}), **given))
    add("TimeDistributed", (3, 4, 4, 2), {}, {"inner": [{"inner": lambda: layers.Dense(3)}, {"inner": lambda: layers.BatchNormalization()}, {"inner": lambda: layers.Flatten()}, {"inner": lambda: keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])}, {"inner": lambda: layers.LSTM(2), "inputs": (3, 4, 2)}, {"inner": lambda: layers.LayerNormalization()}], "mask": {"inner": lambda: layers.Dense(2), "inputs": (4, 3), "call": lambda layer, x: layers.LSTM(2)(layer(layers.Masking(0.0)(x[0])))}}, make=lambda inner=None: layers.TimeDistributed(inner() if inner else layers.Conv2D(3, 2)))
    for axes, shape in ((1, (3, 5, 2)), (2, (3, 4, 4, 2)), (3, (2, 3, 3, 3, 2))):
        add(f"ConvLSTM{axes}D", shape, {"filters": 2, "kernel_size": 2}, {"strides": 2, "padding": "same", "dilation_rate": 2, "activation": "relu", "recurrent_activation": "tanh", "use_bias": False, "unit_forget_bias": False, "return_sequences": True, "go_backwards": True, "dropout": 0.2, "recurrent_dropout": 0.2, "stateful": True, "return_state": {"return_state": True, "call": lambda layer, x: list(layer(x[0]))}, "data_format": {**last, "inputs": (shape[0], shape[-1], *shape[1:-1])}, "several": {**training, "recurrent_regularizer": "l2", "recurrent_constraint": "max_norm"}, "initial": {**initial, "recurrent_initializer": "ones"}})
    return found


def attention_copy(value):
    return dict(value)


def flat(value):
    return [entry for part in value for entry in (flat(part) if isinstance(part, (list, tuple)) else [part])] if isinstance(value, (list, tuple)) else [value]


def recurrent(layers, inner):
    if inner == "RNN":
        return layers.RNN(layers.LSTMCell(3))
    kind, _, option = inner.partition("-")
    given = {"": {}, "sequences": {"return_sequences": True}, "reset": {"go_backwards": True}, "state": {"return_state": True}}[option]
    return getattr(layers, kind)(3, **given)
