"""Runs a notebook through its kernel as nbclient does, and says on standard output what happens: one JSON object a line.

usage: execute.py NOTEBOOK OUT KERNEL

{"output": …} has the shape of an output in kernel/messages.ts, {"done": …} that of a cell's end, with its index and the
metadata of the kernel's reply. Working directory: the notebook's. OUT is written also when a cell fails.
"""

import json
import pathlib
import sys

import nbformat
from nbclient import NotebookClient


def say(what):
    print(json.dumps(what), flush=True)


def output_of(message):
    kind, content = message["header"]["msg_type"], message["content"]
    if kind == "stream":
        return {"kind": "stream", "name": content["name"], "text": content["text"]}
    if kind == "execute_result":
        return {"kind": "result", "data": content["data"], "metadata": content["metadata"]}
    if kind in ("display_data", "update_display_data"):
        shown = {"kind": "display", "data": content["data"], "metadata": content["metadata"]}
        display = content.get("transient", {}).get("display_id")
        if display is not None:
            shown["display"] = display
        if kind == "update_display_data":
            shown["update"] = True
        return shown
    if kind == "error":
        return {"kind": "error", "ename": content["ename"], "evalue": content["evalue"], "traceback": content["traceback"]}
    if kind == "clear_output":
        return {"kind": "clear", "wait": content["wait"]}
    return None


class Client(NotebookClient):
    def process_message(self, msg, cell, cell_index):
        output = output_of(msg)
        if output is not None:
            say({"output": output})
        return super().process_message(msg, cell, cell_index)


def main(source, out, kernel):
    notebook = nbformat.read(source, as_version=4)

    def executed(cell, cell_index, execute_reply):
        reply = execute_reply
        say({"done": {"index": cell_index, "status": reply["content"]["status"], "metadata": reply["metadata"]}})

    client = Client(
        notebook,
        kernel_name=kernel,
        # Times of each message would make every run a difference.
        record_timing=False,
        timeout=600,
        resources={"metadata": {"path": str(pathlib.Path(source).resolve().parent)}},
        on_cell_executed=executed,
        allow_errors=False,
    )
    try:
        client.execute()
    finally:
        nbformat.write(notebook, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
