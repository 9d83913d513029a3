"""Models of several layers, for make-keras-fixtures.py: what one layer alone does not show."""
import sys

legacy = "--keras2" in sys.argv
if legacy:
    import tf_keras as keras
    from tf_keras import layers
else:
    import keras
    from keras import layers

models = {}
both = ("keras", "h5")


def model(inputs=None, versions=(2, 3), **options):
    """Registers a model: a function of a list of layers for Sequential ones, which follow an input of this shape."""

    def register(build):
        def built():
            made = build()
            if inputs is None:
                return made
            return keras.Sequential([layers.Input(inputs), *made], name=build.__name__)

        if (2 if legacy else 3) in versions:
            models[build.__name__] = (built, options)
        return build

    return register


@model((8, 8, 2), versions=(3,), formats=both)
def sequential_cnn():
    return [
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.ReLU(max_value=6),
        layers.MaxPooling2D(2),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ]


@model(versions=(3,), formats=both)
def residual():
    x = layers.Input((8, 8, 3), name="picture")
    stem = layers.Conv2D(6, 3, padding="same", use_bias=False, name="stem")(x)
    stem = layers.BatchNormalization(name="stem_bn")(stem)
    a = layers.Activation("relu")(stem)
    a = layers.DepthwiseConv2D(3, padding="same")(a)
    a = layers.LeakyReLU(negative_slope=0.2)(a)
    a = layers.SeparableConv2D(6, 3, padding="same")(a)
    b = layers.Conv2DTranspose(6, 3, padding="same")(stem)
    merged = layers.Concatenate()([layers.Add()([a, stem]), layers.Multiply()([b, stem])])
    pooled = layers.GlobalAveragePooling2D()(layers.ZeroPadding2D(1)(merged))
    return keras.Model(x, layers.Dense(5, name="scores")(pooled), name="residual")


@model(versions=(3,), formats=both)
def recurrent():
    x = layers.Input((7,), dtype="int32", name="tokens")
    y = layers.Embedding(11, 4)(x)
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(y)
    y = layers.GRU(5, reset_after=False)(y)
    return keras.Model(x, layers.Dense(2)(y), name="recurrent")


@model(versions=(3,), formats=both)
def nested():
    inner = keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.BatchNormalization()], name="inner"
    )
    left, right = layers.Input((4,), name="left"), layers.Input((4,), name="right")
    joined = layers.Multiply()([inner(left), inner(right)])
    return keras.Model([left, right], [layers.Dense(2, name="first")(joined), layers.Dense(1, name="second")(joined)], name="nested")


if not legacy:

    @keras.saving.register_keras_serializable(package="ours")
    class Swirl(layers.Layer):
        def call(self, x):
            return x * 2

    @model(formats=both)
    def custom():
        x = layers.Input((4,))
        return keras.Model(x, Swirl(name="the_swirl")(layers.Dense(3)(x)), name="custom")


@model(versions=(3,), formats=both)
def reset_after():
    x = layers.Input((5, 2))
    return keras.Model(x, layers.GRU(3, name="modern_gru")(x), name="reset_after")


# Volumes.


@model((6, 5, 4, 2))
def volume():
    return [
        layers.Conv3D(3, (3, 2, 3), strides=(2, 1, 1), padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling3D((1, 2, 2), strides=(1, 1, 2)),
        layers.ZeroPadding3D(((1, 0), (0, 1), (1, 1))),
        layers.Conv3D(4, 2, activation="tanh"),
        layers.AveragePooling3D((2, 1, 1), padding="same"),
        layers.Flatten(),
        layers.Dense(3),
    ]


@model((3, 2, 3, 2))
def volume_transpose():
    return [
        layers.Conv3DTranspose(3, 2, strides=2, activation="relu"),
        layers.Cropping3D(((1, 0), (0, 1), (1, 1))),
        layers.UpSampling3D((1, 2, 1)),
        layers.Conv3DTranspose(2, (1, 3, 3), padding="same"),
        layers.GlobalAveragePooling3D(),
    ]


@model((3, 4, 3, 2))
def volume_max():
    return [layers.Conv3D(4, 2), layers.GlobalMaxPooling3D(keepdims=True), layers.Flatten(), layers.Dense(2)]


# Activations.


@model((5,))
def activations():
    names = ["hard_sigmoid", "swish", "gelu", "mish", "exponential", "softsign", "selu", "relu6"]
    if not legacy:
        names += ["hard_swish", "hard_silu", "leaky_relu", "celu", "hard_tanh", "log_sigmoid", "tanh_shrink", "soft_shrink"]
        names += ["hard_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "silu"]
    return [layer for name in names if name in available for layer in (layers.Dense(5, activation=name), layers.Dense(5), layers.Activation(name))]


available = {name for name in dir(keras.activations)} | {"swish", "hard_swish"}


@model((4,))
def rectifiers():
    slope = {"alpha": 0.2} if legacy else {"negative_slope": 0.2}
    return [
        layers.Dense(6),
        layers.ReLU(max_value=3.0, negative_slope=0.1, threshold=0.5),
        layers.Dense(6),
        layers.ReLU(negative_slope=0.3),
        layers.Dense(6),
        layers.ReLU(threshold=0.4),
        layers.Dense(6),
        layers.ReLU(max_value=1.5, threshold=0.2),
        layers.Dense(6),
        layers.ELU(alpha=0.5),
        layers.LeakyReLU(**slope),
        layers.Dense(6, activation=layers.LeakyReLU(**slope)),
        layers.Dense(6, activation=layers.ReLU(max_value=1.0, negative_slope=0.1)),
        layers.Dense(6, activation=layers.ELU(alpha=0.7)),
        layers.PReLU(),
    ]


@model((6, 6, 3), versions=(3,))
def activated_convolutions():
    return [
        layers.Conv2D(4, 3, activation="hard_silu"),
        layers.DepthwiseConv2D(3, activation="hard_sigmoid"),
        layers.Conv2DTranspose(3, 2, activation="mish"),
        layers.SeparableConv2D(3, 2, activation="gelu"),
        layers.Flatten(),
        layers.Dense(2, activation="hard_swish"),
    ]


# Convolutions.


@model((9, 4))
def steps():
    return [
        layers.Conv1D(6, 3, groups=2, padding="same", activation="relu"),
        layers.Conv1D(4, 2, padding="causal", dilation_rate=2),
        layers.DepthwiseConv1D(3, strides=2, padding="same", depth_multiplier=2, activation="tanh"),
        layers.UpSampling1D(3),
        layers.SeparableConv1D(5, 3, dilation_rate=2, depth_multiplier=2),
        layers.Conv1DTranspose(4, 3, strides=2, padding="same"),
        layers.Cropping1D((1, 2)),
        layers.ZeroPadding1D((2, 1)),
        layers.Conv1DTranspose(3, 2, strides=3, activation="relu"),
        layers.Conv1D(6, 3, strides=2, padding="causal", groups=3),
        layers.GlobalMaxPooling1D(keepdims=True),
        layers.Flatten(),
        layers.Dense(2),
    ]


@model((7, 8, 4))
def grouped():
    return [
        layers.Conv2D(6, (3, 2), groups=2, strides=(2, 1), padding="same", activation="relu"),
        layers.Conv2D(8, 2, groups=2, dilation_rate=2, use_bias=False),
        layers.Conv2D(8, 2, groups=8, padding="same"),
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Conv2D(3, 1),
        layers.Flatten(),
    ]


# Normalization.


def normalizations(*which):
    return [layer for norm in which for layer in (norm, layers.Dense(6, activation="tanh"))]


@model((4, 3, 6))
def normalized():
    norms = [
        layers.GroupNormalization(groups=3),
        layers.GroupNormalization(groups=-1, scale=False),
        layers.GroupNormalization(groups=2, axis=1, epsilon=0.01, center=False),
        layers.LayerNormalization(),
        layers.LayerNormalization(axis=[1, 2, 3], center=False),
        layers.LayerNormalization(axis=[1, 3], scale=False, epsilon=0.1),
        layers.LayerNormalization(axis=2),
        layers.UnitNormalization(),
        layers.BatchNormalization(axis=1),
    ]
    if not legacy:
        norms += [
            layers.RMSNormalization(),
            layers.RMSNormalization(axis=[2, 3], epsilon=0.01),
            layers.LayerNormalization(rms_scaling=True),
        ]
    return [*normalizations(*norms), layers.Flatten(), layers.Dense(3)]


# Channels first.

first = {"data_format": "channels_first"}


@model((3, 8, 9), formats=both)
def channels_first():
    return [
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", **first),
        layers.BatchNormalization(axis=1),
        layers.ZeroPadding2D(((0, 1), (1, 2)), **first),
        layers.DepthwiseConv2D(2, **first),
        layers.LeakyReLU(),
        layers.MaxPooling2D((1, 2), **first),
        layers.UpSampling2D(2, **first),
        layers.SeparableConv2D(5, 2, **first),
        layers.Cropping2D(((1, 0), (0, 1)), **first),
        layers.Conv2DTranspose(3, 2, strides=2, **first),
        layers.AveragePooling2D(2, padding="same", **first),
        layers.Flatten(**first),
        layers.Dense(3),
    ]


@model()
def channels_first_graph():
    x = layers.Input((4, 6, 5), name="picture")
    a = layers.Conv2D(4, 3, padding="same", **first)(x)
    a = layers.UnitNormalization(axis=1)(a)
    b = layers.Activation("sigmoid")(layers.GroupNormalization(groups=2, axis=1)(a))
    joined = layers.Concatenate(axis=1)([layers.Subtract()([a, x]), b])
    squeeze = layers.Dense(8, activation="sigmoid")(layers.GlobalAveragePooling2D(**first)(joined))
    gated = layers.Multiply()([joined, layers.Reshape((8, 1, 1))(squeeze)])
    softmax = layers.Softmax(axis=1)(layers.Conv2D(3, 1, **first)(gated))
    rows = layers.Permute((2, 1, 3))(softmax)
    flat = layers.Flatten(data_format="channels_last")(rows)
    pooled = layers.GlobalMaxPooling2D(**first)(layers.PReLU(shared_axes=[2, 3])(gated))
    return keras.Model(x, [layers.Dense(2)(layers.Concatenate()([flat, pooled])), softmax], name="channels_first_graph")


@model((2, 4, 5, 3), versions=(2, 3))
def channels_first_volume():
    return [
        layers.Conv3D(3, 2, activation="relu", **first),
        layers.BatchNormalization(axis=1),
        layers.MaxPooling3D((1, 2, 1), **first),
        layers.Conv3DTranspose(2, 2, **first),
        layers.UpSampling3D((1, 2, 1), **first),
        layers.GlobalAveragePooling3D(**first),
    ]


@model((3, 7), versions=(2, 3))
def channels_first_steps():
    return [
        layers.Conv1D(4, 3, **first),
        layers.Conv1D(4, 2, groups=2, activation="tanh", **first),
        layers.MaxPooling1D(2, **first),
        layers.GlobalAveragePooling1D(**first),
    ]


@model((2, 3, 5, 4))
def channels_first_frames():
    return [layers.TimeDistributed(layers.Conv2D(2, 2, **first)), layers.TimeDistributed(layers.Flatten(**first)), layers.Dense(2)]


# What files hold beside layers.


@model(formats=both)
def nested_outputs():
    inner_in = layers.Input((4,))
    inner = keras.Model(inner_in, layers.Dense(4, activation="tanh")(inner_in), name="inner_functional")
    chain = keras.Sequential([layers.Input((4,)), layers.Dense(4, activation="tanh")], name="inner_chain")
    x = layers.Input((4,), name="given")
    return keras.Model(x, [inner(inner(chain(x))), chain(chain(inner(x))), chain(x)], name="nested_outputs")


@model(versions=(3,))
def masked():
    x = layers.Input((6,), dtype="int32", name="tokens")
    y = layers.LSTM(3)(layers.Embedding(10, 4, mask_zero=True)(x))
    return keras.Model(x, layers.Dense(2, activation="softmax")(y), name="masked")


@model(formats=both)
def masked_average():
    x = layers.Input((6,), dtype="int32", name="tokens")
    y = layers.Dropout(0.5)(layers.Embedding(10, 4, mask_zero=True)(x))
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(y)), name="masked_average")


@model()
def mask_of_one_branch():
    tokens = layers.Input((5,), dtype="int32", name="tokens")
    steps = layers.Input((5, 4), name="steps")
    y = layers.GRU(3)(layers.Embedding(10, 4, mask_zero=True)(tokens))
    return keras.Model([tokens, steps], layers.Dense(2)(layers.Concatenate()([y, layers.LSTM(3)(steps)])), name="mask_of_one_branch")


@model(versions=(2,))
def stateful():
    x = layers.Input(batch_shape=(2, 6, 3))
    return keras.Model(x, layers.Dense(2, activation="softmax")(layers.LSTM(4, stateful=True)(x)), name="stateful")


@model(formats=both)
def transformer():
    tokens = layers.Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(10, 8, mask_zero=True)(tokens)
    for index in range(2):
        heads = layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, heads]))
        ahead = layers.Dense(8)(layers.Dense(12, activation="gelu")(x))
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, layers.Dropout(0.1)(ahead)]))
    return keras.Model(tokens, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)), name="transformer")


@model()
def encoder_decoder():
    x, y = layers.Input((5, 4), name="source"), layers.Input((3, 4), name="goal")
    encoded, h, c = layers.LSTM(6, return_sequences=True, return_state=True)(x)
    decoded = layers.LSTM(6, return_sequences=True)(y, initial_state=[h, c])
    context = layers.Attention(use_scale=True)([decoded, encoded])
    return keras.Model([x, y], layers.TimeDistributed(layers.Dense(2))(layers.Concatenate()([decoded, context])), name="encoder_decoder")
