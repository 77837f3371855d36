"""Sends real-time signals to a process, which queue, so that each is delivered.

Arguments: the pid and how many. Prints how many were sent. With "stop" instead of a number, it stops
and resumes the process again and again, until a line comes.
"""

import os
import select
import signal
import sys
import time

pid = int(sys.argv[1])
NUMBERS = range(signal.SIGRTMIN + 1, signal.SIGRTMIN + 9)


def pause(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


print("started", flush=True)
if sys.argv[2] == "stop":
    while not select.select([0], [], [], 0)[0]:
        for number in signal.SIGSTOP, signal.SIGCONT:
            os.kill(pid, number)
            pause(3e-3)
else:
    for i in range(int(sys.argv[2])):
        os.kill(pid, NUMBERS[i % len(NUMBERS)])
        pause(20e-6)
