"""A table as an event file, an event for each cell, without any library.

csv_events.py TABLE DIRECTORY: rows are steps 1, 2, ..., or what their column `step` says.
"""
import csv
import os
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "program"))
from write_events import event, record, text  # noqa: E402

table, directory = sys.argv[1:3]
os.makedirs(directory, exist_ok=True)
with open(table) as rows, open(os.path.join(directory, "events.out.tfevents.1.host"), "wb") as file:
    file.write(record(bytes([1 << 3 | 1]) + struct.pack("<d", time.time()) + text(3, b"brain.Event:2")))
    for number, row in enumerate(csv.DictReader(rows), start=1):
        step = int(row.pop("step", number))
        for tag, value in row.items():
            file.write(record(event(step, tag, float(value))))
