"""The witness for curvature: Hessian-vector products and eigenvalues in PyTorch, in double.

usage: curvature_witness.py DIR

DIR/task.json holds model, batch_size and the segments of the flat parameter vector; weights.f32 and
direction.f32 one flat vector each; src.f32 and labels.i32 one batch. Writes DIR/product.f64, the
Hessian of the mean loss times the direction, and DIR/largest.f64, its largest eigenvalue by power
iteration, with the residual of its vector.
"""

import json
import sys

import numpy as np
import torch
from torch import nn
from torch_witness import build, put, segments


def read(directory, name, kind, shape=(-1,)):
    return torch.from_numpy(np.fromfile(f"{directory}/{name}", kind).reshape(shape))


class Hessian:
    def __init__(self, directory):
        with open(f"{directory}/task.json", encoding="utf-8") as file:
            self.task = json.load(file)
        x = read(directory, "src.f32", np.float32, (-1, 1, 28, 28)).double()
        y = read(directory, "labels.i32", np.int32).long()
        weights = read(directory, "weights.f32", np.float32).double()
        model = build(self.task).double()
        put(weights, self.task, model.parameters())
        self.parameters = list(model.parameters())
        self.size = len(weights)
        loss = nn.functional.cross_entropy(model(x), y)
        self.gradients = torch.autograd.grad(loss, self.parameters, create_graph=True)

    def flat(self, tensors):
        out = torch.empty(self.size, dtype=torch.float64)
        for place, view in segments(self.task, tensors):
            out[place] = view.reshape(-1)
        return out

    def times(self, direction):
        along = [torch.empty_like(p) for p in self.parameters]
        for place, view in segments(self.task, along):
            view.copy_(direction[place].reshape(view.shape))
        dot = sum((g * v).sum() for g, v in zip(self.gradients, along))
        return self.flat(torch.autograd.grad(dot, self.parameters, retain_graph=True))


def largest(hessian):
    """Power iteration, until the vector's residual is below 0.5% of its value."""
    torch.manual_seed(1)
    v = torch.randn(hessian.size, dtype=torch.float64)
    for _ in range(500):
        v = v / v.norm()
        product = hessian.times(v)
        value = (v @ product).item()
        residual = (product - value * v).norm().item()
        if residual < 0.005 * abs(value):
            break
        v = product
    return value, residual


def main(directory):
    torch.set_num_threads(1)
    hessian = Hessian(directory)
    direction = read(directory, "direction.f32", np.float32).double()
    hessian.times(direction).numpy().tofile(f"{directory}/product.f64")
    np.array(largest(hessian)).tofile(f"{directory}/largest.f64")


if __name__ == "__main__":
    main(sys.argv[1])
