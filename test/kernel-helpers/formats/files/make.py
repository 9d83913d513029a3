"""Writes the small files of this folder by other programs, and what these read of them into expected.json.

pip install numpy pyedflib nibabel; python make.py
"""
import json, struct, wave
from pathlib import Path
import nibabel
import numpy as np
import pyedflib

HERE = Path(__file__).parent
random = np.random.default_rng(7)
expected = {}


def numbers(array):
    return [float(value) for value in np.asarray(array, dtype=np.float64).ravel()]


# EDF+ and BDF+ with two rates and annotations, by EDFlib.
for name, kind, bits in [("recording.edf", pyedflib.FILETYPE_EDFPLUS, 16), ("recording.bdf", pyedflib.FILETYPE_BDFPLUS, 24)]:
    writer = pyedflib.EdfWriter(str(HERE / name), 2, file_type=kind)
    low = -(2 ** (bits - 1))
    base = {"physical_min": -200.0, "physical_max": 200.0, "digital_min": low, "digital_max": -low - 1, "transducer": "AgAgCl", "prefilter": "HP:0.1Hz"}
    writer.setSignalHeaders([
        {"label": "EEG Cz", "dimension": "uV", "sample_frequency": 64, **base},
        {"label": "Temp", "dimension": "degC", "sample_frequency": 4, **base, "physical_min": 30.0, "physical_max": 42.0},
    ])
    from datetime import datetime
    writer.setStartdatetime(datetime(2019, 7, 23, 13, 30, 5))
    time = np.arange(192) / 64
    writer.writeSamples([100 * np.sin(2 * np.pi * 5 * time), 36.5 + np.arange(12) / 10])
    writer.writeAnnotation(0.5, 0.25, "Blink")
    writer.writeAnnotation(1.75, -1, "Überraschung")
    writer.close()
    reader = pyedflib.EdfReader(str(HERE / name))
    onsets, durations, texts = reader.readAnnotations()
    expected[name] = {
        "labels": reader.getSignalLabels(),
        "units": [reader.getPhysicalDimension(i) for i in range(2)],
        "rates": [float(reader.getSampleFrequency(i)) for i in range(2)],
        "start": reader.getStartdatetime().isoformat()[:19],
        "duration": reader.file_duration,
        "values": [numbers(reader.readSignal(i)) for i in range(2)],
        "onsets": numbers(onsets),
        "durations": [float(d) for d in durations],
        "texts": [str(t) for t in texts],
    }
    reader.close()

# NIfTI: both versions, both byte orders, scaled integers, sform and qform, gzip.
affine = np.array([[-2.0, 0.1, 0, 40], [0.1, 3.0, 0.2, -30], [0, 0.2, 4.0, 10], [0, 0, 0, 1]])
turn = np.array([[0, -3.0, 0, 5], [2.0, 0, 0, 6], [0, 0, -4.0, 7], [0, 0, 0, 1]])
for name, make, kind, order, s, q in [
    ("sform.nii", nibabel.Nifti1Image, np.int16, "<", 2, 1),
    ("qform.nii", nibabel.Nifti1Image, np.float32, ">", 0, 1),
    ("second.nii.gz", nibabel.Nifti2Image, np.uint8, "<", 1, 0),
]:
    data = (random.integers(0, 200, (3, 4, 2, 5))).astype(kind)
    header = make.header_class(endianness=order)
    header.set_data_dtype(np.dtype(kind).newbyteorder(order))
    image = make(data, None, header)
    image.set_sform(affine, s)
    image.set_qform(turn, q)
    image.header["pixdim"][4] = 2500
    image.header.set_xyzt_units("mm", "msec")
    if kind == np.int16:
        image.header.set_slope_inter(0.5, -10)
    nibabel.save(image, HERE / name)
    read = nibabel.load(HERE / name)
    expected[name] = {
        "sizes": list(read.shape),
        "values": numbers(np.asarray(read.dataobj).ravel(order="F")),
        "affine": [numbers(row) for row in read.affine[:3]],
        "steps": numbers(read.header["pixdim"][1:4]),
    }

# NumPy's formats.
arrays = {
    "doubles": random.normal(size=(2, 3)),
    "halves": np.array([1.5, -0.000061, 65504, np.inf], dtype=np.float16),
    "big": np.array([[1, -2], [300, 70000]], dtype=">i4"),
    "long": np.array([2**53 - 1, -5], dtype=np.int64),
    "fortran": np.asfortranarray(np.arange(24, dtype=np.uint16).reshape(2, 3, 4)),
    "words": np.array(["walk", "rest", "fün"]),
    "bytes": np.array([b"ab", b"c"]),
    "flags": np.array([True, False, True]),
    "one": np.float32(4.25),
    "none": np.zeros((0, 5)),
}
np.savez(HERE / "arrays.npz", **arrays)
np.savez_compressed(HERE / "packed.npz", **arrays)
np.save(HERE / "fortran.npy", arrays["fortran"])
np.save(HERE / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
np.save(HERE / "huge.npy", np.array([2**60], dtype=np.int64))
np.save(HERE / "records.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
expected["arrays"] = {
    name: {"shape": list(np.shape(a)), "values": [str(w.decode() if isinstance(w, bytes) else w) for w in a.ravel()] if np.asarray(a).dtype.kind in "US" else ["Infinity" if v == np.inf else float(v) for v in np.ravel(a)]}
    for name, a in arrays.items()
}

# WAV by Python's own module; floats by hand, as it does not write them.
tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(64) / 8000)
sound = np.stack([tone, -tone], axis=1)
for bits in (8, 16, 24, 32):
    scale = 2.0 ** (bits - 1)
    whole = np.round(sound * scale).astype(np.int64)
    with wave.open(str(HERE / f"tone-{bits}.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(bits // 8)
        file.setframerate(8000)
        if bits == 8:
            file.writeframes((whole + 128).astype(np.uint8).tobytes())
        else:
            file.writeframes(b"".join(int(v).to_bytes(bits // 8, "little", signed=True) for v in whole.ravel()))
body = sound.astype("<f4").tobytes()
head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 2, 8000, 64000, 8, 32) + b"LIST\x03\0\0\0abc\0" + b"data" + struct.pack("<I", len(body))
(HERE / "tone-float.wav").write_bytes(b"RIFF" + struct.pack("<I", len(head) + len(body)) + head + body)
expected["tone"] = numbers(tone)

(HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
