"""The witness for training steps: each of them again in PyTorch, in double precision.

usage: torch_witness.py DIR

DIR/task.json holds model, batch_size, steps, the segments of the flat parameter vector and one or
more optimizers with their settings; DIR/weights.f32 the weights before the first step and after
each of them; src.f32 and labels.i32 every batch. Every step starts from the weights that the
training had there, so that rounding errors do not grow from step to step; only the optimizers'
states are PyTorch's own. Writes DIR/losses.f64 (the loss before each step) and DIR/errors.f64 (of
each optimizer, for each step, how far PyTorch's step is from the training's, relative to its
length).
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


def optimizer(o, parameters):
    if o["name"] in ("adam", "adamw"):
        make = torch.optim.Adam if o["name"] == "adam" else torch.optim.AdamW
        return make(parameters, lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                    weight_decay=o["weight_decay"])
    if o["name"] == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=o["lr"], alpha=o["beta2"], eps=o["eps"],
                                   weight_decay=o["weight_decay"], momentum=o["momentum"])
    momentum = 0.0 if o["name"] == "sgd" else o["momentum"]
    return torch.optim.SGD(parameters, lr=o["lr"], momentum=momentum,
                           nesterov=o["name"] == "nesterov", weight_decay=o["weight_decay"])


def put(flat, task, parameters):
    with torch.no_grad():
        for place, view in segments(task, parameters):
            view.copy_(flat[place].reshape(view.shape))


def taken(task, parameters, size):
    flat = torch.empty(size, dtype=torch.float64)
    with torch.no_grad():
        for place, view in segments(task, parameters):
            flat[place] = view.reshape(-1)
    return flat


def distance(ours, theirs):
    """Of two steps, over all but one parameter in a thousand: a rounding error may send a gradient
    through the other side of a rectifier or turn a tiny one around, of few parameters at a time."""
    squares = torch.sort((ours - theirs) ** 2).values
    kept = squares[: len(squares) - len(squares) // 1000]
    return (kept.sum().sqrt() / theirs.norm()).item()


class Variant:
    """One optimizer with parameters and state of its own, whose weights are set before each step."""

    def __init__(self, settings, parameters):
        self.parameters = [p.detach().clone().requires_grad_() for p in parameters]
        self.descent = optimizer(settings, self.parameters)

    def step(self, task, weights, gradients):
        put(weights, task, self.parameters)
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
        self.descent.step()
        return taken(task, self.parameters, len(weights)) - weights


def main(directory):
    torch.set_num_threads(1)
    with open(f"{directory}/task.json", encoding="utf-8") as file:
        task = json.load(file)
    shape = (task["steps"], task["batch_size"], 1, 28, 28)
    src = torch.from_numpy(np.fromfile(f"{directory}/src.f32", np.float32).reshape(shape))
    labels = np.fromfile(f"{directory}/labels.i32", np.int32).reshape(shape[:2]).astype(np.int64)
    labels = torch.from_numpy(labels)
    weights = np.fromfile(f"{directory}/weights.f32", np.float32).astype(np.float64)
    weights = torch.from_numpy(weights.reshape(task["steps"] + 1, -1))

    model = build(task).double()
    variants = [Variant(settings, model.parameters()) for settings in task["optimizers"]]
    losses, errors = [], []
    for step, (x, y) in enumerate(zip(src, labels)):
        put(weights[step], task, model.parameters())
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x.double()), y)
        losses.append(loss.item())
        loss.backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        ours = weights[step + 1] - weights[step]
        errors.append([distance(ours, v.step(task, weights[step], gradients)) for v in variants])

    np.array(errors, np.float64).T.tofile(f"{directory}/errors.f64")
    np.array(losses, np.float64).tofile(f"{directory}/losses.f64")


if __name__ == "__main__":
    main(sys.argv[1])
