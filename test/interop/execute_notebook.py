"""Runs a notebook with the Jupyter kernel that argv names, and prints what each cell shows, as JSON."""

import json
import sys

from jupyter_client.manager import start_new_kernel

with open(sys.argv[1], encoding="utf-8") as file:
    cells = [c for c in json.load(file)["cells"] if c["cell_type"] == "code"]
manager, client = start_new_kernel(kernel_name=sys.argv[2])
shown = []
for cell in cells:
    request = client.execute("".join(cell["source"]))
    # Deno's kernel can report that it is idle before it reports the result.
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] in ("execute_result", "display_data", "error"):
            shown.append(message["content"].get("data", message["content"]))
            break
client.stop_channels()
manager.shutdown_kernel(now=True)
print(json.dumps(shown))
