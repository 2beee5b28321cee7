"""Times `etalon fit` on the logs of 10,000 runs and on a log of 1,000,000 rows.

import_bench.py ETALON [GIGABYTES], the second for a log of so many gigabytes besides, and how much memory it takes"""
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "examples", "logs"))
import make_logs  # noqa: E402


def settings():
    """Batch size, learning rate and the octaves from the best, over and over."""
    while True:
        for batch_size in make_logs.BATCH_SIZES:
            for k in range(-4, 4):
                yield batch_size, make_logs.best_lr(batch_size) * 2.0 ** k, k


def write_event_files(root, runs):
    bodies = {}
    for number, (batch_size, lr, k) in zip(range(runs), settings()):
        if k not in bodies:
            run = make_logs.Run(1, batch_size, lr, "finished")
            run.curve = [(10 * s, 1.9 + 0.02 * k * k + math.exp(-s / 20), 2 + 0.02 * k * k + math.exp(-s / 20), lr)
                         for s in range(1, 101)]
            bodies[k] = make_logs.VERSION + make_logs.scalars_of(run)
        make_logs.write(f"{root}/b{batch_size}_lr{lr:.6g}_seed{number}/{make_logs.EVENTS}", bodies[k])


def write_log(path, runs, steps):
    with open(path, "w") as file:
        file.write("run_id,step,batch_size,lr,seed,train_loss,val_loss\n")
        for number, (batch_size, lr, k) in zip(range(runs), settings()):
            rows = []
            for step in range(1, steps + 1):
                loss = 2 + 0.02 * k * k + math.exp(-5.0 * step / steps)
                rows.append(f"{number},{step},{batch_size},{lr:.6g},{number // 32},{loss - 0.1:.6f},{loss:.6f}\n")
            file.write("".join(rows))


def fit(etalon, source, what):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    answer = subprocess.run([etalon, "fit", source, "--to", "1024", "--quiet"], check=True, capture_output=True,
                            text=True).stdout
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{what}: {seconds:.1f} s, {after.ru_utime - before.ru_utime:.1f} s of processor time, "
          f"{after.ru_maxrss / 1024:.0f} MB at most so far; {answer.splitlines()[0]}")


def main():
    etalon = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as root:
        write_event_files(f"{root}/runs", 10_000)
        fit(etalon, f"{root}/runs", "10,000 event files of 200 scalars each")
        write_log(f"{root}/rows.csv", 1_000, 1_000)
        fit(etalon, f"{root}/rows.csv", "a log of 1,000,000 rows")
        if len(sys.argv) > 2:
            runs = round(float(sys.argv[2]) * 465)  # of 50,000 rows, 43 bytes each
            write_log(f"{root}/big.csv", runs, 50_000)
            size = os.path.getsize(f"{root}/big.csv") / 1e9
            fit(etalon, f"{root}/big.csv", f"a log of {size:.2f} GB")


if __name__ == "__main__":
    main()
