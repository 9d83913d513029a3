"""Writes the fixtures beside this file with the safetensors package (0.8.0) and NumPy: python make.py"""

import json
from pathlib import Path

import numpy as np
from safetensors import numpy as st
from safetensors import TensorSpec, serialize_file

here = Path(__file__).parent
kinds = [np.float64, np.float32, np.float16, np.int64, np.int32, np.int16, np.int8, np.uint64, np.uint32, np.uint16, np.uint8]
tensors = {}
for kind in kinds:
    if np.issubdtype(kind, np.floating):
        info = np.finfo(kind)
        values = [0.0, -0.0, 1.5, -np.pi, info.max, info.min, info.tiny, info.smallest_subnormal, np.inf, -np.inf]
        tensors[np.dtype(kind).name] = np.array(values, kind).reshape(5, 2)
    else:
        info = np.iinfo(kind)
        tensors[np.dtype(kind).name] = np.array([info.min, 0, 1, info.max], kind).reshape(2, 1, 2)
tensors["bool"] = np.array([True, False, True])
tensors["scalar"] = np.array(7.25, np.float32)
tensors["empty"] = np.zeros((0, 3), np.float32)
tensors["naïve \"name\" 测试"] = np.array([1, 2], np.uint8)
st.save_file(tensors, here / "numpy.safetensors", metadata={"format": "np", "author": "Gödel"})

# NumPy has no bfloat16: the upper halves of float32 numbers.
numbers = np.array([0, 1, -2.5, 3.140625, 1e38, np.inf], np.float32)
halves = (numbers.view(np.uint32) >> 16).astype(np.uint16)
exact = (halves.astype(np.uint32) << 16).view(np.float32)
eights = np.array([0x38, 0x40], np.uint8)


def spec(dtype, array):
    return TensorSpec(dtype=dtype, shape=list(array.shape), data_ptr=array.ctypes.data, data_len=array.nbytes)


serialize_file({"bfloat16": spec("bfloat16", halves)}, str(here / "bfloat16.safetensors"), None)
serialize_file({"w": spec("float8_e4m3fn", eights)}, str(here / "float8.safetensors"), None)

# Every value as text, since JSON has neither infinities nor 64-bit integers.
expected = {name: {"shape": list(array.shape), "values": [str(value) for value in array.ravel().tolist()]} for name, array in tensors.items()}
expected["bfloat16"] = {"shape": [6], "values": [str(value) for value in exact.tolist()]}
(here / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
