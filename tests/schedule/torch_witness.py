"""Prints, as JSON, what PyTorch's schedulers give for the schedules written beside them.

Each case holds the schedule in etalon's JSON form and PyTorch's learning rates (and momenta) at
steps 0, 1, 2, ...; exits with 77 where PyTorch is not installed.
"""

import json
import math
import sys
import warnings

try:
    import torch
    from torch.optim import lr_scheduler
except ImportError:
    sys.exit(77)

warnings.simplefilter("ignore")
STEPS = 100


def trace(make, lr=0.4):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.9)
    scheduler = make(optimizer)
    lrs, momenta = [], []
    for step in range(STEPS):
        lrs.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step + 1 < STEPS:
            scheduler.step()
    return lrs, momenta


def case(name, shape, make, warmup=None, momentum=False):
    schedule = {"peak_lr": 0.4, "unit": "steps", "shape": shape}
    if warmup:
        schedule["warmup"] = warmup
    lrs, momenta = trace(make)
    return {"name": name, "schedule": schedule, "lr": lrs, "momentum": momenta if momentum else []}


def after_warmup(warmup, make):
    return lambda o: lr_scheduler.SequentialLR(o, [warmup(o), make(o)], milestones=[20])


def beneath_warmup(warmup, make):
    return lambda o: lr_scheduler.ChainedScheduler([warmup(o), make(o)])


def linear(o):
    return lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=20)


def constant(o):
    return lr_scheduler.ConstantLR(o, factor=0.1, total_iters=20)


def vaswani(o):
    """Equation 3 of the paper, over the rate at its peak; step 0 has none."""
    def rate(step):
        return min((step or math.inf) ** -0.5, step * 20 ** -1.5)

    return lr_scheduler.LambdaLR(o, lambda step: rate(step) / rate(20))


def schedulers():
    cyclic = {"kind": "cyclical", "up": 10, "down": 15, "low": 0.25}
    momenta = {"momentum_low": 0.8, "momentum_high": 0.9}

    def cycle(mode, gamma=1.0):
        return lambda o: lr_scheduler.CyclicLR(
            o, 0.1, 0.4, step_size_up=10, step_size_down=15, mode=mode, gamma=gamma,
            base_momentum=0.8, max_momentum=0.9)

    def one_cycle(form):
        return lambda o: lr_scheduler.OneCycleLR(
            o, 0.4, total_steps=STEPS, pct_start=0.3, anneal_strategy=form)

    ramp = {"kind": "linear", "length": 20, "start": 0.1}
    hold = {"kind": "constant", "length": 20, "start": 0.1}
    step = {"kind": "step", "length": 15, "gamma": 0.5}
    multi = {"kind": "multi-step", "milestones": [10, 30, 60], "gamma": 0.3}
    return [
        case("constant", {"kind": "constant"}, lambda o: lr_scheduler.ConstantLR(o, factor=1)),
        case("step", step, lambda o: lr_scheduler.StepLR(o, 15, 0.5)),
        case("multi-step", multi, lambda o: lr_scheduler.MultiStepLR(o, [10, 30, 60], 0.3)),
        case("exponential", {"kind": "exponential", "gamma": 0.97},
             lambda o: lr_scheduler.ExponentialLR(o, 0.97)),
        case("polynomial", {"kind": "polynomial", "length": 80, "power": 2.0},
             lambda o: lr_scheduler.PolynomialLR(o, 80, power=2.0)),
        case("linear decay", {"kind": "polynomial", "length": 80, "power": 1.0, "floor": 0.1},
             lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, total_iters=80)),
        case("cosine", {"kind": "cosine", "length": STEPS, "floor": 0.05},
             lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.02)),
        case("warm restarts", {"kind": "warm-restarts", "length": 10, "growth": 2, "floor": 0.05},
             lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2, eta_min=0.02)),
        case("equal restarts", {"kind": "warm-restarts", "length": 30},
             lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 30)),
        case("one cycle, cosine", {"kind": "one-cycle", "length": STEPS - 1, "rise": 29.0},
             one_cycle("cos"), momentum=True),
        case("one cycle, linear",
             {"kind": "one-cycle", "length": STEPS - 1, "rise": 29.0, "form": "linear"},
             one_cycle("linear"), momentum=True),
        case("cyclical", {**cyclic, **momenta}, cycle("triangular"), momentum=True),
        case("cyclical, halving", {**cyclic, **momenta, "mode": "halving"}, cycle("triangular2"),
             momentum=True),
        case("cyclical, exponential",
             {**cyclic, **momenta, "mode": "exponential", "gamma": 0.99},
             cycle("exp_range", 0.99), momentum=True),
        case("inverse square root", {"kind": "inverse-sqrt", "length": 20}, vaswani,
             warmup={"kind": "linear", "length": 20, "start": 0.0}),
        case("linear warm-up alone", {"kind": "constant"}, linear, warmup=ramp),
        case("constant warm-up alone", {"kind": "constant"}, constant, warmup=hold),
        case("linear warm-up before steps", step,
             after_warmup(linear, lambda o: lr_scheduler.StepLR(o, 15, 0.5)), warmup=ramp),
        case("linear warm-up over milestones", multi,
             beneath_warmup(linear, lambda o: lr_scheduler.MultiStepLR(o, [10, 30, 60], 0.3)),
             warmup={**ramp, "beneath": True}),
        case("constant warm-up over milestones", multi,
             beneath_warmup(constant, lambda o: lr_scheduler.MultiStepLR(o, [10, 30, 60], 0.3)),
             warmup={**hold, "beneath": True}),
    ]


def plateau():
    losses = [10 / (i + 1) if i < 12 or i % 17 == 0 else 1.0 + 0.01 * (i % 5) for i in range(STEPS)]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=4, cooldown=3, min_lr=0.01)
    lrs = []
    for loss in losses:
        scheduler.step(loss)
        lrs.append(optimizer.param_groups[0]["lr"])
    return {"loss": losses, "lr": lrs}


print(json.dumps({"schedules": schedulers(), "plateau": plateau()}))
