"""Writes test/explainers/numerics/similarities.json: what scikit-image 0.26 and scipy say of pairs of fields.

Run once, from anywhere: pip install scikit-image==0.26.0 scipy && python tools/goldens/make-similarities.py
The fields come from a linear congruential generator that the test repeats, so only results are stored. Fields are float64.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, rankdata, spearmanr
from skimage.feature import hog
from skimage.metrics import structural_similarity


def field(seed, shape, step=0.0):
    """Values in [-0.5, 0.5); rounded to multiples of 1/step where there shall be ties."""
    state, values = seed, []
    for _ in range(int(np.prod(shape))):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**32 - 0.5)
    values = np.array(values).reshape(shape)
    return np.floor(values * step) / step if step else values


def noisy(a, seed, amount):
    return a + amount * field(seed, a.shape)


cases = []
for shape, seed, step, amount in [
    ((28, 28), 1, 0, 0.5),
    ((28, 28), 2, 8, 0.3),
    ((61, 53), 3, 0, 2.0),
    ((64, 80), 4, 0, 0.05),
]:
    a = field(seed, shape, step)
    b = np.floor(noisy(a, seed + 100, amount) * step) / step if step else noisy(a, seed + 100, amount)
    span = float(max(a.max(), b.max()) - min(a.min(), b.min()))
    case = {
        "shape": shape,
        "seed": seed,
        "step": step,
        "amount": amount,
        "pearson": float(pearsonr(a.ravel(), b.ravel())[0]),
        "spearman": float(spearmanr(a.ravel(), b.ravel())[0]),
        "firstRanks": rankdata(a.ravel())[:20].tolist(),
        "ssim": float(structural_similarity(a, b, data_range=span)),
        "ssim11": float(structural_similarity(a, b, win_size=11, data_range=span)),
        "ssimGaussian": float(
            structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=span)
        ),
        "ssimRange2": float(structural_similarity(a, b, data_range=2.0)),
        # As quantus calls it: on flattened maps.
        "ssimFlat": float(structural_similarity(a.ravel(), b.ravel(), data_range=span)),
        "hogs": [],
    }
    for cell, block, orientations in [(8, 3, 9), (16, 3, 9), (7, 2, 6), (4, 3, 9)]:
        if min(shape) < cell * block:
            continue
        options = dict(
            orientations=orientations, pixels_per_cell=(cell, cell), cells_per_block=(block, block), block_norm="L2-Hys"
        )
        of_a, of_b = hog(a, **options), hog(b, **options)
        case["hogs"].append(
            {
                "cell": cell,
                "block": block,
                "orientations": orientations,
                "length": len(of_a),
                "first": of_a[:40].tolist(),
                "sum": float(of_a.sum()),
                "pearson": float(pearsonr(of_a, of_b)[0]),
            }
        )
    cases.append(case)

path = Path(__file__).resolve().parents[2] / "test/explainers/numerics/similarities.json"
path.write_text(json.dumps({"made by": "tools/goldens/make-similarities.py", "cases": cases}, indent=1) + "\n")
