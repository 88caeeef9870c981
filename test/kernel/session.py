"""Runs steps in one kernel and writes what it answered: python session.py KERNEL SILENCE STEPS.json ANSWERS.json

A step is { cells: [code, …], interruptAt? }: its cells are sent together, and the kernel is interrupted when one prints
`interruptAt`. A kernel that sends nothing for SILENCE seconds has timed out, and is not waited for in later steps.
"""

import json
import queue
import sys
import time

from jupyter_client.manager import start_new_kernel

kernel, silence, asked, answered = sys.argv[1:]
silence = float(silence)
with open(asked, encoding="utf-8") as file:
    steps = json.load(file)
manager, client = start_new_kernel(kernel_name=kernel)


def collect(ids, interrupt_at):
    """The cells' messages, until each is answered on both channels."""
    cells = {i: {"messages": [], "reply": None, "idle": False} for i in ids}
    heard = time.monotonic()
    while not all(cell["reply"] and cell["idle"] for cell in cells.values()):
        try:
            message = client.get_iopub_msg(timeout=0.2)
            cell = cells.get(message["parent_header"].get("msg_id"))
            if cell is None:
                continue
            heard = time.monotonic()
            content = message["content"]
            cell["messages"].append({"type": message["msg_type"], "content": content})
            cell["idle"] = cell["idle"] or content.get("execution_state") == "idle"
            if interrupt_at and interrupt_at in content.get("text", ""):
                manager.interrupt_kernel()
        except queue.Empty:
            pass
        while client.shell_channel.msg_ready():
            message = client.get_shell_msg(timeout=1)
            if message["parent_header"].get("msg_id") in cells:
                cells[message["parent_header"]["msg_id"]]["reply"] = message["content"]
        if time.monotonic() - heard > silence or not manager.is_alive():
            break
    return list(cells.values())


def settle():
    """Waits until cells are run again: those that follow a failure at once count as sent together with it."""
    status = "aborted"
    while status != "ok" and manager.is_alive():
        try:
            answer = client.execute_interactive("void 0", silent=True, timeout=silence, output_hook=lambda _: None)
            status = answer["content"]["status"]
        except TimeoutError:
            return


client.kernel_info()
info = client.get_shell_msg(timeout=30)["content"]
answers = []
for step in steps:
    ids = [client.execute(code) for code in step["cells"]]
    answers.append(collect(ids, step.get("interruptAt")))
    if not all(cell["reply"] for cell in answers[-1]):
        silence = 0.1
    if any((cell["reply"] or {}).get("status") != "ok" for cell in answers[-1]):
        settle()
client.stop_channels()
manager.shutdown_kernel(now=True)
# not on stdout, which the kernel writes to as well
with open(answered, "w", encoding="utf-8") as file:
    json.dump({"info": info, "answers": answers}, file)
