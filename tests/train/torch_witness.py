"""The witness for whole trajectories: the same training in PyTorch.

usage: torch_witness.py DIR

DIR/task.json holds model, optimizer, lr, batch_size, steps and the segments of the flat parameter
vector; DIR/weights.f32, src.f32 and labels.i32 the initial weights and every batch. Writes
DIR/final.f32 (the flat vector after the last step) and DIR/losses.f64 (the loss before each step).
"""

import json
import sys

import numpy as np
import torch
from torch import nn


def build(task):
    layers = []
    if task["model"] == "lenet":
        layers += [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        widths = [400, 120, 84, 10]
    else:
        layers += [nn.Flatten()]
        widths = [784] + [int(w) for w in task["model"].removeprefix("mlp:").split(",")] + [10]
    for i, (features, out) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(features, out))
        if i + 2 < len(widths):
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def segments(task, parameters):
    """Each tensor beside its place in the flat vector; dense weights are transposed there."""
    for segment, parameter in zip(task["segments"], parameters, strict=True):
        view = parameter.t() if parameter.dim() == 2 else parameter
        assert list(view.shape) == segment["shape"], segment["name"]
        yield slice(segment["offset"], segment["offset"] + view.numel()), view


def optimizer(task, parameters):
    o = task["optimizer"]
    if o["name"] in ("adam", "adamw"):
        make = torch.optim.Adam if o["name"] == "adam" else torch.optim.AdamW
        return make(parameters, lr=task["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                    weight_decay=o["weight_decay"])
    if o["name"] == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=task["lr"], alpha=o["beta2"], eps=o["eps"],
                                   weight_decay=o["weight_decay"], momentum=o["momentum"])
    momentum = 0.0 if o["name"] == "sgd" else o["momentum"]
    return torch.optim.SGD(parameters, lr=task["lr"], momentum=momentum,
                           nesterov=o["name"] == "nesterov", weight_decay=o["weight_decay"])


def main(directory):
    torch.set_num_threads(1)
    with open(f"{directory}/task.json", encoding="utf-8") as file:
        task = json.load(file)
    flat = torch.from_numpy(np.fromfile(f"{directory}/weights.f32", np.float32))
    shape = (task["steps"], task["batch_size"], 1, 28, 28)
    src = torch.from_numpy(np.fromfile(f"{directory}/src.f32", np.float32).reshape(shape))
    labels = np.fromfile(f"{directory}/labels.i32", np.int32).reshape(shape[:2]).astype(np.int64)
    labels = torch.from_numpy(labels)

    model = build(task)
    with torch.no_grad():
        for place, view in segments(task, model.parameters()):
            view.copy_(flat[place].reshape(view.shape))
    descent = optimizer(task, model.parameters())
    losses = []
    for x, y in zip(src, labels):
        descent.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        losses.append(loss.item())
        loss.backward()
        descent.step()

    with torch.no_grad():
        for place, view in segments(task, model.parameters()):
            flat[place] = view.reshape(-1)
    flat.numpy().tofile(f"{directory}/final.f32")
    np.array(losses, np.float64).tofile(f"{directory}/losses.f64")


if __name__ == "__main__":
    main(sys.argv[1])
