"""The directory of a training of nanoGNS (github.com/CerebrasResearch/nanoGNS), and what it says.

nano_gns.py DIRECTORY RANKS: log.csv and config.json with the names, the order and the gaps that
exact/train.py and tracker.py there give them, of random gradients. Prints the noise scale of the
parameters and that of the ranks, by the formulas of its gns-analysis.py and ddpgns.py, averaged.
"""
import csv
import json
import math
import os
import random
import sys

directory, ranks = sys.argv[1], int(sys.argv[2])
MICRO_BATCH, ACCUMULATED, STEPS, SPREAD = 4, 3, 120, 3.0
SIZES = {"transformer.wte.weight": 20, "transformer.h.0.ln_1.affine.weight": 6,
         "transformer.h.0.attn.c_attn.weight": 40, "lm_head.weight": 20}
TIED = ("transformer.wte.weight", "lm_head.weight")
random.seed(20261127)
columns, rows = ["step"], []
gradients = {name: [1 / math.sqrt(size)] * size for name, size in SIZES.items()}


def log(row, values):
    columns.extend(name for name in values if name not in columns)
    row.update(values)


def squared(vector):
    return sum(x * x for x in vector)


def mean(vectors):
    return [sum(column) / len(vectors) for column in zip(*vectors)]


def of_one_example(gradient):
    return [g + SPREAD * random.gauss(0, 1) / math.sqrt(len(gradient)) for g in gradient]


def moments(small, small_size, big, big_size):
    return ((big_size * big - small_size * small) / (big_size - small_size),
            (small - big) / (1 / small_size - 1 / big_size))


of_parameters, of_ranks = [], []
for step in range(STEPS):
    row = {"step": step}
    if step % 40 == 20:  # resumed: the first evaluation comes late, and its columns with it
        log(row, {"train/loss": 4.1, "val/loss": 4.2})
    own = MICRO_BATCH * ACCUMULATED
    examples = {name: [of_one_example(g) for _ in range(own * ranks)] for name, g in gradients.items()}
    batch = {name: mean(each) for name, each in examples.items()}
    big = sum(map(squared, batch.values()))
    log(row, {"dt": 0.25, "tokens_per_sec": 4096.0, "mfu": 0.0, "lr": 6e-4, "grad_norm": math.sqrt(big),
              "gradient_accumulation_steps": ACCUMULATED, "train/lossf": 4.0})
    if ranks > 1:
        small = sum(squared(mean(each[rank * own:(rank + 1) * own]))
                    for each in examples.values() for rank in range(ranks)) / ranks
        log(row, {"ddp/big_batch_norm": math.sqrt(big), "ddp/small_batch_norm": math.sqrt(small),
                  "ddp/big_batch_size": own * ranks, "ddp/small_batch_size": own,
                  "ddp/gtg": 1.0, "ddp/trsigma": 9.0, "ddp/gns": 9.0})
        of_ranks.append(moments(small, own, big, own * ranks))
    for name, each in examples.items():
        single = sum(map(squared, each[:own])) / own  # its tracker is that of the first rank alone
        log(row, {f"train/gns/{name}/norm": math.sqrt(squared(batch[name])),
                  f"train/gns/{name}/pegn": math.sqrt(single),
                  f"train/gns/{name}/batch_size": own * ranks})
    log(row, {"iter_num": step, "tokens_processed": 1024 * own * ranks * (step + 1)})
    whole = [row[f"train/gns/{name}/{of}"] ** 2 for of in ("pegn", "norm") for name in SIZES if name not in TIED]
    half = len(whole) // 2
    of_parameters.append(moments(sum(whole[:half]), 1, sum(whole[half:]), own * ranks))
    rows.append([row.get(name, "") for name in columns])

os.makedirs(directory, exist_ok=True)
with open(os.path.join(directory, "log.csv"), "w", newline="") as file:
    csv.writer(file).writerows([columns] + rows)
with open(os.path.join(directory, "config.json"), "w") as file:
    json.dump({"out_dir": directory, "batch_size": MICRO_BATCH, "learning_rate": 6e-4,
               "gradient_accumulation_steps": ACCUMULATED, "max_iters": STEPS}, file, indent=2)


def scale(pairs):
    return sum(s for _, s in pairs) / sum(g for g, _ in pairs) if pairs else None


print(json.dumps({"parameters": scale(of_parameters), "ranks": scale(of_ranks)}))
