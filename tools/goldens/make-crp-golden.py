"""Adds cases of concept-conditional relevance by zennit-crp to a folder of goldens, on a small random net.

    pip install zennit-crp torchvision safetensors
    python tools/goldens/make-crp-golden.py test/goldens [seed]

torch counts channels before rows; what is written has channels last, as TensorFlow.js has it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from crp.attribution import CondAttribution
from safetensors.numpy import save_file
from torch import nn
from zennit.composites import EpsilonPlus

folder = Path(sys.argv[1])
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 11
NAME = "zennit-crp/cnn"
FILE = "zennit_crp_cnn.safetensors"
SIZE, CHANNELS, FIRST, SECOND, HIDDEN, CLASSES = 10, 3, 5, 6, 7, 4
CONDITIONS = [{}, {"conv2": [1]}, {"conv2": [0, 4]}, {"conv1": [2]}, {"conv2": [3], "conv1": [0, 1]}]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, FIRST, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(FIRST, SECOND, 3, padding=1)
        self.relu2 = nn.ReLU()
        self.fc1 = nn.Linear(SECOND * (SIZE // 2) ** 2, HIDDEN)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.relu2(self.conv2(x)).permute(0, 2, 3, 1).flatten(1)
        return self.fc2(self.relu3(self.fc1(x)))


torch.manual_seed(seed)
net = Net().double().eval()
x = torch.randn(2, CHANNELS, SIZE, SIZE, dtype=torch.float64)
target = [1, 3]
attribution = CondAttribution(net)


def explain(condition):
    maps, sums = [], {"conv1": [], "conv2": []}
    for sample, wanted in enumerate(target):
        data = x[sample : sample + 1].clone().requires_grad_(True)
        found = attribution(data, [{"y": [wanted], **condition}], EpsilonPlus(), record_layer=["conv1", "conv2"])
        maps.append(data.grad.detach().numpy().transpose(0, 2, 3, 1))
        for layer, all_ in sums.items():
            all_.append(found.relevances[layer].detach().numpy().sum((2, 3)))
    return np.concatenate(maps), {layer: np.concatenate(all_) for layer, all_ in sums.items()}


tensors = {"input": x.numpy().transpose(0, 2, 3, 1), "output": net(x).detach().numpy()}
for layer in ("conv1", "conv2"):
    module = getattr(net, layer)
    tensors[f"w/{layer}/kernel"] = module.weight.detach().numpy().transpose(2, 3, 1, 0)
    tensors[f"w/{layer}/bias"] = module.bias.detach().numpy()
for layer in ("fc1", "fc2"):
    module = getattr(net, layer)
    tensors[f"w/{layer}/kernel"] = module.weight.detach().numpy().T
    tensors[f"w/{layer}/bias"] = module.bias.detach().numpy()

conv = lambda name, source, shape: {
    "name": name, "op": "conv2d", "inputs": [source], "kernelSize": [3, 3], "strides": [1, 1], "padding": [[1, 1], [1, 1]],
    "dilations": [1, 1], "kernel": f"w/{name}/kernel", "bias": f"w/{name}/bias", "outputShape": shape,
}  # fmt: skip
half = SIZE // 2
model = {
    "file": FILE,
    "inputShape": [SIZE, SIZE, CHANNELS],
    "layers": [
        conv("conv1", "input", [SIZE, SIZE, FIRST]),
        {"name": "relu1", "op": "relu", "inputs": ["conv1"], "outputShape": [SIZE, SIZE, FIRST]},
        {"name": "pool1", "op": "maxPool2d", "inputs": ["relu1"], "poolSize": [2, 2], "strides": [2, 2], "padding": [[0, 0], [0, 0]], "outputShape": [half, half, FIRST]},
        conv("conv2", "pool1", [half, half, SECOND]),
        {"name": "relu2", "op": "relu", "inputs": ["conv2"], "outputShape": [half, half, SECOND]},
        {"name": "flat", "op": "flatten", "inputs": ["relu2"], "outputShape": [half * half * SECOND]},
        {"name": "fc1", "op": "dense", "inputs": ["flat"], "kernel": "w/fc1/kernel", "units": HIDDEN, "bias": "w/fc1/bias", "outputShape": [HIDDEN]},
        {"name": "relu3", "op": "relu", "inputs": ["fc1"], "outputShape": [HIDDEN]},
        {"name": "fc2", "op": "dense", "inputs": ["relu3"], "kernel": "w/fc2/kernel", "units": CLASSES, "bias": "w/fc2/bias", "outputShape": [CLASSES]},
    ],
    "input": "input",
    "output": "output",
}
cases = []
for condition in CONDITIONS:
    words = "_".join(f"{layer}_{'_'.join(map(str, channels))}" for layer, channels in condition.items()) or "all"
    relevance, sums = explain(condition)
    tensors[f"{words}/relevance"] = relevance
    case = {
        "name": f"{NAME}/{words}", "model": NAME, "peer": "zennit-crp", "version": "0.6.0", "method": "CondAttribution",
        "params": {"composite": "EpsilonPlus", "conditions": condition, "note": "concepts = relevance of each channel of the layer, before its own condition masks it"},
        "tensors": {"relevance": f"{words}/relevance"}, "tolerance": {"rel_to_max": 1e-5}, "target": target,
    }  # fmt: skip
    # What zennit-crp records of a layer is masked already, so channels are compared where no condition masks them.
    for layer, values in sums.items():
        if layer not in condition:
            tensors[f"{words}/{layer}"] = values
            case["tensors"][f"concepts {layer}"] = f"{words}/{layer}"
    cases.append(case)

save_file({key: np.ascontiguousarray(value, dtype=np.float32) for key, value in tensors.items()}, folder / FILE)
path = folder / "index.json"
index = json.loads(path.read_text())
index["models"][NAME] = model
index["cases"] = [case for case in index["cases"] if case["model"] != NAME] + cases
index["peers"]["zennit-crp"] = {"peer": "zennit-crp 0.6.0", "computed_in": "float64, stored float32"}
path.write_text(json.dumps(index, ensure_ascii=False) + "\n")
print(f"{len(cases)} cases of {NAME}")
