#!/usr/bin/python3
"""Task 2 of advice_bench with Optuna's samplers, given the same runs at the base batch size.

Prints a line per sampler: its name and the mean regret after each trial, separated by commas. The
samplers see the base runs as finished trials over (log2 lr, log2 batch size) and are asked for
trials with the batch size fixed; learning rates may be anywhere that the base batch size had runs.
"""
import argparse
import collections
import csv
import math
import sys
import warnings

TRIALS = 5


def read_settings(path, group_by):
    """{setting: {batch size: {log2 lr: mean loss}}}; runs without a finite loss are left out."""
    losses = collections.defaultdict(lambda: collections.defaultdict(
        lambda: collections.defaultdict(list)))
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            loss = float(row["loss"])
            if math.isfinite(loss):
                setting = tuple(row[name] for name in group_by)
                losses[setting][float(row["batch_size"])][math.log2(float(row["lr"]))].append(loss)
    return [{size: {lr: sum(v) / len(v) for lr, v in runs.items()} for size, runs in sizes.items()}
            for sizes in losses.values()]


def make_samplers(optuna):
    """Name -> function of a seed. CMA-ES draws its first generation at random, so is left out."""
    return {
        "optuna random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
        "optuna qmc": lambda seed: optuna.samplers.QMCSampler(seed=seed),
        "optuna tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True),
    }


def search(optuna, make_sampler, seed, base_size, base, size, target):
    """Regret after each trial."""
    space = {
        "lr": optuna.distributions.FloatDistribution(min(base), max(base)),
        "batch": optuna.distributions.FloatDistribution(math.log2(base_size), math.log2(size)),
    }
    sampler = optuna.samplers.PartialFixedSampler({"batch": math.log2(size)}, make_sampler(seed))
    study = optuna.create_study(sampler=sampler)
    for lr, loss in base.items():
        study.add_trial(optuna.trial.create_trial(
            params={"lr": lr, "batch": math.log2(base_size)}, distributions=space, value=loss))
    best = math.inf
    regrets = []
    for _ in range(TRIALS):
        trial = study.ask(space)
        lr = min(target, key=lambda measured: abs(measured - trial.params["lr"]))
        best = min(best, target[lr])
        study.tell(trial, target[lr])
        regrets.append(best - min(target.values()))
    return regrets


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs")
    parser.add_argument("--group-by", type=lambda text: [name for name in text.split(",") if name],
                        default=[], help="columns that together name a setting, by commas")
    parser.add_argument("--stride", type=int, default=1, help="only every so many cases")
    arguments = parser.parse_args()
    try:
        import optuna
    except ImportError:
        print("optuna is not installed: its samplers are left out", file=sys.stderr)
        return
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    cases = [(base_size, base, size, target) for sizes in read_settings(arguments.runs, arguments.group_by)
             for base_size, base in sorted(sizes.items())
             for size, target in sorted(sizes.items()) if 4 <= size / base_size <= 16]
    cases = cases[::arguments.stride]
    for name, make_sampler in make_samplers(optuna).items():
        totals = [0.0] * TRIALS
        for seed, case in enumerate(cases):
            for i, regret in enumerate(search(optuna, make_sampler, seed, *case)):
                totals[i] += regret / len(cases)
        print(",".join([name] + [f"{total:.6f}" for total in totals]), flush=True)


if __name__ == "__main__":
    main()
