"""Makes plain arrays of seglearn's watch_dataset.npy, which is a pickle: python watch-dataset.py FOLDER-OF-IT FOLDER

A pickle can name any function of Python and have it called. So this one knows five names, those of NumPy's arrays,
and puts them into classes of its own; every other name ends it. Neither NumPy nor seglearn is needed.
"""
import ast
import json
import os
import pickle
import struct
import sys
from array import array

KINDS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i"}


class Dtype:
    def __init__(self, kind, *_):
        self.kind = kind

    def __setstate__(self, state):
        if state[1] not in ("<", "|", "="):
            raise ValueError("byte order %r" % (state[1],))


class Array:
    def __setstate__(self, state):
        _, self.shape, dtype, self.fortran, data = state
        self.kind = dtype.kind
        if self.kind.startswith("O"):
            self.values = data
        else:
            self.values = array(KINDS[self.kind])
            self.values.frombytes(data)
            if sys.byteorder != "little":
                self.values.byteswap()

    def rows(self):
        """The values row by row."""
        if not self.fortran or len(self.shape) < 2:
            return self.values
        height, width = self.shape
        return array(self.values.typecode, (self.values[c * height + r] for r in range(height) for c in range(width)))


def encode(text, encoding):
    if encoding != "latin1":
        raise ValueError(encoding)
    return text.encode("latin1")


class Plain(pickle.Unpickler):
    def find_class(self, module, name):
        known = {
            ("numpy.core.multiarray", "_reconstruct"): lambda *_: Array(),
            ("numpy", "ndarray"): Array,
            ("numpy", "dtype"): Dtype,
            ("_codecs", "encode"): encode,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError("%s.%s is not let in" % (module, name))
        return known[module, name]


def save(folder, name, kind, shape, values):
    """numpy.save, version 1 of the format."""
    head = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (kind, ", ".join(map(str, shape)) + ("," if len(shape) == 1 else ""))
    length = -(-(11 + len(head)) // 64) * 64 - 10
    code = "<" + kind[1:].replace("f8", "d").replace("i4", "i")
    with open(os.path.join(folder, name), "wb") as out:
        out.write(b"\x93NUMPY\x01\0" + struct.pack("<H", length) + head.ljust(length - 1).encode() + b"\n")
        out.write(struct.pack("<%d%s" % (len(values), code[1:]), *values))


def main(source, folder):
    with open(os.path.join(source, "watch_dataset.npy"), "rb") as file:
        start = file.read(10)
        if start[:8] != b"\x93NUMPY\x01\0":
            raise ValueError("no .npy file of version 1")
        header = ast.literal_eval(file.read(struct.unpack("<H", start[8:])[0]).decode())
        if header["descr"] != "|O" or header["shape"] != ():
            raise ValueError("not one pickled object")
        data = Plain(file).load().values[0]
    series = [one.rows() for one in data["X"]]
    width = len(data["X_labels"])
    if any(len(one) % width for one in series):
        raise ValueError("series of other width")
    lengths = [len(one) // width for one in series]
    values = array("d")
    for one in series:
        values.extend(one)
    save(folder, "values.npy", "<f8", (sum(lengths), width), values)
    save(folder, "lengths.npy", "<i4", (len(series),), lengths)
    for key, name in [("y", "exercises"), ("subject", "subjects"), ("side", "sides")]:
        save(folder, name + ".npy", "<i4", (len(series),), [int(value) for value in data[key].rows()])
    with open(os.path.join(folder, "names.json"), "w", encoding="utf-8") as out:
        json.dump({"channels": data["X_labels"], "exercises": data["y_labels"]}, out)


main(*sys.argv[1:])
