"""Makes test/kernel-helpers/models/keras: what Keras saves, and what it computes, for every layer class, operation and a few whole models.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf_keras==2.21.0 brotli==1.2.1 scipy
    python tools/goldens/make-keras-fixtures.py --keras2   # keras2.zip.br, first
    python tools/goldens/make-keras-fixtures.py            # keras3.zip.br

One archive a version, so that what the files have in common is stored once. Inputs and weights follow a formula of their place, which
test/kernel-helpers/models/keras-goldens.ts repeats for the inputs. Of a gradient every few entries are kept. Names behind the options choose
cases, which replace those of the archive that is there.
"""
import io
import inspect
import json
import os
import pathlib
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
legacy = "--keras2" in sys.argv
chosen = [name for name in sys.argv[1:] if not name.startswith("--")]

import brotli
import numpy as np
import tensorflow as tf

if legacy:
    import tf_keras as keras
else:
    import keras

import keras_layers
import keras_models
import keras_operations

layers = keras.layers
KEPT = 40  # entries of a gradient


def numbers(count, seed):
    """Multiples of 1/4096 between −1.5 and 1.5 that look random."""
    places = np.arange(count, dtype=np.int64)
    return ((places * 7919 + seed * 104729 + places * places * 31) % 12289 - 6144) / 4096


def weight(shape, seed):
    """Multiples of 1/32 between −½ and ½; a pattern, so that archives stay small."""
    places = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (((places * places * 3 + places * (seed % 29 + 1) + seed) % 31 - 15) / 32).reshape(shape)


def input_value(shape, dtype, top, seed, padded):
    drawn = numbers(int(np.prod(shape)), seed).reshape(shape)
    if dtype == "float32":
        if padded and len(shape) > 2:  # steps that count for nothing
            drawn[0, -1] = 0
            drawn[1, 1] = 0
        return drawn.astype("float32")
    return (np.floor((drawn + 1.5) * 1024) % (top + 1)).astype(dtype)


def rounded(x, digits):
    return [float(f"{value:.{digits}g}") for value in np.asarray(x, dtype="float32").ravel()]


def seed_of(name):
    return sum(name.encode())


def set_weights(model, name, own=()):
    """Gives every weight the formula's values; those whose path has a part of `own` keep theirs."""
    for index, variable in enumerate(model.weights):
        path = variable.name if legacy else variable.path
        if "float" not in str(variable.dtype) or "seed" in path or any(part in path for part in own):
            continue
        value = weight(tuple(variable.shape), seed_of(name) + 7 * index)
        variable.assign(abs(value) + 0.5 if "variance" in path else value)


def computed(model, described, seed):
    """What Keras computes for the described inputs, and the gradient of the first output's first entries."""
    values = [input_value((2, *shape), dtype, top, seed + index, padded) for index, (shape, dtype, top, padded) in enumerate(described)]
    given = [tf.constant(value) for value in values]
    floating = [x for x in given if x.dtype.is_floating]

    def run():
        outputs = model(given if len(given) > 1 else given[0], training=False)
        return outputs if isinstance(outputs, (list, tuple)) else [outputs]

    gradients = None
    try:
        with tf.GradientTape() as tape:
            for x in floating:
                tape.watch(x)
            outputs = run()
            first = tf.reduce_sum(tf.reshape(outputs[0][0], [-1])[0])
        found = tape.gradient(first, floating)
        if len(floating) == len(given) and all(gradient is not None for gradient in found):
            gradients = []
            for gradient in found:
                flat = np.asarray(gradient)[0].ravel()
                step = max(1, int(np.ceil(len(flat) / KEPT)))
                gradients.append({"step": step, "values": rounded(flat[::step], 6)})
    except (tf.errors.InvalidArgumentError, LookupError):
        # TensorFlow pools backwards with channels last only on a CPU, and knows no gradient of some resizing.
        outputs = run()
    return {
        "seed": seed,
        "inputs": [{"shape": [2, *shape], "dtype": dtype, "top": top, "padded": padded} for shape, dtype, top, padded in described],
        "outputs": [{"shape": list(y.shape), "values": rounded(y, 8)} for y in outputs],
        "gradients": gradients,
    }


def described(entry, name):
    shape, dtype, top = entry if len(entry) == 3 and isinstance(entry[1], str) else (entry, "float32", 0)
    return tuple(shape), dtype, top, "mask" in name


def small(inputs, make_output):
    """`make_output` of symbolic inputs, flattened, and two numbers of all its entries."""
    outputs = [layers.Flatten()(tensor) for tensor in keras_layers.flat(make_output(inputs))]
    joined = outputs[0] if len(outputs) == 1 else layers.Concatenate()(outputs)
    return keras.Model(inputs, layers.Dense(2, name="head")(joined), name="net")


def settings_of(layer):
    """What of a layer's configuration may change its numbers."""
    config = json.loads(json.dumps(layer.get_config(), default=str))
    return {key: value for key, value in config.items() if key not in ("name", "trainable", "dtype")}


files, golden, errors = {}, {"version": keras.__version__, "cases": {}}, {}


def store(model, name, formats):
    with tempfile.TemporaryDirectory() as folder:
        for extension in formats:
            path = pathlib.Path(folder) / f"{name}.{extension}"
            model.save(path)
            files[f"{name}.{extension}"] = path.read_bytes()


def attempt(name, make):
    if chosen and name not in chosen and name.split("-")[0] not in chosen:
        return
    # Names begin anew, so that a case does not depend on those before it.
    if legacy:
        keras.backend.reset_uids()
    else:
        from keras.src.backend.common import global_state

        global_state.set_global_attribute("object_name_uids", None)
    keras.utils.set_random_seed(1)
    try:
        golden["cases"][name] = make()
    except Exception as error:
        errors[name] = f"{type(error).__name__}: {str(error)[:300]}"


def layer_case(case):
    seed = seed_of(case.name)
    about = [described(entry, case.name) for entry in case.inputs]
    batch = {"batch_size": 2} if "stateful" in case.name else {}
    inputs = [layers.Input(shape, dtype=dtype, **batch) for shape, dtype, _, _ in about]
    layer = case.make()
    if case.prepare:
        case.prepare(layer, np.random.default_rng(1), [shape for shape, *_ in about])
    model = small(inputs, lambda xs: case.call(layer, xs) if case.call else layer(xs[0]))
    set_weights(model, case.name, own=("normalization/mean", "normalization/variance", "mean:0", "variance:0") if case.kind == "Normalization" else ())
    about_case = {"layer": case.kind, "settings": settings_of(layer)}
    if all(dtype != "string" for _, dtype, _, _ in about):
        about_case.update(computed(model, about, seed))
    store(model, case.name, ("h5",) if legacy else ("keras",))
    return about_case


def operation_case(name, shapes, call):
    about = [described(shape, name) for shape in shapes]
    model = small([layers.Input(shape) for shape in shapes], lambda xs: call(*xs))
    set_weights(model, name)
    store(model, name, ("h5",) if legacy else ("keras",))
    return {"operation": name.split(".", 1)[1], **computed(model, about, seed_of(name))}


def model_case(name, build, options):
    model = build()
    set_weights(model, name)
    dtypes = [str(getattr(x.dtype, "name", x.dtype)) for x in model.inputs]
    about = [(tuple(x.shape[1:]), dtype, 9, False) for x, dtype in zip(model.inputs, dtypes)]
    if name != "custom":
        results = computed(model, about, seed_of(name))
    else:
        results = {}
    store(model, name, options.get("formats", ("h5",) if legacy else ("keras",)))
    return {"model": name, **results}


for case in keras_layers.cases(keras):
    attempt(case.name, lambda: layer_case(case))
for name, shapes, call in keras_operations.operations(keras):
    attempt(f"op.{name}", lambda: operation_case(f"op.{name}", shapes, call))
for name, (build, options) in keras_models.models.items():
    attempt(f"model.{name}", lambda: model_case(f"model.{name}", build, options))

# All classes that Keras exports, with the name of the class itself: some have several.
exported = {}
for name in dir(layers):
    value = getattr(layers, name)
    if inspect.isclass(value) and issubclass(value, layers.Layer):
        exported[name] = value.__name__
golden["classes"] = exported
golden["errors"] = errors

for name, error in errors.items():
    print("Keras refuses", name, error.split("\n")[0][:150])
out = pathlib.Path(__file__).resolve().parents[2] / "test" / "kernel-helpers" / "models" / "keras"


def stored(version):
    with zipfile.ZipFile(io.BytesIO(brotli.decompress((out / f"keras{version}.zip.br").read_bytes()))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


if chosen:
    before = stored(2 if legacy else 3)
    known = json.loads(before.pop("golden.json"))
    dropped = [name for name in (*known["cases"], *known["errors"]) if name in chosen or name.split("-")[0] in chosen]
    for name in dropped:
        known["cases"].pop(name, None)
        known["errors"].pop(name, None)
        for extension in ("h5", "keras"):
            before.pop(f"{name}.{extension}", None)
    golden["cases"] = {**known["cases"], **golden["cases"]}
    golden["errors"] = {**known["errors"], **golden["errors"]}
    files = {**before, **files}
if not legacy:
    # With channels first, TensorFlow computes grouped and depthwise convolutions wrongly on a CPU; Keras 2 compiles them, and is right.
    older = json.loads(stored(2)["golden.json"])["cases"]
    for name in ("model.channels_first", "model.channels_first_steps"):
        for key in ("outputs", "gradients"):
            golden["cases"][name][key] = older[name][key]
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
    for name, data in [("golden.json", json.dumps(golden).encode()), *files.items()]:
        archive.writestr(zipfile.ZipInfo(name), data)
target = out / f"keras{2 if legacy else 3}.zip.br"
target.write_bytes(brotli.compress(packed.getvalue(), quality=11, lgwin=24))
print(f"{target.name}: {len(files)} files, {target.stat().st_size} bytes")
