"""Runs pasted lines of PyTorch and prints, as JSON, what the optimizer trains with at every step.

The argument names a file: a list of {"lines", "steps"} and perhaps "losses", which are given to a
plateau scheduler, and "warmup", after which the other scheduler is not stepped and before which no
loss is given. Prints a list of [[lr of each group], momentum] for each.
"""

import json
import sys
import warnings

import torch

warnings.simplefilter("ignore")


def parameters():
    return [torch.nn.Parameter(torch.zeros(1))]


def momentum_of(group):
    return group["momentum"] if "momentum" in group else group["betas"][0]


def state(optimizer):
    groups = optimizer.param_groups
    return [[group["lr"] for group in groups], momentum_of(groups[0])]


def run(case):
    names = {"torch": torch, "params": parameters(), "params_1": parameters(),
             "params_2": parameters()}
    exec(case["lines"], names)
    optimizer, scheduler = names["optimizer"], names.get("scheduler")
    losses = case.get("losses")
    trace = []
    for step in range(case["steps"]):
        trace.append(state(optimizer))
        optimizer.step()
        if scheduler and step < case.get("warmup", case["steps"]):
            scheduler.step()
        if losses and step + 1 >= case.get("warmup", 0):
            names["plateau"].step(losses[step])
    return trace


with open(sys.argv[1]) as file:
    print(json.dumps([run(case) for case in json.load(file)]))
