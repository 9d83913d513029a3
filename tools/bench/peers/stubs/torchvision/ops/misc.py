from . import FrozenBatchNorm2d
