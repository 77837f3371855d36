"""Keeps more and more: a thousand new strings each 50 ms, and counts what it sees of them."""

import time

kept = []
seen = {}
while True:
    for i in range(1000):
        text = f"{len(kept)}:{i}" * 8
        kept.append(text)
        seen[text[:3]] = seen.get(text[:3], 0) + 1
    time.sleep(0.05)
