#!/usr/bin/env python3
"""What onlookers cost a study: the same study by itself and with 20 open pages, in turn.

    bench/watch_bench.py build/release/etalon [PAIRS]

A page is what a browser holds of it: the page itself once, then its stream of events, read to the
end. Prints the median over pairs of the ratio of the two times, with its range. Needs nothing but
Python's library.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PAGES = 20
STUDY = ["--model", "mlp:64", "--batch-sizes", "32,128,512", "--seeds", "2", "--epochs", "1", "--quiet"]


def read_page(address, stop):
    while not stop.is_set():
        try:
            with urllib.request.urlopen(address, timeout=5) as page:
                page.read()
            with urllib.request.urlopen(address + "events?since=0", timeout=5) as stream:
                while not stop.is_set() and stream.readline():
                    pass
        except OSError:
            stop.wait(0.1)  # no study yet, or no more


def run_study(etalon, directory):
    start = time.monotonic()
    subprocess.run([etalon, "study", *STUDY, "--out", directory], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def run_watched(etalon, directory):
    stop = threading.Event()
    study = threading.Thread(target=lambda: times.append(run_study(etalon, directory)))
    times = []
    study.start()
    watch = start_watch(etalon, directory)
    address = re.search(r"http://\S+/", watch.stderr.readline()).group()
    pages = [threading.Thread(target=read_page, args=(address, stop)) for _ in range(PAGES)]
    for page in pages:
        page.start()
    study.join()
    stop.set()
    watch.terminate()
    watch.wait()
    for page in pages:
        page.join()
    return times[0]


def start_watch(etalon, directory):
    """Once the study is there to be watched."""
    while True:
        watch = subprocess.Popen([etalon, "watch", directory, "--port", "0"], stderr=subprocess.PIPE, text=True)
        time.sleep(0.2)
        if watch.poll() is None:
            return watch


def main():
    etalon = sys.argv[1]
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ratios = []
    for pair in range(pairs):
        with tempfile.TemporaryDirectory() as directory:
            runs = {"alone": run_study, "watched": run_watched}
            order = list(runs) if pair % 2 else list(runs)[::-1]
            seconds = {name: runs[name](etalon, f"{directory}/{name}") for name in order}
        ratios.append(seconds["watched"] / seconds["alone"])
        print(f"alone {seconds['alone']:.2f} s, watched {seconds['watched']:.2f} s: {ratios[-1]:.3f}", flush=True)
    print(f"{PAGES} open pages: {statistics.median(ratios):.3f} times the study alone, "
          f"{min(ratios):.3f} to {max(ratios):.3f} over {pairs} pairs")


if __name__ == "__main__":
    main()
