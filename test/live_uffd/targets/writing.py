"""Writes to its pages at random, and rests now and then."""

import random
import time

memory = bytearray(4 << 20)
while True:
    for _ in range(100):
        memory[random.randrange(len(memory))] = random.randrange(256)
    time.sleep(0.0005)
