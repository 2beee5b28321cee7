#!/usr/bin/python3
"""Dense sweeps of small networks by `etalon train`: a CSV an optimizer, a row a run.

    make_sweeps.py ETALON [--out DIR] [--jobs N] [--only NAME,...]

Needs Python's standard library and Debian's package dataset-fashion-mnist. Rows that a file already
has are not run again, so that a stopped sweep goes on.
"""
import argparse
import concurrent.futures
import csv
import gzip
import itertools
import json
import pathlib
import struct
import subprocess
import tempfile

SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")
TRAIN, VALIDATION, SIDE = 16384, 2048, 14  # examples, examples, pixels a side

BATCH_SIZES = [8, 16, 32, 64, 128, 256, 512, 1024]
SEEDS = range(1, 6)
# (model, examples that a run sees)
SETTINGS = [("mlp:16", 16384), ("mlp:16", 65536), ("mlp:64", 32768)]
# Powers of sqrt(2) from the first to the last, at B = 8 and at B = 1024; straight in between.
RANGES = {
    "sgd": ((-17, -4), (-10, 2)),
    "momentum": ((-22, -9), (-12, 1)),
    "nesterov": ((-22, -9), (-12, 1)),
    "adam": ((-25, -12), (-19, -6)),
    "adamw": ((-25, -12), (-19, -6)),
    "rmsprop": ((-26, -12), (-22, -9)),
    "lars": ((-8, 4), (-1, 11)),
    "lamb": ((-24, -12), (-15, -3)),
}
COLUMNS = ["model", "examples", "optimizer", "batch_size", "lr", "seed", "loss"]


def write_small_images(directory):
    """Fashion-MNIST's first images, their pixels averaged two by two, as IDX files."""
    size = TRAIN + VALIDATION
    for kind, count in (("train", size), ("t10k", 100)):
        with gzip.open(SOURCE / f"{kind}-images-idx3-ubyte.gz") as file:
            file.read(16)
            pixels = file.read(count * 28 * 28)
        small = bytearray()
        for row in range(count * SIDE):
            above = pixels[row * 56:row * 56 + 28]
            below = pixels[row * 56 + 28:row * 56 + 56]
            small += bytes((above[i] + above[i + 1] + below[i] + below[i + 1]) // 4
                           for i in range(0, 28, 2))
        header = struct.pack(">IIII", 0x803, count, SIDE, SIDE)
        (directory / f"{kind}-images-idx3-ubyte").write_bytes(header + small)
        with gzip.open(SOURCE / f"{kind}-labels-idx1-ubyte.gz") as file:
            file.read(8)
            labels = file.read(count)
        (directory / f"{kind}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, count) + labels)


def learning_rates(optimizer, batch_size):
    (low, high), (last_low, last_high) = RANGES[optimizer]
    along = BATCH_SIZES.index(batch_size) / (len(BATCH_SIZES) - 1)
    first = round(low + along * (last_low - low))
    last = round(high + along * (last_high - high))
    return [float(f"{2 ** (power / 2):.5g}") for power in range(first, last + 1)]


def planned(optimizer):
    for model, examples in SETTINGS:
        for batch_size, seed in itertools.product(BATCH_SIZES, SEEDS):
            for lr in learning_rates(optimizer, batch_size):
                yield (model, str(examples), optimizer, str(batch_size), f"{lr:g}", str(seed))


def train(etalon, data, key):
    """The last validation loss as text; nan where the training diverged."""
    model, examples, optimizer, batch_size, lr, seed = key
    command = [etalon, "train", "--dataset", f"idx:{data}", "--model", model, "--optimizer",
               optimizer, "--batch-size", batch_size, "--lr", lr, "--seed", seed, "--examples",
               examples, "--validation-size", str(VALIDATION), "--evaluations", "1", "--quiet",
               "--format", "json"]
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(command, capture_output=True, text=True, cwd=directory)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return loss_of(json.loads(done.stdout))


def loss_of(answer):
    if answer["state"] == "diverged":
        return "nan"
    loss = answer["final"]["validation_loss"]
    return f"{loss:.5g}" if loss < answer["untrained_validation_loss"] else "nan"


def read_rows(path):
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        return {tuple(row[name] for name in COLUMNS[:-1]): row["loss"]
                for row in csv.DictReader(file)}


def write_rows(path, rows, order):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*key, rows[key]) for key in order if key in rows)


def sweep(arguments, data, optimizer):
    path = arguments.out / f"{optimizer}.csv"
    keys = list(planned(optimizer))
    rows = read_rows(path)
    missing = [key for key in keys if key not in rows]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        losses = pool.map(lambda key: train(arguments.etalon, data, key), missing)
        try:
            rows.update(zip(missing, losses))
        finally:
            write_rows(path, rows, keys)
    print(f"{path}: {len(keys)} runs, {len(missing)} of them new", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("etalon", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default=",".join(RANGES), help="optimizers, by commas")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory)
        write_small_images(data)
        for optimizer in arguments.only.split(","):
            sweep(arguments, data, optimizer)


if __name__ == "__main__":
    main()
