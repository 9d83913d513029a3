from torch import nn


class BasicBlock(nn.Module):
    pass


class Bottleneck(nn.Module):
    pass
