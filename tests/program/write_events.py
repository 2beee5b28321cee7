"""Writes TensorBoard event files by itself, without any library: scalars, in pieces, slowly.

write_events.py DIRECTORY TAG VALUE... writes one event per value, the last in a second file, and half a record
of another behind it."""
import os
import struct
import sys
import time


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def text(field, content):
    return bytes([field << 3 | 2]) + varint(len(content)) + content


def event(step, tag, value):
    scalar = text(1, tag.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", value)
    return bytes([1 << 3 | 1]) + struct.pack("<d", time.time()) + bytes([2 << 3]) + varint(step) + \
        text(5, text(1, scalar))


def record(message):
    length = struct.pack("<Q", len(message))
    return length + struct.pack("<I", masked(length)) + message + struct.pack("<I", masked(message))


def main():
    directory, tag = sys.argv[1:3]
    values = [float(value) for value in sys.argv[3:]]
    os.makedirs(directory, exist_ok=True)
    version = record(bytes([1 << 3 | 1]) + struct.pack("<d", time.time()) + text(3, b"brain.Event:2"))
    for number, part in ((1, values[:-1]), (2, values[-1:])):
        with open(os.path.join(directory, f"events.out.tfevents.{number}.host"), "wb", buffering=0) as file:
            file.write(version)
            for value in part:
                step = 100 * (values.index(value) + 1)
                whole = record(event(step, tag, value))
                file.write(whole[:11])
                time.sleep(0.15)
                file.write(whole[11:])
            file.write(record(event(900, tag, 99.0))[:20] if number == 2 else b"")


if __name__ == "__main__":
    main()
