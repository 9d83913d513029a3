"""Activation maximization with total variation in torch: one JSON request a line on stdin, one JSON answer a line on stdout.

  {"load": PATH}                                        reads PATH.json (nodes) and PATH.safetensors (weights)
  {"start": PATH, "target": C, "totalVariation": L,
   "learningRate": R, "steps": N}                       answers {"ms": …, "objective": …}
"""

import contextlib
import json
import os
import sys
import time

import torch
from graph_net import Net
from safetensors.torch import load_file

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))

ROUNDING = 1e-3


def total_variation(x):
    down = torch.nn.functional.pad(x[:, :, 1:] - x[:, :, :-1], (0, 0, 0, 1))
    right = torch.nn.functional.pad(x[:, :, :, 1:] - x[:, :, :, :-1], (0, 1))
    return (torch.sqrt(down**2 + right**2 + ROUNDING**2) - ROUNDING).sum()


def maximize(net, request):
    x = load_file(request["start"])["start"].permute(0, 3, 1, 2).contiguous().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=request["learningRate"], maximize=True)
    start = time.perf_counter()
    for _ in range(request["steps"]):
        optimizer.zero_grad()
        objective = net(x)[0, request["target"]] - request["totalVariation"] * total_variation(x)
        objective.backward()
        optimizer.step()
        with torch.no_grad():
            x.clamp_(-1, 1)
        last = objective.item()
    return {"ms": 1000 * (time.perf_counter() - start), "objective": last}


def main():
    net = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            with open(request["load"] + ".json") as file:
                net = Net(json.load(file), load_file(request["load"] + ".safetensors")).eval()
            for parameter in net.parameters():
                parameter.requires_grad_(False)
            print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
        else:
            print(json.dumps(maximize(net, request)), flush=True)


with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
    main()
