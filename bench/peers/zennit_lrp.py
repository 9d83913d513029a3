"""zennit's LRP on a graph that the benchmark wrote: one JSON request a line on stdin, one JSON answer a line on stdout.

  {"load": PATH}                          reads PATH.json (nodes) and PATH.safetensors (weights)
  {"method": NAME, "batch": N, "seed": S} one explanation; answers {"ms": …, "sum": …}
  {"forward": true, "batch": N}           one plain forward pass
"""

import contextlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "stubs"))

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from torch import nn  # noqa: E402
from zennit.composites import EpsilonAlpha2Beta1, EpsilonGammaBox, EpsilonPlus  # noqa: E402
from zennit.layer import Sum  # noqa: E402

threads = int(os.environ.get("BENCH_THREADS", "2"))
torch.set_num_threads(threads)

composites = {
    "epsilon-plus": lambda: EpsilonPlus(),
    "epsilon-gamma-box": lambda: EpsilonGammaBox(low=-1.0, high=1.0),
    "epsilon-alpha2-beta1": lambda: EpsilonAlpha2Beta1(),
}


class Add(nn.Module):
    """zennit's Sum takes the summands on the last axis."""

    def __init__(self):
        super().__init__()
        self.sum = Sum()

    def forward(self, *xs):
        return self.sum(torch.stack(xs, dim=-1))


class ChannelsLastFlatten(nn.Module):
    """Rows run over channels last, as the weights of the following dense layer expect."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def convolution(node, weights, bias, depthwise):
    kernel = weights.permute(2, 3, 0, 1) if depthwise else weights.permute(3, 2, 0, 1)
    (top, bottom), (left, right) = node["padding"]
    symmetric = top == bottom and left == right
    groups = kernel.shape[0] if depthwise else 1
    if depthwise:
        kernel = kernel.reshape(-1, 1, *kernel.shape[2:])
        groups = weights.shape[2]
    module = nn.Conv2d(
        kernel.shape[1] * groups,
        kernel.shape[0],
        tuple(kernel.shape[2:]),
        stride=tuple(node["strides"]),
        padding=(top, left) if symmetric else 0,
        groups=groups,
        bias=bias is not None,
    )
    module.weight.data = kernel.contiguous()
    if bias is not None:
        module.bias.data = bias
    return module if symmetric else nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), module)


def dense(weights, bias):
    module = nn.Linear(weights.shape[0], weights.shape[1], bias=bias is not None)
    module.weight.data = weights.t().contiguous()
    if bias is not None:
        module.bias.data = bias
    return module


class GlobalAverage(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        return self.pool(x).flatten(1)


class Net(nn.Module):
    def __init__(self, nodes, tensors):
        super().__init__()
        self.inputs = [node["inputs"] for node in nodes]
        last = {i: index for index, node in enumerate(nodes) for i in node["inputs"]}
        self.last = last
        self.steps = nn.ModuleList()
        for index, node in enumerate(nodes):
            weights, bias = tensors.get(f"{index}/weights"), tensors.get(f"{index}/bias")
            self.steps.append(
                {
                    "input": nn.Identity,
                    "conv2d": lambda: convolution(node, weights, bias, False),
                    "depthwise": lambda: convolution(node, weights, bias, True),
                    "dense": lambda: dense(weights, bias),
                    "relu": nn.ReLU,
                    "relu6": nn.ReLU6,
                    "max": lambda: nn.MaxPool2d(tuple(node["size"]), tuple(node["strides"])),
                    "global": GlobalAverage,
                    "flatten": ChannelsLastFlatten,
                    "sum": Add,
                }[node["kind"]]()
            )

    def forward(self, x):
        values = {}
        for index, step in enumerate(self.steps):
            given = [values[i] for i in self.inputs[index]] or [x]
            values[index] = step(*given)
            for i in self.inputs[index]:
                if self.last[i] == index:
                    del values[i]
        return values[len(self.steps) - 1]


def main():
    net = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            with open(request["load"] + ".json") as file:
                nodes = json.load(file)
            net = Net(nodes, load_file(request["load"] + ".safetensors")).eval()
            for parameter in net.parameters():
                parameter.requires_grad_(False)
            print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
            continue
        pixels = load_file(request["input"])["input"]
        x = pixels.permute(0, 3, 1, 2).contiguous()
        if "forward" in request:
            with torch.no_grad():
                start = time.perf_counter()
                output = net(x)
            ms = 1000 * (time.perf_counter() - start)
            print(json.dumps({"ms": ms, "logit": float(output[0].max())}), flush=True)
            continue
        x.requires_grad_()
        start = time.perf_counter()
        with composites[request["method"]]().context(net) as modified:
            output = modified(x)
            with torch.no_grad():
                seed = nn.functional.one_hot(output.argmax(1), output.shape[1]) * output
            (relevance,) = torch.autograd.grad(output, x, seed)
        ms = 1000 * (time.perf_counter() - start)
        print(json.dumps({"ms": ms, "sum": float(relevance.sum()), "largest": float(relevance.abs().max())}), flush=True)


with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
    main()
