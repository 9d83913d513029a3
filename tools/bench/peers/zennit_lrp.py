"""zennit's LRP on a graph that the benchmark wrote: one JSON request a line on stdin, one JSON answer a line on stdout.

  {"load": PATH}                          reads PATH.json (nodes) and PATH.safetensors (weights)
  {"method": NAME, "input": PATH}         one explanation; answers {"ms": …, "sum": …, "peakMegabytes": …}
"""

import contextlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "stubs"))

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from graph_net import Net  # noqa: E402
from memory import peak_megabytes, reset_peak  # noqa: E402
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


def main():
    net = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            with open(request["load"] + ".json") as file:
                nodes = json.load(file)
            net = Net(nodes, load_file(request["load"] + ".safetensors"), add=Add).eval()
            for parameter in net.parameters():
                parameter.requires_grad_(False)
            print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
            continue
        pixels = load_file(request["input"])["input"]
        x = pixels.permute(0, 3, 1, 2).contiguous()
        x.requires_grad_()
        reset_peak()
        start = time.perf_counter()
        with composites[request["method"]]().context(net) as modified:
            output = modified(x)
            with torch.no_grad():
                seed = nn.functional.one_hot(output.argmax(1), output.shape[1]) * output
            (relevance,) = torch.autograd.grad(output, x, seed)
        ms = 1000 * (time.perf_counter() - start)
        answer = {"ms": ms, "sum": float(relevance.sum()), "peakMegabytes": peak_megabytes()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
