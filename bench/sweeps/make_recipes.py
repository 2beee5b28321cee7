#!/usr/bin/python3
"""What a rule that moves more than the learning rate does: `etalon scale`'s whole recipes, trained.

    make_recipes.py ETALON [--atlas FILE] [--out FILE] [--jobs N]

From the best learning rates of make_sweeps.py's sweeps, as the atlas has them, rule sde-power moves
the recipe (betas, epsilon and weight decay too) to 1/64 to 64 times the batch size; every seed trains
it.
"""
import argparse
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import tempfile

from make_sweeps import SEEDS, VALIDATION, loss_of, write_small_images

HERE = pathlib.Path(__file__).parent
SOURCE = "etalon sweeps"
OPTIMIZERS = {"adam", "adamw", "rmsprop", "lamb"}
RULE = "sde-power"
COLUMNS = ["model", "examples", "optimizer", "from_batch", "batch_size", "rule", "lr", "seed", "loss"]


def planned(atlas):
    """(setting, from_batch, to_batch, lr_from) of every move of an optimizer that has betas."""
    with open(atlas, newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] != SOURCE or row["optimizer"] not in OPTIMIZERS:
                continue
            if 1 / 64 <= int(row["to_batch"]) / int(row["from_batch"]) <= 64:
                parts = dict(part.split("=") for part in row["setting"].split() if "=" in part)
                yield (parts["model"], parts["examples"], row["optimizer"], row["from_batch"],
                       row["to_batch"], row["lr_from"])


def run(command, directory):
    done = subprocess.run(command, capture_output=True, text=True, cwd=directory)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def train(etalon, data, move):
    model, examples, optimizer, from_batch, to_batch, lr_from = move
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        recipe = run([etalon, "scale", "--batch-size", from_batch, "--to", to_batch, "--lr", lr_from,
                      "--optimizer", optimizer, "--examples", examples, "--rule", RULE,
                      "--format", "toml"], directory)
        (pathlib.Path(directory) / "recipe.toml").write_text(recipe)
        lr = next(line.split(" = ")[1] for line in recipe.splitlines() if line.startswith("lr = "))
        for seed in SEEDS:
            answer = run([etalon, "train", "recipe.toml", "--dataset", f"idx:{data}", "--model",
                          model, "--seed", str(seed), "--validation-size", str(VALIDATION),
                          "--evaluations", "1", "--quiet", "--format", "json"], directory)
            rows.append([model, examples, optimizer, from_batch, to_batch, RULE,
                         f"{float(lr):.5g}", seed, loss_of(json.loads(answer))])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("etalon", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--atlas", default=HERE.parent.parent / "src/atlas/atlas.csv")
    parser.add_argument("--out", default=HERE / "recipes.csv")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory)
        write_small_images(data)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            moves = pool.map(lambda move: train(arguments.etalon, data, move),
                             planned(arguments.atlas))
            rows = [row for move in moves for row in move]
    with open(arguments.out, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
