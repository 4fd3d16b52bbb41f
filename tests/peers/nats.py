"""nats-server, a message queue. Its client's port is at /varz; the announced one is that of its monitoring."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time

from exit_with_starter import wait_for_end_of_starter

folder = tempfile.mkdtemp()
server = os.getpid()

if os.fork() > 0:
    # This process becomes the server, so that the starter's guard ends the server itself.
    program = os.path.join(os.path.dirname(sys.executable), "nats-server")
    any_port = "-1"
    os.execv(
        program,
        [program, "--addr", "127.0.0.1", "--port", any_port, "--http_port", any_port, "--ports_file_dir", folder],
    )

# The server writes its ports into a file that does not exist before, and not always at once.
ports = os.path.join(folder, f"nats-server_{server}.ports")
while os.getppid() == server:
    try:
        with open(ports) as file:
            monitoring = json.load(file)["monitoring"][0]
        break
    except (FileNotFoundError, ValueError):
        time.sleep(0.01)
else:
    sys.exit(1)
print("port", monitoring.rpartition(":")[2], flush=True)

wait_for_end_of_starter()
if os.getppid() == server:
    os.kill(server, signal.SIGINT)
shutil.rmtree(folder, ignore_errors=True)
