"""Just what zennit imports from torchvision, so that benchmarks need no torchvision."""

from . import models, ops
