"""Quantus' measures on a graph that the benchmark wrote: one JSON request a line on stdin, one answer on stdout.

  {"load": PATH, "input": PATH, "target": [CLASS, …]}    reads PATH.json and PATH.safetensors, inputs and attributions
  {"measure": NAME, …}                                   one measurement; answers {"ms": …, "scores": […], "peakMegabytes": …}
"""

import contextlib
import json
import os
import sys
import time

import numpy as np
import quantus
import torch
from graph_net import Net
from memory import peak_megabytes, reset_peak
from safetensors.torch import load_file

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))

# What changes no number.
quiet = {"disable_warnings": True, "display_progressbar": False}


def pixel_flipping(given, request):
    metric = quantus.PixelFlipping(
        features_in_step=request["perStep"], perturb_baseline=request["baseline"], abs=False, normalise=False, **quiet
    )
    return metric(**given, softmax=False)


measures = {"pixel-flipping": pixel_flipping}


def channels_first(x):
    return np.ascontiguousarray(x.permute(0, 3, 1, 2).numpy())


def main():
    given = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            with open(request["load"] + ".json") as file:
                nodes = json.load(file)
            net = Net(nodes, load_file(request["load"] + ".safetensors")).eval()
            stored = load_file(request["input"])
            given = {
                "model": net,
                "x_batch": channels_first(stored["input"]),
                "y_batch": np.array(request["target"]),
                "a_batch": channels_first(stored["attribution"]),
            }
            print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
            continue
        reset_peak()
        start = time.perf_counter()
        with contextlib.redirect_stdout(sys.stderr):
            scores = measures[request["measure"]](given, request)
        ms = 1000 * (time.perf_counter() - start)
        scores = np.asarray(scores, dtype=float).ravel().tolist()
        print(json.dumps({"ms": ms, "scores": scores, "peakMegabytes": peak_megabytes()}), flush=True)


with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
    main()
