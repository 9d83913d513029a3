from . import resnet, vgg
