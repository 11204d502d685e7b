"""Drives a kernel through jupyter_client or nbclient: `drive.py STEP KERNEL_NAME`. Prints what it saw as one JSON object."""

import json
import os
import signal
import sys
import time

import nbformat
from jupyter_client import KernelManager
from nbclient import NotebookClient

WAIT_S = 20


def start(name):
    manager = KernelManager(kernel_name=name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=WAIT_S)
    return manager, client


def run(client, code, until=None):
    """Executes; returns everything on iopub about it up to idle, or up to the first message that `until` accepts."""
    request = client.execute(code)
    return request, collect(client, request, until)


def collect(client, request, until=None):
    seen = []
    while True:
        message = client.get_iopub_msg(timeout=WAIT_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        seen.append(message)
        if message["content"].get("execution_state") == "idle" or (until and until(message)):
            return seen


def reply(client, request):
    while True:
        message = client.get_shell_msg(timeout=WAIT_S)
        if message["parent_header"].get("msg_id") == request:
            return message["content"]


def text(messages):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def pid(manager):
    return manager.provisioner.process.pid


def gone(number):
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{number}/stat") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def lines(name):
    manager, client = start(name)
    request, seen = run(client, "lines 20000")
    result = {"text": text(seen), "last": seen[-1]["content"], "status": reply(client, request)["status"]}
    manager.shutdown_kernel()
    return result


def interrupt(name):
    manager, client = start(name)
    statuses = []
    for send in (manager.interrupt_kernel, lambda: os.kill(pid(manager), signal.SIGINT)):
        request, _ = run(client, "print on\nsleep 60000", lambda message: message["msg_type"] == "stream")
        send()
        statuses.append(reply(client, request)["ename"])
        collect(client, request)
    request, _ = run(client, "print alive")
    statuses.append(reply(client, request)["status"])
    manager.shutdown_kernel()
    return {"statuses": statuses}


def shutdown(name):
    manager, client = start(name)
    kernel = pid(manager)
    _, seen = run(client, "pid")
    session = int(text(seen))
    run(client, "print on\nsleep 60000", lambda message: message["msg_type"] == "stream")
    began = time.monotonic()
    manager.shutdown_kernel()
    took = time.monotonic() - began
    return {"took_s": took, "kernel": gone(kernel), "session": gone(session)}


def restart(name):
    manager, client = start(name)
    first = pid(manager)
    request, seen = run(client, "pid")
    session = int(text(seen))
    manager.restart_kernel()
    client.wait_for_ready(timeout=WAIT_S)
    request, seen = run(client, "print again")
    count = reply(client, request)["execution_count"]
    result = {"count": count, "text": text(seen), "same": pid(manager) == first, "gone": gone(first) and gone(session)}
    manager.shutdown_kernel()
    return result


def orphan(name):
    """The server dies without a word."""
    manager, client = start(name)
    _, seen = run(client, "pid")
    print(json.dumps({"kernel": pid(manager), "session": int(text(seen))}), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def notebook(name):
    cells = [
        ("print one\nresult 42", []),
        ("display d first", []),
        ("fail Expected x", ["raises-exception"]),
        ("update d second\nchart", []),
    ]
    book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": name, "display_name": name}})
    for source, tags in cells:
        book.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
    NotebookClient(book, timeout=WAIT_S, kernel_name=name).execute()
    nbformat.validate(book)
    return {"cells": [[cell.execution_count, cell.outputs] for cell in book.cells]}


STEPS = {step.__name__: step for step in (lines, interrupt, shutdown, restart, orphan, notebook)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](sys.argv[2])))
