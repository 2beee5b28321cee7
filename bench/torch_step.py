"""One training step of PyTorch beside one of ours, interleaved in one run.

usage: torch_step.py ETALON [--rounds N] [--seconds S] [--openblas-core Haswell|SkylakeX|auto]

Both train mlp:128 on Fashion-MNIST's shapes with plain SGD in float32 on one thread: take a random
batch out of the set, forward, backward, update. PyTorch gets its images as floats already normalized,
which is less work than ours. Each round times each batch size with both, one after the other, so that
a machine whose speed drifts slows both; the ratio is the median over the rounds.

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

BATCH_SIZES = (8, 32, 128, 512, 2048)
EXAMPLES = 55_000


def ours(etalon, batch_size, seconds):
    output = subprocess.run(
        [etalon, "bench", "--models", "mlp:128", "--batch-sizes", str(batch_size),
         "--seconds", str(seconds), "--format", "json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output)["results"][0]


class Peer:
    def __init__(self):
        generator = torch.Generator().manual_seed(1)
        self.src = torch.randn(EXAMPLES, 784, generator=generator)
        self.labels = torch.randint(0, 10, (EXAMPLES,), generator=generator)
        self.model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
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
    print(f"PyTorch {torch.__version__}, one thread, OpenBLAS kernels {ARGUMENTS.openblas_core}; medians of {ARGUMENTS.rounds} rounds\n")
    print("batch size   ours (us)   PyTorch (us)   ratio (min .. max)         of the bound")
    for batch_size, row in rows.items():
        ratios = [theirs / mine for mine, theirs, _ in row]
        print(f"{batch_size:>10}   {statistics.median(r[0] for r in row):>9.1f}"
              f"   {statistics.median(r[1] for r in row):>12.1f}"
              f"   {statistics.median(ratios):>5.1f}x ({min(ratios):.1f} .. {max(ratios):.1f})"
              f"   {100 * statistics.median(r[2] for r in row):>16.0f}%")


if __name__ == "__main__":
    main()
