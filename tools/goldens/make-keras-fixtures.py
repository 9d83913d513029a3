"""Makes test/kernel-helpers/models/keras: small Keras 3 models with random weights, each as .keras and .h5, and what Keras computes for them.

    pip install keras==3.12.0 && KERAS_BACKEND=numpy python tools/goldens/make-keras-fixtures.py
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "numpy")
import keras
import numpy as np
from keras import layers

out = pathlib.Path(__file__).resolve().parent.parent / "test" / "models" / "keras"
out.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(1)
keras.utils.set_random_seed(1)


def sequential():
    return keras.Sequential(
        [
            layers.Input((8, 8, 2)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.ReLU(max_value=6),
            layers.MaxPooling2D(2),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="sequential_cnn",
    )


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


def recurrent():
    x = layers.Input((7,), dtype="int32", name="tokens")
    y = layers.Embedding(11, 4)(x)
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(y)
    y = layers.GRU(5, reset_after=False)(y)
    return keras.Model(x, layers.Dense(2)(y), name="recurrent")


def nested():
    inner = keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.BatchNormalization()], name="inner"
    )
    left, right = layers.Input((4,), name="left"), layers.Input((4,), name="right")
    joined = layers.Multiply()([inner(left), inner(right)])
    return keras.Model([left, right], [layers.Dense(2, name="first")(joined), layers.Dense(1, name="second")(joined)], name="nested")


@keras.saving.register_keras_serializable(package="ours")
class Swirl(layers.Layer):
    def call(self, x):
        return x * 2


def custom():
    x = layers.Input((4,))
    return keras.Model(x, Swirl(name="the_swirl")(layers.Dense(3)(x)), name="custom")


def reset_after():
    x = layers.Input((5, 2))
    return keras.Model(x, layers.GRU(3, name="modern_gru")(x), name="reset_after")


golden = {}
for build in (sequential, residual, recurrent, nested, custom, reset_after):
    model = build()
    for variable in model.weights:
        value = random.normal(size=variable.shape) * 0.4
        variable.assign(abs(value) + 0.5 if "variance" in variable.path else value)
    inputs = [
        random.integers(0, 11, (2, *x.shape[1:])) if x.dtype == "int32" else random.normal(size=(2, *x.shape[1:]))
        for x in model.inputs
    ]
    inputs = [x.astype("float32") for x in inputs]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    golden[model.name] = {
        "inputs": [{"shape": x.shape, "values": x.ravel().tolist()} for x in inputs],
        "outputs": [{"shape": y.shape, "values": np.asarray(y).ravel().tolist()} for y in outputs],
    }
    model.save(out / f"{model.name}.keras")
    model.save(out / f"{model.name}.h5")
(out / "golden.json").write_text(json.dumps(golden))
