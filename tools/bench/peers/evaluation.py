"""Quantus' measures on a graph that the benchmark wrote: one JSON request a line on stdin, one answer on stdout.

  {"load": PATH, "input": PATH, "target": [CLASS, …]}    reads PATH.json and PATH.safetensors, inputs and attributions
  {"measure": NAME, …}                                   one measurement; answers {"ms": …, "scores": […], "peakMegabytes": …}
"""

import contextlib
import json
import os
import sys
import time
from unittest import mock

import numpy as np
import quantus
import torch
from graph_net import Net
from memory import peak_megabytes, reset_peak
from safetensors.torch import load_file
from torch import nn

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))

# What changes no number.
quiet = {"disable_warnings": True, "display_progressbar": False}


def pixel_flipping(given, request):
    metric = quantus.PixelFlipping(
        features_in_step=request["perStep"], perturb_baseline=request["baseline"], abs=False, normalise=False, **quiet
    )
    return metric(**given, softmax=False)


def gradient_times_input(model, inputs, targets, **_):
    x = torch.as_tensor(inputs).requires_grad_()
    explained = model(x).gather(1, torch.as_tensor(targets).reshape(-1, 1)).sum()
    (gradient,) = torch.autograd.grad(explained, x)
    return (gradient * x).detach().numpy()


def max_sensitivity(given, request):
    draws = iter(channels_first(load_file(request["draws"])["draws"]))

    def move(arr, **_):
        return arr + next(draws).ravel()

    metric = quantus.MaxSensitivity(
        nr_samples=request["samples"], perturb_func=move, abs=False, normalise=False, **quiet
    )
    return metric(**given, explain_func=gradient_times_input)


def parameter_randomization(given, request):
    net = given["model"]
    drawn = read_net(request["random"])
    for module, other in zip(net.modules(), drawn.modules()):
        if hasattr(module, "reset_parameters"):
            module.drawn = other.state_dict()
    # What Quantus calls to randomize a layer: it takes the weights that we drew.
    with mock.patch.multiple(nn.Conv2d, reset_parameters=take_drawn), mock.patch.multiple(
        nn.Linear, reset_parameters=take_drawn
    ):
        metric = quantus.MPRT(layer_order="top_down", abs=False, normalise=False, **quiet)
        states = metric(**given, explain_func=gradient_times_input)
    return list(states.values())


def take_drawn(module):
    module.load_state_dict(module.drawn)


measures = {
    "pixel-flipping": pixel_flipping,
    "max-sensitivity": max_sensitivity,
    "parameter-randomization": parameter_randomization,
}


def channels_first(x):
    return np.ascontiguousarray(x.permute(0, 3, 1, 2).numpy())


def read_net(path):
    with open(path + ".json") as file:
        nodes = json.load(file)
    return Net(nodes, load_file(path + ".safetensors")).eval()


def main():
    given = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            stored = load_file(request["input"])
            given = {
                "model": read_net(request["load"]),
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
