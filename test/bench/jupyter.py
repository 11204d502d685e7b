"""Times kernels over their sockets, in turn: `jupyter.py STARTS CELLS NAME=ARGV_AS_JSON ...`. Prints milliseconds as JSON."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import time

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

WAIT_S = 30
WARM_UP = 20


def launch(argv, directory, context):
    """Starts a kernel with its connection file written before. Returns process, client and the milliseconds to kernel_info_reply."""
    file, _ = write_connection_file(os.path.join(directory, f"{time.monotonic_ns()}.json"))
    client = BlockingKernelClient(connection_file=file, context=context)
    client.load_connection_file()
    began = time.perf_counter()
    process = subprocess.Popen(
        [part.replace("{connection_file}", file) for part in argv],
        env={**os.environ, "JPY_PARENT_PID": str(os.getpid())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    client.start_channels(hb=False, stdin=False)
    request = client.kernel_info()
    while client.get_shell_msg(timeout=WAIT_S)["parent_header"].get("msg_id") != request:
        pass
    return process, client, 1000 * (time.perf_counter() - began)


def stop(process, client):
    client.shutdown(reply=True, timeout=WAIT_S)
    client.stop_channels()
    try:
        process.wait(WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def join(client):
    """Waits until broadcasts reach the client: what a kernel says before its subscriber is known is lost, with any kernel."""
    while True:
        client.kernel_info()
        try:
            client.get_iopub_msg(timeout=0.5)
            return
        except queue.Empty:
            pass


def empty_cell(client):
    began = time.perf_counter()
    request = client.execute("")
    idle = False
    while not idle:
        message = client.get_iopub_msg(timeout=WAIT_S)
        idle = message["parent_header"].get("msg_id") == request and message["content"].get("execution_state") == "idle"
    took = 1000 * (time.perf_counter() - began)
    reply = client.get_shell_msg(timeout=WAIT_S)
    while reply["parent_header"].get("msg_id") != request:
        reply = client.get_shell_msg(timeout=WAIT_S)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"an empty cell failed: {reply['content']}")
    return took


def main():
    starts, cells = int(sys.argv[1]), int(sys.argv[2])
    kernels = {name: json.loads(argv) for name, _, argv in (argument.partition("=") for argument in sys.argv[3:])}
    result = {name: {"start": [], "start_by_default": [], "cell": []} for name in kernels}
    # A client that finds no port yet tries again after 100 to 200 ms; to see more than these steps, one set of starts looks every 5 ms.
    eager = zmq.Context()
    eager.setsockopt(zmq.RECONNECT_IVL, 5)
    default = zmq.Context()
    with tempfile.TemporaryDirectory() as directory:
        for kind, context in (("start", eager), ("start_by_default", default)):
            for turn in range(starts + 1):
                for name, argv in kernels.items():
                    process, client, took = launch(argv, directory, context)
                    # The first of each fills caches of files and of compiled code.
                    if turn > 0:
                        result[name][kind].append(took)
                    stop(process, client)
        running = {name: launch(argv, directory, default) for name, argv in kernels.items()}
        for _, client, _ in running.values():
            join(client)
        for turn in range(WARM_UP + cells):
            for name, (_, client, _) in running.items():
                took = empty_cell(client)
                if turn >= WARM_UP:
                    result[name]["cell"].append(took)
        for process, client, _ in running.values():
            stop(process, client)
    print(json.dumps(result))


main()
