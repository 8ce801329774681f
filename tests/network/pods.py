"""What the tests of pods share: pods, and members that answer what they are asked."""
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

NSRUN = sys.argv[1]
ROOT = os.getuid() == 0
PYTHON = "/usr/bin/python3"
CASES = []

# What members do. A server says its name to who connects; whoever asks it, answers in one line of JSON.
TOOLS = """
import ctypes, json, os, socket, sys, threading
def serve(says, port=80, host="::"):
    s = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, dualstack_ipv6=host == "::")
    def loop():
        while True:
            c, _ = s.accept()
            c.sendall(says.encode())
            c.close()
    threading.Thread(target=loop, daemon=True).start()
def ask(host, port=80):
    try:
        with socket.create_connection((host, port), timeout=5) as c:
            return c.recv(100).decode()
    except OSError as error:
        return type(error).__name__ + " " + str(error.errno)
def addresses(name):
    return sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)})
def tell(value):
    print(json.dumps(value), flush=True)
def answer():
    tell("ready")
    for line in sys.stdin:
        tell(eval(line))
"""


def case(function):
    """A test case: its docstring says what holds."""
    CASES.append(function)
    return function


def equal(value, wanted):
    assert value == wanted, f"{value!r} is not {wanted!r}"


def eventually(question, seconds=10):
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)
    return answer


class Member:
    """A sandbox that answers what it is asked."""

    def __init__(self, pod, name, code="", network="", more=""):
        self.process = subprocess.Popen(pod.command(name, TOOLS + code + "\nanswer()", network, more), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=pod.environment,
                                        start_new_session=True)
        pod.members.append(self)

    def ready(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        equal(json.loads(line), "ready")
        return self

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        equal(self.process.wait(10), 0)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Pod:
    """A pod of a name that nobody else has, and what is left of it."""

    number = 0

    def __init__(self, share="addresses", beside=None):
        Pod.number += 1
        self.name, self.share = f"test-{os.getpid()}-{Pod.number}", share
        self.place = beside.place if beside else pathlib.Path(tempfile.mkdtemp(prefix="nsrun-pod-", dir="/run" if ROOT else None))
        self.environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": str(self.place), "XDG_RUNTIME_DIR": str(self.place)}
        self.directory = (pathlib.Path("/run/nsrun/.pods") if ROOT else self.place / "nsrun/.pods") / self.name
        self.members = []

    def __enter__(self):
        return self

    def __exit__(self, *failed):
        for member in self.members:
            if member.process.poll() is None:
                member.kill()
        if not failed[0]:
            self.is_gone()
        self.kill_holders()
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, name, code, network="", more=""):
        file = self.place / f"{len(list(self.place.glob('*.toml')))}.toml"
        own = "" if "[network]\n" in more else "[network]\n"
        file.write_text(f'schema = 1\nname = "{name}"\n{more}\n{own}mode = "pod"\n'
                        f'[network.pod]\nname = "{self.name}"\nshare = "{self.share}"\n{network}\n')
        return [NSRUN, "--profile", file, "--", PYTHON, "-c", code]

    def member(self, name, code="", network="", more=""):
        return Member(self, name, code, network, more).ready()

    def refused(self, name, network="", more=""):
        """What a sandbox is told that cannot be a member."""
        done = subprocess.run(self.command(name, "", network, more), env=self.environment, capture_output=True, text=True, timeout=30)
        equal(done.returncode, 125)
        return done.stderr

    def holders(self):
        """The processes that hold it."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().rstrip(b"\0").decode(errors="replace")
                dead = (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
            except OSError:
                continue
            if words == f"nsrun-pod {self.name}" and not dead:
                found.append(int(process.name))
        return found

    def kill_holders(self):
        """Kills them, and waits until nothing is locked by them any more."""
        for pid in self.holders():
            process = os.pidfd_open(pid)
            os.kill(pid, signal.SIGKILL)
            select.select([process], [], [], 10)
            os.close(process)

    def is_gone(self, seconds=0.5):
        eventually(lambda: not self.holders() and not self.directory.exists(), seconds)


def main():
    failed = 0
    for function in CASES:
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED: {function.__doc__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(CASES)} cases, {failed} failed")
    sys.exit(1 if failed or not CASES else 0)

