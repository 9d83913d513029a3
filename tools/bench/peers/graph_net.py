"""A canonical graph that a benchmark wrote (PATH.json, PATH.safetensors) as a torch module."""

from torch import nn


class Add(nn.Module):
    def forward(self, *xs):
        return sum(xs[1:], start=xs[0])


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
    def __init__(self, nodes, tensors, add=Add):
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
                    "sum": add,
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
