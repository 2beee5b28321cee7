"""Runs the Python of docs/noise.md on a small network at fixed weights, and says the truth.

usage: noise_witness.py DOCUMENT DIRECTORY

Writes one log for each of the document's three functions into the directory, and prints |G|², tr Σ
and the noise scale of the same weights as JSON, from the gradient of every example by itself.
"""

import json
import os
import re
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing

POPULATION, ROWS, RANKS = 512, 150, 2
HEAD = "small_batch_size,small_norm_squared,big_batch_size,big_norm_squared"


def functions_of(document):
    names = {"torch": torch, "dist": dist}
    for block in re.findall(r"^```python\n(.*?)^```", document, re.M | re.S):
        exec(block, names)
    return names


def problem():
    """Two layers, with labels that the inputs say something of."""
    torch.manual_seed(7)
    model = torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    x = torch.randn(POPULATION, 12)
    y = (x[:, 0] > 0.0).long() + (x[:, 1] > 1.0).long()
    return model, torch.nn.CrossEntropyLoss(), x, y


def draw(x, y, size, generator):
    chosen = torch.randint(POPULATION, (size,), generator=generator)
    return x[chosen], y[chosen]


def truth():
    model, loss, x, y = problem()
    squares, mean = 0.0, 0.0
    for i in range(POPULATION):
        grads = torch.autograd.grad(loss(model(x[i : i + 1]), y[i : i + 1]), model.parameters())
        flat = torch.cat([g.flatten() for g in grads]).double()
        squares += flat.pow(2).sum().item() / POPULATION
        mean = mean + flat / POPULATION
    gradient = mean.pow(2).sum().item()
    return {
        "squared_gradient": gradient,
        "covariance_trace": squares - gradient,
        "noise_scale": (squares - gradient) / gradient,
    }


def log_of_one_device(functions, log):
    model, loss, x, y = problem()
    generator = torch.Generator().manual_seed(1)
    for _ in range(ROWS):
        functions["log_norms"](log, model, loss, *draw(x, y, 64, generator), 8)


def log_of_accumulation(functions, log):
    model, loss, x, y = problem()
    generator = torch.Generator().manual_seed(2)
    for _ in range(ROWS):
        functions["accumulate_and_log"](
            log, model, loss, [draw(x, y, 8, generator) for _ in range(8)]
        )


def rank_of_ddp(rank, document, directory):
    functions = functions_of(document)
    dist.init_process_group(
        "gloo", init_method=f"file://{directory}/meeting", rank=rank, world_size=RANKS
    )
    model, loss, x, y = problem()
    model = torch.nn.parallel.DistributedDataParallel(model)
    generator = torch.Generator().manual_seed(10 + rank)
    log = open(os.path.join(directory, "ddp.csv"), "a") if rank == 0 else None
    for _ in range(ROWS):
        model.zero_grad()
        functions["backward_and_log"](log, model, loss, *draw(x, y, 32, generator))
    if log:
        log.close()
    leave_together(rank, directory)


def leave_together(rank, directory):
    """Without taking the group down, in which torch 1.13 may wait for ever."""
    done = [os.path.join(directory, f"done.{each}") for each in range(RANKS)]
    open(done[rank], "w").close()
    while not all(map(os.path.exists, done)):
        time.sleep(0.01)
    os._exit(0)


def main():
    document, directory = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]
    torch.set_num_threads(1)
    functions = functions_of(document)
    for name, write in (("plain", log_of_one_device), ("accumulation", log_of_accumulation)):
        with open(os.path.join(directory, name + ".csv"), "w") as log:
            print(HEAD, file=log)
            write(functions, log)
    with open(os.path.join(directory, "ddp.csv"), "w") as log:
        print(HEAD, file=log)
    torch.multiprocessing.spawn(rank_of_ddp, (document, directory), nprocs=RANKS)
    print(json.dumps(truth()))


if __name__ == "__main__":
    main()
