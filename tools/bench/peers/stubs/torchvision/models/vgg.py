from torch import nn


class VGG(nn.Module):
    pass
