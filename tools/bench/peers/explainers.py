"""captum's and lime's explainers on a graph that the benchmark wrote: one JSON request a line on stdin, one answer on stdout.

  {"load": PATH}                                         reads PATH.json (nodes) and PATH.safetensors (weights)
  {"method": NAME, "input": PATH, "target": CLASS, …}    one explanation; answers {"ms": …, "peakMegabytes": …}
"""

import contextlib
import json
import os
import sys
import time

import perturbation
import torch
from graph_net import Net
from memory import peak_megabytes, reset_peak
from safetensors.torch import load_file
from torch import nn

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))


def integrated_gradients(net, x, target, request):
    from captum.attr import IntegratedGradients

    return IntegratedGradients(net).attribute(x, baselines=0, target=target, n_steps=request["steps"])


def smoothgrad(net, x, target, request):
    from captum.attr import NoiseTunnel, Saliency

    deviation = request["noise"] * float(x.max() - x.min())
    return NoiseTunnel(Saliency(net)).attribute(
        x, nt_type="smoothgrad", nt_samples=request["samples"], stdevs=deviation, target=target, abs=False
    )


def grad_cam(net, x, target, request):
    from captum.attr import LayerAttribution, LayerGradCam

    small = LayerGradCam(net, net.steps[request["node"]]).attribute(x, target=target, relu_attributions=True)
    return LayerAttribution.interpolate(small, tuple(x.shape[2:]), "bilinear")


def deeplift(net, x, target, request):
    from captum.attr import DeepLift
    from captum.attr._core import deep_lift

    # captum knows ReLU, but not ReLU6, which has the same rule.
    deep_lift.SUPPORTED_NON_LINEAR[nn.ReLU6] = deep_lift.nonlinear
    return DeepLift(net).attribute(x, baselines=0, target=target)


methods = {
    "integrated-gradients": integrated_gradients,
    "smoothgrad": smoothgrad,
    "grad-cam": grad_cam,
    "deeplift": deeplift,
    **perturbation.methods,
}


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
        x = load_file(request["input"])["input"].permute(0, 3, 1, 2).contiguous()
        reset_peak()
        start = time.perf_counter()
        relevance = methods[request["method"]](net, x, request["target"], request)
        ms = 1000 * (time.perf_counter() - start)
        total = float(relevance.sum()) if isinstance(relevance, torch.Tensor) else None
        print(json.dumps({"ms": ms, "sum": total, "peakMegabytes": peak_megabytes()}), flush=True)


with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
    main()
