"""One training step of PyTorch beside one of ours, interleaved in one run.

usage: torch_step.py ETALON [--model mlp:128|lenet|resnet8|gpt:2x128x4] [--data SOURCE]
                     [--batch-sizes 8,32,...] [--rounds N] [--seconds S]
                     [--openblas-core Haswell|SkylakeX|Zen|auto]

Both train the same network with plain SGD in float32 on one thread: take a random batch out of the
set, forward, backward, update. PyTorch gets its examples as floats already normalized, which is less
work than ours. Each round times each batch size with both, one after the other, so that a machine whose
speed drifts slows both; the ratio is the median over the rounds.

Needs Debian's python3-torch and libopenblas0-pthread; without the latter PyTorch uses the reference
BLAS, ten times slower and no fair peer. OpenBLAS 0.3.21 does not know processors younger than itself
and falls back to the SSE kernels of 2004 on them, which is no fair peer either, so its kernels are
named here: AVX2 ones (Haswell, what it picks on most machines) unless told otherwise.
"""

import argparse
import json
import os
import statistics
import subprocess
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("etalon")
    parser.add_argument("--model", default="mlp:128")
    parser.add_argument("--data", default="fashion-mnist")
    parser.add_argument("--batch-sizes", default="8,32,128,512,2048")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--openblas-core", default="Haswell")
    return parser.parse_args()


# OpenBLAS reads these when torch is imported.
ARGUMENTS = parse_arguments()
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if ARGUMENTS.openblas_core != "auto":
    os.environ["OPENBLAS_CORETYPE"] = ARGUMENTS.openblas_core

import torch
from torch import nn

BATCH_SIZES = [int(size) for size in ARGUMENTS.batch_sizes.split(",")]
MODEL = ARGUMENTS.model
CONTEXT, VOCABULARY = 64, 256
IS_TEXT = MODEL.startswith("gpt:")
EXAMPLES = 5_000 if MODEL == "resnet8" else 55_000


def ours(etalon, batch_size, seconds):
    output = subprocess.run(
        [etalon, "bench", "--models", MODEL, "--dataset", ARGUMENTS.data, "--batch-sizes", str(batch_size),
         "--seconds", str(seconds), "--format", "json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output)["results"][0]


class Block(nn.Module):
    """A block of resnet8: two convolutions and what goes around them."""

    def __init__(self, channels_in, channels, stride):
        super().__init__()
        convolution = lambda a, b, k, s: nn.Conv2d(a, b, k, stride=s, padding=k // 2, bias=False)
        self.body = nn.Sequential(
            convolution(channels_in, channels, 3, stride), nn.BatchNorm2d(channels), nn.ReLU(),
            convolution(channels, channels, 3, 1), nn.BatchNorm2d(channels))
        self.around = nn.Identity() if stride == 1 else nn.Sequential(
            convolution(channels_in, channels, 1, stride), nn.BatchNorm2d(channels))

    def forward(self, src):
        return torch.relu(self.body(src) + self.around(src))


class Attention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(features, 3 * features), nn.Linear(features, features)
        self.register_buffer("later", torch.ones(CONTEXT, CONTEXT).triu(1).bool())

    def forward(self, src):
        n, t, d = src.shape
        q, k, v = (part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(src).split(d, 2))
        scores = (q @ k.transpose(2, 3)) / (d // self.heads) ** 0.5
        weights = scores.masked_fill(self.later, float("-inf")).softmax(3)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, d))


class Gpt(nn.Module):
    def __init__(self, layers, features, heads):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, features)
        self.positions = nn.Parameter(torch.randn(CONTEXT, features) * 0.02)
        self.parts = nn.ModuleList()
        for _ in range(layers):
            self.parts.append(nn.Sequential(nn.LayerNorm(features), Attention(features, heads)))
            self.parts.append(nn.Sequential(
                nn.LayerNorm(features), nn.Linear(features, 4 * features), nn.GELU(approximate="tanh"),
                nn.Linear(4 * features, features)))
        self.norm = nn.LayerNorm(features)

    def forward(self, tokens):
        values = self.table(tokens) + self.positions
        for part in self.parts:
            values = values + part(values)
        return (self.norm(values) @ self.table.weight.T).transpose(1, 2)


def network(channels, side):
    if MODEL == "mlp:128":
        return nn.Sequential(nn.Flatten(), nn.Linear(channels * side * side, 128), nn.ReLU(),
                             nn.Linear(128, 10))
    if MODEL == "lenet":
        rows = 16 * ((side // 2 - 4) // 2) ** 2
        return nn.Sequential(
            nn.Conv2d(channels, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(rows, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    if MODEL == "resnet8":
        return nn.Sequential(
            nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return Gpt(*map(int, MODEL[4:].split("x")))


class Peer:
    def __init__(self):
        generator = torch.Generator().manual_seed(1)
        channels, side = (3, 32) if ARGUMENTS.data.startswith("cifar10") else (1, 28)
        if IS_TEXT:
            self.src = torch.randint(0, VOCABULARY, (EXAMPLES, CONTEXT), generator=generator)
            self.labels = torch.randint(0, VOCABULARY, (EXAMPLES, CONTEXT), generator=generator)
        else:
            self.src = torch.randn(EXAMPLES, channels, side, side, generator=generator)
            self.labels = torch.randint(0, 10, (EXAMPLES,), generator=generator)
        self.model = network(channels, side)
        self.descent = torch.optim.SGD(self.model.parameters(), lr=1e-3)

    def step_microseconds(self, batch_size, seconds):
        order = torch.randperm(EXAMPLES)
        place, steps, start = 0, 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            if place + batch_size > EXAMPLES:
                order, place = torch.randperm(EXAMPLES), 0
            batch = order[place:place + batch_size]
            place += batch_size
            self.descent.zero_grad()
            loss = nn.functional.cross_entropy(self.model(self.src[batch]), self.labels[batch])
            loss.backward()
            self.descent.step()
            steps += 1
        return (time.perf_counter() - start) / steps * 1e6


def main():
    torch.set_num_threads(1)
    peer = Peer()
    rows = {batch_size: [] for batch_size in BATCH_SIZES}
    for _ in range(ARGUMENTS.rounds):
        for batch_size in BATCH_SIZES:
            mine = ours(ARGUMENTS.etalon, batch_size, ARGUMENTS.seconds)
            theirs = peer.step_microseconds(batch_size, ARGUMENTS.seconds)
            rows[batch_size].append((mine["step_microseconds"], theirs, mine["fraction_of_bound"]))
    print(f"{MODEL}; PyTorch {torch.__version__}, one thread, OpenBLAS kernels {ARGUMENTS.openblas_core}; medians of {ARGUMENTS.rounds} rounds\n")
    print("batch size   ours (us)   PyTorch (us)   ratio (min .. max)         of the bound")
    for batch_size, row in rows.items():
        ratios = [theirs / mine for mine, theirs, _ in row]
        print(f"{batch_size:>10}   {statistics.median(r[0] for r in row):>9.1f}"
              f"   {statistics.median(r[1] for r in row):>12.1f}"
              f"   {statistics.median(ratios):>5.1f}x ({min(ratios):.1f} .. {max(ratios):.1f})"
              f"   {100 * statistics.median(r[2] for r in row):>16.0f}%")


if __name__ == "__main__":
    main()
