"""captum's and lime's perturbation methods on a torch model that takes [1, channel, height, width]."""

import numpy as np
import torch


def occlusion(net, x, target, request):
    from captum.attr import Occlusion

    window = (x.shape[1], request["window"], request["window"])
    strides = (x.shape[1], request["strides"], request["strides"])
    with torch.no_grad():
        return Occlusion(net).attribute(x, window, strides=strides, baselines=0, target=target)


def lime(net, x, target, request):
    from lime.lime_image import LimeImageExplainer

    tile = request["tile"]
    rows, columns = np.indices(x.shape[2:]) // tile
    segments = rows * (-(-x.shape[3] // tile)) + columns

    def classify(images):
        with torch.no_grad():
            batch = torch.as_tensor(np.stack(images), dtype=torch.float32).permute(0, 3, 1, 2).contiguous()
            return net(batch).numpy()

    image = x[0].detach().permute(1, 2, 0).numpy().astype(float)
    explanation = LimeImageExplainer(random_state=0).explain_instance(
        image,
        classify,
        labels=(target,),
        top_labels=None,
        num_samples=request["samples"],
        segmentation_fn=lambda _: segments,
    )
    return explanation.local_exp[target]


methods = {"occlusion": occlusion, "lime": lime}
