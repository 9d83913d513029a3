"""Writes peers.json: support vector machines fitted by scikit-learn, and what it decides. Needs scikit-learn and numpy."""

import json
import pathlib

import numpy as np
from sklearn.svm import SVC, LinearSVC

random = np.random.RandomState(0)
rounded = lambda values, digits=6: np.round(np.asarray(values, dtype=float), digits)


def samples(classes, dimensions=4, each=14):
    centers = random.randn(classes, dimensions)
    x = np.concatenate([center + 0.8 * random.randn(each, dimensions) for center in centers])
    return np.abs(rounded(x, 3)), np.repeat(np.arange(classes), each)


def intersection(a, b):
    return np.minimum(a[:, None, :], b[None, :, :]).sum(-1)


cases = []
for classes in (2, 3):
    x, y = samples(classes)
    queries = np.abs(rounded(random.randn(5, x.shape[1]), 3))
    for kernel, options in [
        ("linear", {}),
        ("rbf", {"gamma": 0.7}),
        ("poly", {"gamma": 0.5, "degree": 3, "coef0": 1.0}),
        ("precomputed", {}),
    ]:
        machine = SVC(kernel=kernel, C=2.0, tol=1e-10, decision_function_shape="ovo", **options)
        pre = kernel == "precomputed"
        machine.fit(intersection(x, x) if pre else x, y)
        vectors = x[machine.support_] if pre else machine.support_vectors_
        decisions = machine.decision_function(intersection(queries, x) if pre else queries)
        fitted = {
            "kernel": kernel,
            "gamma": float(machine._gamma),
            "degree": machine.degree,
            "coef0": machine.coef0,
            "support_vectors_": vectors.tolist(),
            "dual_coef_": machine.dual_coef_.tolist(),
            "intercept_": machine.intercept_.tolist(),
            "n_support_": machine.n_support_.tolist(),
            "classes_": machine.classes_.tolist(),
        }
        cases.append(
            {
                "name": f"{kernel}, {classes} classes",
                "fitted": fitted,
                "x": x.tolist(),
                "y": y.tolist(),
                "cost": 2.0,
                "queries": queries.tolist(),
                "decisions": decisions.reshape(len(queries), -1).tolist(),
            }
        )
    machine = LinearSVC(C=1.0, tol=1e-8, max_iter=100000, random_state=0).fit(x, y)
    fitted = {name: getattr(machine, name).tolist() for name in ("coef_", "intercept_", "classes_")}
    decisions = machine.decision_function(queries).reshape(len(queries), -1)
    cases.append(
        {"name": f"LinearSVC, {classes} classes", "fitted": fitted, "queries": queries.tolist(), "decisions": decisions.tolist()}
    )

path = pathlib.Path(__file__).with_name("peers.json")
path.write_text(json.dumps({"peer": "scikit-learn 1.9.1", "cases": cases}, separators=(",", ":")) + "\n")
