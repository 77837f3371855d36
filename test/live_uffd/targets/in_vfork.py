"""Waits for its child to start a program, which the child does once somebody opens a pipe.

Argument: the path of the pipe. Prints the pid of the child before it answers lines.
"""

import json
import os
import sys

print(json.dumps({"ready": True}), flush=True)
opening = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]
child = os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=opening)
_, status = os.waitpid(child, 0)
print(json.dumps({"status": status}), flush=True)
for line in sys.stdin:
    print(json.dumps({"line": json.loads(line)}), flush=True)
