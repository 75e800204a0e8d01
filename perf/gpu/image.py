"""A 512 x 512 picture with edges, texture and noise of its own, as a .npy without numpy: image.py FILE."""
import math
import random
import struct
import sys

SIZE = 512
random.seed(1)
discs = [(random.random() * SIZE, random.random() * SIZE, 8 + 60 * random.random(), random.random()) for _ in range(40)]
values = []
for y in range(SIZE):
    for x in range(SIZE):
        value = 0.3 + 0.1 * math.sin(x / 7) * math.cos(y / 11)
        for cx, cy, radius, level in discs:
            if (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2:
                value = level + 0.03 * math.sin((x + y) / 3)
        values.append(value)
header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({SIZE}, {SIZE}), }}"
header += " " * (63 - (10 + len(header)) % 64) + "\n"
with open(sys.argv[1], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}f", *values))
