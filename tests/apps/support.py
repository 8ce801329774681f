"""What the tests of programs share: who runs, where, and how nsrun is called."""
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

PROFILES = pathlib.Path(__file__).resolve().parents[2] / "profiles"
SKIPPED = 77


def skip(reason):
    """Ends the test as skipped; as failed where NSRUN_MUST_SANDBOX=1."""
    print(f"skipped: {reason}")
    sys.exit(1 if os.environ.get("NSRUN_MUST_SANDBOX") == "1" else SKIPPED)


def need(*programs):
    for program in programs:
        if not shutil.which(program, path="/usr/bin:/usr/sbin"):
            skip(f"{program} is not installed")


def ordinary_user():
    """Who runs: the caller; for root the first user with subordinate ids, or NSRUN_TEST_USER."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    name = os.environ.get("NSRUN_TEST_USER")
    if not name:
        lines = pathlib.Path("/etc/subuid").read_text().splitlines() if os.path.exists("/etc/subuid") else []
        names = [line.split(":")[0] for line in lines]
        names = [name for name in names if not name.isdigit() and pwd.getpwnam(name).pw_uid >= 1000]
        if not names:
            skip("no ordinary user has subordinate ids")
        name = names[0]
    return pwd.getpwnam(name)


class Place:
    """A directory of the user's with a home and a working directory; gone at the end."""

    def __init__(self, nsrun):
        self.user = ordinary_user()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="nsrun-apps-", dir="/var/tmp"))
        self.home, self.work, self.out = (self.directory / name for name in ("home", "work", "out"))
        self.nsrun = self.directory / "nsrun"
        shutil.copy(nsrun, self.nsrun)
        shutil.copytree(PROFILES, self.directory / "profiles")
        for path in (self.home, self.work, self.out, self.home / ".ssh"):
            path.mkdir()
        (self.home / ".ssh" / "id_ed25519").write_text("a secret\n")
        for path in (self.directory, *self.directory.rglob("*")):
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self.directory.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory)

    def start(self, profile, *words):
        """Starts nsrun with a shipped profile as the user."""
        options = {}
        if os.getuid() == 0:
            options = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home),
            "USER": self.user.pw_name,
            "LANG": "C.UTF-8",
        }
        command = [str(self.nsrun), "--profile", str(self.directory / "profiles" / f"{profile}.toml"), *map(str, words)]
        return subprocess.Popen(
            command,
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def run(self, profile, *words, timeout=60, status=0):
        """Runs to the end and returns what was printed."""
        process = self.start(profile, *words)
        try:
            out, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            out, _ = process.communicate(timeout=20)
            raise AssertionError(f"still running after {timeout} s:\n{out}") from None
        assert process.returncode == status, f"exited with {process.returncode}, not {status}:\n{out}"
        return out


def descendants(pid):
    """The processes below one, by their /proc entries."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat[stat.rindex(")") + 2 :].split()[1])
        children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found
