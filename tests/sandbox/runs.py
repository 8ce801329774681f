"""What the scripts share: profiles, nsrun started with them and the probe inside, and cases that are run one by one."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

NSRUN, PROBE = sys.argv[1:3]
ROOT = os.getuid() == 0
CASES = []


def case(function):
    """A test case: its docstring says what holds."""
    CASES.append(function)
    return function


def case_of_root(function):
    return case(function) if ROOT else function


class Answers(dict):
    """What the probe said, by name; its output and status."""

    def __init__(self, output, status=0):
        super().__init__(line.split(": ", 1) for line in output.splitlines() if ": " in line)
        self.output, self.status = output, status


class Place:
    """A directory that root's profiles can be trusted in; gone at the end."""

    def __init__(self, parent=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="nsrun-test-", dir=parent or ("/run" if ROOT else None)))
        self.path.chmod(0o755)
        shutil.copy(PROBE, self.path / "probe")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def command(self, profile, *words, options=()):
        """The words that start nsrun, by default with the probe as /probe."""
        file = self.path / f"{len(list(self.path.glob('*.toml')))}.toml"
        file.write_text("schema = 1\n" + profile)
        words = words if words and words[0].startswith("/") else ("/probe", *words)
        return [NSRUN, *options, "--profile", str(file), "--ro", f"{self.path}/probe:/probe", "--", *map(str, words)]

    def run(self, profile, *words, options=(), **more):
        done = subprocess.run(self.command(profile, *words, options=options), capture_output=True, text=True, timeout=60, **more)
        return Answers(done.stdout + done.stderr, done.returncode)

    def start(self, profile, *words, options=(), **more):
        return subprocess.Popen(self.command(profile, *words, options=options), **more)


def probe_outside(*words, **more):
    """What the same program says without a sandbox."""
    return Answers(subprocess.run([PROBE, *words], capture_output=True, text=True, timeout=60, **more).stdout)


def equal(value, wanted, beside=""):
    assert value == wanted, f"{value!r} is not {wanted!r}\n{beside}"


def eventually(question, seconds=10):
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)
    return answer


def children(pid):
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def main():
    failed = 0
    for function in CASES:
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED: {function.__doc__}\n{traceback.format_exc()}")
    print(f"{len(CASES)} cases, {failed} failed")
    sys.exit(1 if failed or not CASES else 0)
