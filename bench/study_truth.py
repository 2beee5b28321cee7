"""Puts a study of SGD's default workload to the test of many seeds that it has not seen.

`python3 bench/study_truth.py build/release/etalon truth.csv STUDY...`: every learning rate of a rule, and those half an
octave apart about the optima, are trained with seeds 1001 to 1012; what was trained is kept in truth.csv and not
trained again. Of each STUDY, a directory of `etalon study`, it prints how many verdicts the means contradict, by two
standard errors or at all, and how many intervals hold the least of a parabola through the means next to the best."""
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

SEEDS = range(1001, 1013)
HOPELESS = 5.7  # times the optimum: nobody asks there by how much


def half_octaves(low, high, center):
    first, last = (math.log2(lr / center) * 2 for lr in (low, high))
    return [center * 2 ** (k / 2) for k in range(math.floor(first) - 1, math.ceil(last) + 2)]


def wanted(study):
    """Batch size and learning rate of what is to be trained."""
    for optimum in study["optima"]:
        low, high = (optimum[name] or optimum["lr"] for name in ("lr_low", "lr_high"))
        for lr in half_octaves(low, high, study["study"]["base_lr"]):
            yield optimum["batch_size"], lr
        for rule in study["rules"]:
            if rule["batch_size"] == optimum["batch_size"] and rule["lr"] < HOPELESS * optimum["lr"]:
                yield rule["batch_size"], rule["lr"]


def key_of(batch_size, lr):
    return int(batch_size), f"{lr:.6g}"


def train(etalon, batch_size, lr, seed):
    command = [os.path.abspath(etalon), "train", "--batch-size", str(batch_size), "--lr", lr, "--seed", str(seed), "--evaluations", "1",
               "--format", "json", "--quiet"]
    with tempfile.TemporaryDirectory() as directory:
        ended = json.loads(subprocess.run(command, cwd=directory, stdout=subprocess.PIPE).stdout)
    return ended["final"]["validation_loss"] if ended["state"] == "finished" else math.inf


def measure(etalon, path, keys):
    known = {}
    if os.path.exists(path):
        with open(path) as file:
            for batch_size, lr, seed, loss in csv.reader(file):
                known.setdefault((int(batch_size), lr), {})[int(seed)] = float(loss)
    with open(path, "a") as file:
        for key in sorted(keys, reverse=True):  # the quickest first
            for seed in SEEDS:
                if seed in known.setdefault(key, {}):
                    continue
                known[key][seed] = train(etalon, *key, seed)
                print(*key, seed, known[key][seed], sep=",", file=file, flush=True)
    return known


def mean(losses):
    return statistics.fmean(losses[seed] for seed in SEEDS)


def optimum_of(rows):
    """Learning rate and loss at the least of the parabola through the best mean and its neighbours."""
    places = sorted(rows, key=float)
    best = min(range(1, len(places) - 1), key=lambda i: mean(rows[places[i]]))
    (x0, y0), (x1, y1), (x2, y2) = ((math.log(float(lr)), mean(rows[lr])) for lr in places[best - 1:best + 2])
    left, right = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    curvature = (right - left) / (x2 - x0)
    if not (curvature > 0 and math.isfinite(curvature)):
        return math.exp(x1), y1, places[best]
    place = min(max((x0 + x1) / 2 - left / (2 * curvature), x0), x2)
    return math.exp(place), min(y1, y1 - curvature * (place - x1) ** 2), places[best]


def judge(name, study, known):
    tolerance, base = study["study"]["tolerance"], study["study"]["base_batch_size"]
    decided = open_ = wrong = clearly = held = 0
    for optimum in study["optima"]:
        batch_size = optimum["batch_size"]
        rows = {lr: losses for (size, lr), losses in known.items() if size == batch_size}
        place, least, best = optimum_of(rows)
        holds = (optimum["lr_low"] or 0) <= place <= (optimum["lr_high"] or math.inf)
        held += holds
        print(f"{name} B={batch_size}: optimum {place:.3g}, loss {least:.4f}" + ("" if holds else ", not held"))
        for rule in study["rules"]:
            if rule["batch_size"] != batch_size or batch_size == base:
                continue
            open_ += rule["verdict"] == "cannot tell"
            key = key_of(batch_size, rule["lr"])
            if rule["verdict"] == "cannot tell" or key not in known:
                decided += rule["verdict"] != "cannot tell"
                continue
            decided += 1
            excess = mean(known[key]) - least
            differences = [known[key][seed] - rows[best][seed] for seed in SEEDS]
            error = statistics.stdev(differences) / math.sqrt(len(differences)) if math.isfinite(excess) else 0.0
            if (excess < tolerance) != (rule["verdict"] == "holds"):
                wrong += 1
                clearly += abs(excess - tolerance) > 2 * error
                print(f"  {rule['rule']} {rule['verdict']}, loses {excess:.4f} ± {error:.4f}")
    print(f"{name}: {decided} verdicts told, {open_} open; {wrong} contradicted, {clearly} by two standard errors; "
          f"{held} of {len(study['optima'])} intervals hold the optimum")


def main():
    etalon, path, *directories = sys.argv[1:]
    studies = {}
    for directory in directories:
        with open(os.path.join(directory, "summary.json")) as file:
            studies[directory] = json.load(file)
    known = measure(etalon, path, {key_of(*each) for study in studies.values() for each in wanted(study)})
    for name, study in studies.items():
        judge(name, study, known)


main()
