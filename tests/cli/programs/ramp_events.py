"""A ramp in an event file, an event for each scalar, without any library.

ramp_events.py DIRECTORY LR_MIN LR_MAX STEPS: the loss falls from 2 to 1 about 0.01 and rises beyond 0.3.
"""
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "program"))
from write_events import event, record, text  # noqa: E402

directory, lowest, highest, steps = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
os.makedirs(directory, exist_ok=True)
with open(os.path.join(directory, "events.out.tfevents.1.host"), "wb") as file:
    file.write(record(bytes([1 << 3 | 1]) + struct.pack("<d", time.time()) + text(3, b"brain.Event:2")))
    for step in range(steps):
        lr = lowest * (highest / lowest) ** (step / (steps - 1))
        loss = 2 - 1 / (1 + (0.01 / lr) ** 2) + 3 * max(0.0, lr - 0.3)
        file.write(record(event(step, "train/loss", loss)))
        file.write(record(event(step, "train/learning_rate", lr)))
