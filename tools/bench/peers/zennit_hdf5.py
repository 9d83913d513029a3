"""A loop of zennit over pictures into an HDF5 file: one JSON request a line on stdin, one JSON answer a line on stdout.

  {"load": PATH}                                  reads PATH.json (nodes) and PATH.safetensors (weights)
  {"composite": NAME, "reads": "idx" | "folder", "data": PATH, "out": PATH, "enough": COUNT, "batch": 8, "shape": …, "mean": …, "scale": …, "crop": …}
                                                  answers {"images": …, "rate": …, "peakMegabytes": …}
"""

import contextlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "stubs"))

import h5py  # noqa: E402
import numpy  # noqa: E402
import torch  # noqa: E402
from graph_net import Net  # noqa: E402
from memory import peak_megabytes, reset_peak  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from zennit.composites import EpsilonPlus  # noqa: E402
from zennit_lrp import Add  # noqa: E402

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))


def batches(request):
    """Pixels 0…255, [batch, height, width, channel], as many as there are."""
    size = request["batch"]
    if request["reads"] == "idx":
        with open(request["data"], "rb") as file:
            pixels = numpy.frombuffer(file.read()[16:], numpy.uint8).reshape(-1, *request["shape"])
        for start in range(0, min(len(pixels), request["enough"]), size):
            yield pixels[start : start + size]
        return
    names = sorted(os.listdir(request["data"]))[: request["enough"]]
    height, width, _ = request["shape"]
    for start in range(0, len(names), size):
        pictures = []
        for name in names[start : start + size]:
            with Image.open(os.path.join(request["data"], name)) as picture:
                side = request["crop"] * min(picture.size)
                left, top = ((length - side) / 2 for length in picture.size)
                part = picture.convert("RGB").crop((left, top, left + side, top + side))
                pictures.append(numpy.asarray(part.resize((width, height), Image.Resampling.BICUBIC)))
        yield numpy.stack(pictures)


def explain(net, request):
    mean = numpy.float32(request["mean"])
    scale = numpy.float32(request["scale"])
    composite = {"epsilon-plus": EpsilonPlus}[request["composite"]]()
    height, width, channels = request["shape"]
    images = 0
    first = None
    with h5py.File(request["out"], "w") as store, composite.context(net) as modified:
        # As ViRelAy's attribution databases: channels first, the prediction and the class beside.
        attribution = store.create_dataset(
            "attribution", (0, channels, height, width), maxshape=(None, channels, height, width), dtype="float32"
        )
        prediction = store.create_dataset("prediction", (0, 1), maxshape=(None, None), dtype="float32")
        for pixels in batches(request):
            x = torch.from_numpy((pixels.astype(numpy.float32) - mean) / scale).permute(0, 3, 1, 2).contiguous()
            x.requires_grad_()
            output = modified(x)
            with torch.no_grad():
                seed = torch.nn.functional.one_hot(output.argmax(1), output.shape[1]) * output
            (relevance,) = torch.autograd.grad(output, x, seed)
            start, images = images, images + len(pixels)
            attribution.resize(images, axis=0)
            attribution[start:] = relevance.numpy()
            prediction.resize((images, output.shape[1]))
            prediction[start:] = output.detach().numpy()
            # The first batch makes what all use.
            if first is None:
                first = (len(pixels), time.perf_counter())
        store.flush()
    return images, (images - first[0]) / (time.perf_counter() - first[1])


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
        reset_peak()
        images, rate = explain(net, request)
        print(json.dumps({"images": images, "rate": rate, "peakMegabytes": peak_megabytes()}), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
