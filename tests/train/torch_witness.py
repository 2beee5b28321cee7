"""The witness for training steps: each of them again in PyTorch, in double precision.

usage: torch_witness.py DIR

DIR/task.json holds model, label smoothing, steps, the shapes of a batch and of its labels, the
segments of the flat parameter vector, those of the running statistics behind it, and one or more
optimizers with their settings; DIR/weights.f32 the weights before the first step and after each of
them; src.f32 and labels.i32 every batch. Every step starts from the weights that the
training had there, so that rounding errors do not grow from step to step; only the optimizers'
states are PyTorch's own. Writes DIR/losses.f64 (the loss before each step), DIR/errors.f64 (of each
optimizer, for each step, how far PyTorch's step is from the training's, relative to its length) and
DIR/statistics.f64 (for each step, how far the running statistics after it are from PyTorch's).
"""

import json
import sys

import numpy as np
import torch
from torch import nn


def convolution(channels_in, channels, kernel, stride):
    return [nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(channels)]


class Block(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.body = nn.Sequential(*convolution(channels_in, channels, 3, stride), nn.ReLU(),
                                  *convolution(channels, channels, 3, 1))
        self.around = nn.Sequential(*convolution(channels_in, channels, 1, stride)) \
            if stride > 1 else nn.Identity()

    def forward(self, src):
        return torch.relu(self.body(src) + self.around(src))


class Attention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, src):
        n, t, d = src.shape
        q, k, v = (part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(src).split(d, 2))
        later = torch.ones(t, t, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(2, 3) / (d / self.heads) ** 0.5).masked_fill(later, -torch.inf)
        return self.out((scores.softmax(3) @ v).transpose(1, 2).reshape(n, t, d))


class Gpt(nn.Module):
    def __init__(self, layers, features, heads, context):
        super().__init__()
        self.table = nn.Embedding(256, features)
        self.positions = nn.Parameter(torch.zeros(context, features))
        self.parts = nn.ModuleList()
        for _ in range(layers):
            self.parts.append(nn.Sequential(nn.LayerNorm(features), Attention(features, heads)))
            self.parts.append(nn.Sequential(
                nn.LayerNorm(features), nn.Linear(features, 4 * features),
                nn.GELU(approximate="tanh"), nn.Linear(4 * features, features)))
        self.norm = nn.LayerNorm(features)

    def parameters(self, recurse=True):
        """In the order of the layers: a module's own parameters would come before its parts."""
        yield self.table.weight
        yield self.positions
        yield from self.parts.parameters()
        yield from self.norm.parameters()

    def forward(self, tokens):
        values = self.table(tokens.long().flatten(1)) + self.positions
        for part in self.parts:
            values = values + part(values)
        return (self.norm(values) @ self.table.weight.T).transpose(1, 2)


def build(task):
    layers, name = [], task["model"]
    if name == "resnet8":
        return nn.Sequential(*convolution(1, 16, 3, 1), nn.ReLU(), Block(16, 16, 1),
                             Block(16, 32, 2), Block(32, 64, 2), nn.AdaptiveAvgPool2d(1),
                             nn.Flatten(), nn.Linear(64, 10))
    if name.startswith("gpt:"):
        return Gpt(*map(int, name.removeprefix("gpt:").split("x")), task["src_shape"][-1])
    if name == "lenet":
        layers += [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        widths = [400, 120, 84, 10]
    else:
        layers += [nn.Flatten()]
        widths = [784] + [int(w) for w in name.removeprefix("mlp:").split(",")] + [10]
    for i, (features, out) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(features, out))
        if i + 2 < len(widths):
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def segments(task, parameters):
    """Each tensor beside its place in the flat vector; dense weights are transposed there."""
    for segment, parameter in zip(task["segments"], parameters, strict=True):
        is_dense = segment["name"].startswith("dense") and parameter.dim() == 2
        view = parameter.t() if is_dense else parameter
        assert list(view.shape) == segment["shape"], segment["name"]
        yield slice(segment["offset"], segment["offset"] + view.numel()), view


def as_matrix(tensor):
    return tensor.reshape(len(tensor), -1)


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2."""

    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                c = group["beta1"] * m + (1 - group["beta1"]) * w.grad
                with torch.no_grad():
                    w -= group["lr"] * (c.sign() + group["weight_decay"] * w)
                m.mul_(group["beta2"]).add_((1 - group["beta2"]) * w.grad)


class Adafactor(torch.optim.Optimizer):
    """Shazeer & Stern 2018, algorithms 4 and 5, β2 and the constants of 6, with a step size of η."""

    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                state = self.state[w]
                state["t"] = state.get("t", 0) + 1
                beta = 1 - state["t"] ** -0.8
                square = w.grad**2 + 1e-30
                if w.dim() > 1:
                    estimate = self.factored(state, beta, as_matrix(square)).reshape(w.shape)
                else:
                    state["v"] = beta * state.get("v", 0) + (1 - beta) * square
                    estimate = state["v"]
                u = w.grad / estimate.sqrt()
                u /= max(1.0, (u**2).mean().sqrt().item())
                with torch.no_grad():
                    w -= group["lr"] * (u + group["weight_decay"] * w)

    @staticmethod
    def factored(state, beta, square):
        for name, axis in (("r", 1), ("c", 0)):
            state[name] = beta * state.get(name, 0) + (1 - beta) * square.sum(axis)
        return torch.outer(state["r"], state["c"]) / state["r"].sum()


class Muon(torch.optim.Optimizer):
    """Jordan et al. 2024 with the factor of Liu et al. 2025; AdamW is apart."""

    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                m = group["momentum"]
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                v.mul_(m).add_(w.grad)
                u = self.orthogonal(as_matrix(w.grad + m * v))
                factor = 0.2 * max(u.shape) ** 0.5
                with torch.no_grad():
                    w -= group["lr"] * (factor * u.reshape(w.shape) + group["weight_decay"] * w)

    @staticmethod
    def orthogonal(g):
        x = g.t() if g.shape[0] > g.shape[1] else g
        x = x / (x.norm() + 1e-7)
        for _ in range(5):
            a = x @ x.t()
            x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
        return x.t() if g.shape[0] > g.shape[1] else x


class Both:
    """One optimizer for the matrices between hidden layers, another for the rest."""

    def __init__(self, of_hidden, of_rest, parameters):
        parameters = list(parameters)
        hidden = [p for p in parameters if p.dim() > 1][1:-1]
        self.both = of_hidden(hidden), of_rest([p for p in parameters
                                                if not any(p is h for h in hidden)])

    def step(self):
        for each in self.both:
            each.step()


def optimizer(o, parameters):
    own = {"lion": Lion, "adafactor": Adafactor}
    if o["name"] in own:
        return own[o["name"]](parameters, o)
    if o["name"] == "muon":
        return Both(lambda hidden: Muon(hidden, o),
                    lambda rest: optimizer({**o, "name": "adamw"}, rest), parameters)
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


def buffers(model):
    return [b for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")]


def put_statistics(flat, task, model):
    for segment, buffer in zip(task["statistics"], buffers(model), strict=True):
        buffer.copy_(flat[segment["offset"]:][:buffer.numel()])


def statistics_error(flat, task, model):
    errors = [(flat[segment["offset"]:][:buffer.numel()] - buffer).abs().max() / buffer.abs().max()
              for segment, buffer in zip(task["statistics"], buffers(model), strict=True)]
    return max(errors, default=torch.zeros(())).item()


def main(directory):
    torch.set_num_threads(1)
    with open(f"{directory}/task.json", encoding="utf-8") as file:
        task = json.load(file)
    src = np.fromfile(f"{directory}/src.f32", np.float32)
    src = torch.from_numpy(src.reshape([task["steps"], *task["src_shape"]]))
    labels = np.fromfile(f"{directory}/labels.i32", np.int32).astype(np.int64)
    labels = torch.from_numpy(labels.reshape([task["steps"], *task["labels_shape"]]))
    whole = np.fromfile(f"{directory}/weights.f32", np.float32).astype(np.float64)
    whole = torch.from_numpy(whole.reshape(task["steps"] + 1, -1))
    weights = whole[:, :task["parameters"]]

    model = build(task).double()
    variants = [Variant(settings, model.parameters()) for settings in task["optimizers"]]
    losses, errors, statistics = [], [], []
    for step, (x, y) in enumerate(zip(src, labels)):
        put(weights[step], task, model.parameters())
        put_statistics(whole[step], task, model)
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x.double()), y,
                                           label_smoothing=task["label_smoothing"])
        losses.append(loss.item())
        statistics.append(statistics_error(whole[step + 1], task, model))
        loss.backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        ours = weights[step + 1] - weights[step]
        errors.append([distance(ours, v.step(task, weights[step], gradients)) for v in variants])

    np.array(errors, np.float64).T.tofile(f"{directory}/errors.f64")
    np.array(losses, np.float64).tofile(f"{directory}/losses.f64")
    np.array(statistics, np.float64).tofile(f"{directory}/statistics.f64")


if __name__ == "__main__":
    main(sys.argv[1])
