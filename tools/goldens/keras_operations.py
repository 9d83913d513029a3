"""One small model for each operation between layers, for make-keras-fixtures.py: `keras.ops` in Keras 3, functions of TensorFlow in Keras 2."""


def operations(keras):
    """(name, inputs, function of symbolic inputs) for each operation."""
    return of_tensorflow() if keras.__name__ == "tf_keras" else of_keras(keras.ops)


X, PAIR = [(3, 4)], [(3, 4), (3, 4)]


def of_keras(ops):
    entries = "Absolute Negative Exp Exp2 Expm1 Sin Cos Tanh Square Sign Relu Relu6 Sigmoid Softplus Softsign Silu Selu Elu Celu Gelu LeakyRelu HardSigmoid HardSilu HardTanh HardShrink SoftShrink TanhShrink LogSigmoid SparsePlus SparseSigmoid Squareplus Erf Abs Copy StopGradient"
    called = {"StopGradient": "stop_gradient", "LeakyRelu": "leaky_relu", "LogSigmoid": "log_sigmoid", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu", "HardTanh": "hard_tanh", "HardShrink": "hard_shrink", "SoftShrink": "soft_shrink", "TanhShrink": "tanh_shrink", "SparsePlus": "sparse_plus", "SparseSigmoid": "sparse_sigmoid"}
    found = [(name, X, lambda x, f=getattr(ops, called.get(name, name.lower())): f(x)) for name in entries.split()]
    for name, f in {"Log": ops.log, "Log1p": ops.log1p, "Log2": ops.log2, "Log10": ops.log10, "Sqrt": ops.sqrt, "Rsqrt": ops.rsqrt, "Reciprocal": ops.reciprocal}.items():
        found.append((name, X, lambda x, f=f: f(ops.square(x) + 0.5)))
    for name, f in {"Add": ops.add, "Subtract": ops.subtract, "Multiply": ops.multiply, "Maximum": ops.maximum, "Minimum": ops.minimum}.items():
        found += [(name, PAIR, f), (f"{name}-number", X, lambda x, f=f: f(f(x, 0.3), ops.convert_to_tensor([1.0, 2.0, 3.0, 4.0]))), (f"{name}-first", X, lambda x, f=f: f(0.2, x)), (f"{name}-broadcast", [(3, 4), (3, 1)], f)]
    for name, f in {"Divide": ops.divide, "TrueDivide": ops.true_divide, "DivideNoNan": ops.divide_no_nan}.items():
        found += [(name, PAIR, lambda a, b, f=f: f(a, ops.square(b) + 0.5)), (f"{name}-number", X, lambda x, f=f: f(x, 4.0)), (f"{name}-first", X, lambda x, f=f: f(2.0, ops.square(x) + 1.0))]
    found += [(f"Power-{power}", X, lambda x, power=power: ops.power(ops.square(x) + 0.5, power)) for power in (2, 0.5, 3, -1, 1.5)]
    found += [("Operators", PAIR, lambda a, b: (1.0 - a) * b / 2.0 + (-a) ** 2 - abs(b)), ("Clip", X, lambda x: ops.clip(x, -0.5, 0.8)), ("Cast", X, lambda x: ops.cast(x, "float32"))]
    found += [("Softmax", X, ops.softmax), ("Softmax-axis", X, lambda x: ops.softmax(x, axis=1)), ("LogSoftmax", X, ops.log_softmax), ("Matmul", [(3, 4), (4, 2)], ops.matmul)]
    for name, f in {"Mean": ops.mean, "Sum": ops.sum, "Max": ops.max, "Min": ops.min, "Prod": ops.prod, "Var": ops.var, "Std": ops.std, "Logsumexp": ops.logsumexp, "Amax": ops.amax, "Amin": ops.amin}.items():
        found += [(name, X, lambda x, f=f: f(x, axis=1)), (f"{name}-last", X, lambda x, f=f: f(x, axis=-1, keepdims=True)), (f"{name}-both", X, lambda x, f=f: f(x, axis=(1, 2), keepdims=True))]
    found += [("Cumsum", X, lambda x: ops.cumsum(x, axis=1)), ("Norm", X, lambda x: ops.norm(x, axis=-1)), ("Norm-1", X, lambda x: ops.norm(x, ord=1, axis=1, keepdims=True)), ("Norm-inf", X, lambda x: ops.norm(x, ord=float("inf"), axis=1)), ("Normalize", X, lambda x: ops.normalize(x, axis=-1))]
    found += [("Einsum", [(3, 4), (4, 2)], lambda a, b: ops.einsum("bij,bjk->bik", a, b)), ("Einsum-other", [(3, 4), (5, 4)], lambda a, b: ops.einsum("bij,bkj->bki", a, b)), ("Einsum-one", X, lambda x: ops.einsum("bij->bji", x)), ("Einsum-sum", X, lambda x: ops.einsum("bij->bi", x)), ("Einsum-heads", [(3, 2, 4), (5, 2, 4)], lambda a, b: ops.einsum("btnh,bsnh->bnts", a, b))]
    found += [("Reshape", X, lambda x: ops.reshape(x, (-1, 2, 6))), ("Transpose", [(2, 3, 4)], lambda x: ops.transpose(x, (0, 3, 1, 2))), ("Swapaxes", X, lambda x: ops.swapaxes(x, 1, -1)), ("Moveaxis", [(2, 3, 4)], lambda x: ops.moveaxis(x, 1, -1)), ("ExpandDims", X, lambda x: ops.expand_dims(x, 1)), ("ExpandDims-last", X, lambda x: ops.expand_dims(x, -1)), ("Squeeze", [(3, 1)], lambda x: ops.squeeze(x, -1)), ("Squeeze-all", [(3, 1)], lambda x: ops.squeeze(x))]
    found += [("GetItem", X, lambda x: x[:, 1:, ::2]), ("GetItem-number", X, lambda x: x[:, -1]), ("GetItem-new", X, lambda x: x[:, None, 0:2]), ("GetItem-ellipsis", [(2, 3, 4)], lambda x: x[..., 1]), ("GetItem-backwards", X, lambda x: x[:, ::-1])]
    found += [("Concatenate", PAIR, lambda a, b: ops.concatenate([a, b], axis=1)), ("Concatenate-axis", PAIR, lambda a, b: ops.concatenate([a, b], axis=-2)), ("Stack", PAIR, lambda a, b: ops.stack([a, b], axis=1)), ("Stack-last", PAIR, lambda a, b: ops.stack([a, b], axis=-1)), ("Hstack", PAIR, lambda a, b: ops.hstack([a, b]))]
    found += [("Split", X, lambda x: ops.split(x, 2, axis=-1)[1]), ("Split-places", X, lambda x: ops.split(x, [1, 3], axis=-1)[1]), ("Split-both", X, lambda x: ops.multiply(*ops.split(x, 2, axis=2))), ("Unstack", X, lambda x: ops.unstack(x, axis=1)[2])]
    found += [("Flip", X, lambda x: ops.flip(x, axis=1)), ("Roll", X, lambda x: ops.roll(x, 1, axis=-1)), ("Repeat", X, lambda x: ops.repeat(x, 2, axis=1)), ("Tile", X, lambda x: ops.tile(x, (1, 1, 2))), ("Pad", X, lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)))), ("Pad-constant", X, lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=2.0)), ("Pad-reflect", X, lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), mode="reflect")), ("Take", X, lambda x: ops.take(x, [2, 0], axis=1)), ("Take-number", X, lambda x: ops.take(x, -1, axis=1))]
    found += [(f"Where-{name}", PAIR, lambda a, b, f=f: ops.where(f(a, b), a, ops.square(b))) for name, f in {"Greater": ops.greater, "GreaterEqual": ops.greater_equal, "Less": ops.less, "LessEqual": ops.less_equal}.items()]
    found += [("Where-logic", PAIR, lambda a, b: ops.where(ops.logical_and(ops.logical_or(a > 0.0, b > 0.0), ops.logical_not(a > 0.5)), a, b))]
    # Not done here
    found += [("Arctan", X, ops.arctan), ("Floor", X, ops.floor), ("Argmax", X, lambda x: ops.cast(ops.argmax(x, axis=1), "float32")), ("Sort", X, lambda x: ops.sort(x, axis=1)), ("TopK", X, lambda x: ops.top_k(x, 2)[0]), ("Median", X, lambda x: ops.median(x, axis=1)), ("Conv", [(5, 5, 2)], lambda x: ops.average_pool(x, 2)), ("Inv", [(3, 3)], lambda x: ops.inv(x + 3.0 * ops.eye(3)))]
    return found


def of_tensorflow():
    import tensorflow as tf

    entries = {"abs": tf.abs, "negative": tf.negative, "exp": tf.exp, "expm1": tf.math.expm1, "sin": tf.sin, "cos": tf.cos, "tanh": tf.tanh, "square": tf.square, "sign": tf.sign, "sigmoid": tf.sigmoid, "nn.relu": tf.nn.relu, "nn.relu6": tf.nn.relu6, "nn.elu": tf.nn.elu, "nn.selu": tf.nn.selu, "nn.silu": tf.nn.silu, "nn.softplus": tf.nn.softplus, "nn.softsign": tf.nn.softsign, "nn.gelu": tf.nn.gelu, "nn.leaky_relu": tf.nn.leaky_relu, "erf": tf.math.erf, "identity": tf.identity, "stop_gradient": tf.stop_gradient, "nn.tanh": tf.nn.tanh, "nn.sigmoid": tf.nn.sigmoid}
    found = [(name, X, f) for name, f in entries.items()]
    found += [("nn.gelu-approximate", X, lambda x: tf.nn.gelu(x, approximate=True)), ("nn.leaky_relu-alpha", X, lambda x: tf.nn.leaky_relu(x, alpha=0.3))]
    for name, f in {"log": tf.math.log, "log1p": tf.math.log1p, "sqrt": tf.sqrt, "rsqrt": tf.math.rsqrt, "reciprocal": tf.math.reciprocal}.items():
        found.append((name, X, lambda x, f=f: f(tf.square(x) + 0.5)))
    for name, f in {"add": tf.add, "subtract": tf.subtract, "multiply": tf.multiply, "maximum": tf.maximum, "minimum": tf.minimum}.items():
        found += [(name, PAIR, f), (f"{name}-number", X, lambda x, f=f: f(f(x, 0.3), [1.0, 2.0, 3.0, 4.0])), (f"{name}-first", X, lambda x, f=f: f(0.2, x)), (f"{name}-broadcast", [(3, 4), (3, 1)], f)]
    for name, f in {"divide": tf.divide, "truediv": tf.truediv, "divide_no_nan": tf.math.divide_no_nan}.items():
        found += [(name, PAIR, lambda a, b, f=f: f(a, tf.square(b) + 0.5)), (f"{name}-number", X, lambda x, f=f: f(x, 4.0))]
    found += [(f"pow-{power}", X, lambda x, power=power: tf.pow(tf.square(x) + 0.5, power)) for power in (2.0, 0.5, 3.0, 1.5)]
    found += [("operators", PAIR, lambda a, b: (1.0 - a) * b / 2.0 + (-a) ** 2 - abs(b)), ("clip_by_value", X, lambda x: tf.clip_by_value(x, -0.5, 0.8)), ("cast", X, lambda x: tf.cast(x, tf.float32))]
    found += [("nn.softmax", X, tf.nn.softmax), ("nn.softmax-axis", X, lambda x: tf.nn.softmax(x, axis=1)), ("nn.log_softmax", X, tf.nn.log_softmax), ("matmul", [(3, 4), (4, 2)], tf.matmul), ("matmul-transposed", [(3, 4), (2, 4)], lambda a, b: tf.matmul(a, b, transpose_b=True))]
    for name, f in {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "max": tf.reduce_max, "min": tf.reduce_min, "prod": tf.reduce_prod, "variance": tf.math.reduce_variance, "std": tf.math.reduce_std, "logsumexp": tf.reduce_logsumexp}.items():
        found += [(f"reduce_{name}", X, lambda x, f=f: f(x, axis=1)), (f"reduce_{name}-both", X, lambda x, f=f: f(x, axis=[1, 2], keepdims=True))]
    found += [("cumsum", X, lambda x: tf.cumsum(x, axis=1)), ("cumsum-exclusive", X, lambda x: tf.cumsum(x, axis=1, exclusive=True)), ("l2_normalize", X, lambda x: tf.math.l2_normalize(x, axis=-1)), ("einsum", [(3, 4), (4, 2)], lambda a, b: tf.einsum("bij,bjk->bik", a, b))]
    found += [("reshape", X, lambda x: tf.reshape(x, (-1, 2, 6))), ("transpose", [(2, 3, 4)], lambda x: tf.transpose(x, (0, 3, 1, 2))), ("expand_dims", X, lambda x: tf.expand_dims(x, 1)), ("expand_dims-last", X, lambda x: tf.expand_dims(x, -1)), ("squeeze", [(3, 1)], lambda x: tf.squeeze(x, -1)), ("shape", X, lambda x: tf.reshape(x, (tf.shape(x)[0], 12)))]
    found += [("getitem", X, lambda x: x[:, 1:, ::2]), ("getitem-number", X, lambda x: x[:, -1]), ("getitem-new", X, lambda x: x[:, None, 0:2]), ("getitem-ellipsis", [(2, 3, 4)], lambda x: x[..., 1]), ("getitem-backwards", X, lambda x: x[:, ::-1])]
    found += [("concat", PAIR, lambda a, b: tf.concat([a, b], axis=1)), ("concat-axis", PAIR, lambda a, b: tf.concat([a, b], -2)), ("stack", PAIR, lambda a, b: tf.stack([a, b], axis=1)), ("stack-last", PAIR, lambda a, b: tf.stack([a, b], axis=-1))]
    found += [("split", X, lambda x: tf.split(x, 2, axis=-1)[1]), ("split-sizes", X, lambda x: tf.split(x, [1, 3], axis=-1)[1]), ("unstack", X, lambda x: tf.unstack(x, axis=1)[2])]
    found += [("reverse", X, lambda x: tf.reverse(x, [1])), ("roll", X, lambda x: tf.roll(x, 1, axis=-1)), ("repeat", X, lambda x: tf.repeat(x, 2, axis=1)), ("tile", X, lambda x: tf.tile(x, (1, 1, 2))), ("pad", X, lambda x: tf.pad(x, ((0, 0), (1, 2), (0, 1)))), ("pad-constant", X, lambda x: tf.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=2.0)), ("pad-reflect", X, lambda x: tf.pad(x, ((0, 0), (1, 2), (0, 1)), mode="REFLECT")), ("gather", X, lambda x: tf.gather(x, [2, 0], axis=1)), ("nn.bias_add", X, lambda x: tf.nn.bias_add(x, [1.0, 2.0, 3.0, 4.0]))]
    found += [(f"where-{name}", PAIR, lambda a, b, f=f: tf.where(f(a, b), a, tf.square(b))) for name, f in {"greater": tf.greater, "less_equal": tf.less_equal}.items()]
    found += [("where-logic", PAIR, lambda a, b: tf.where(tf.logical_and(tf.logical_or(a > 0.0, b > 0.0), tf.logical_not(a > 0.5)), a, b))]
    # Not done here
    found += [("atan", X, tf.atan), ("floor", X, tf.floor), ("sort", X, lambda x: tf.sort(x, axis=1)), ("image.resize", [(5, 5, 2)], lambda x: tf.image.resize(x, (3, 3)))]
    return found
