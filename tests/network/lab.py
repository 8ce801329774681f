"""A host and an internet to test in: two network namespaces of our own, joined by a veth pair, with servers in both."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

NSRUN = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
USER = pwd.getpwnam(os.environ.get("NSRUN_TEST_USER", "nsrun-test"))
CASES = []


def case(function):
    """A test case: its docstring says what holds."""
    CASES.append(function)
    return function


def quiet(*words):
    subprocess.run(words, check=True, capture_output=True)


class Lab:
    """`host`, where nsrun runs, and behind it `internet`. Both are gone at the end, with all that runs in them."""

    ADDRESSES = ("198.51.100.2", "2001:db8:1::2")

    def __init__(self):
        self.host, self.internet = (f"nsrun-{kind}-{os.getpid()}" for kind in ("host", "net"))
        self.servers = []
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="nsrun-network-", dir="/run"))
        self.place.chmod(0o755)

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        shutil.copy(HERE / "client.py", self.place)
        for name in (self.host, self.internet):
            quiet("ip", "netns", "add", name)
            quiet("ip", "-n", name, "link", "set", "lo", "up")
        quiet("ip", "link", "add", "wan0", "netns", self.host, "type", "veth", "peer", "name", "lan0", "netns", self.internet)
        for name, link, ipv4, ipv6 in ((self.host, "wan0", *self.ADDRESSES), (self.internet, "lan0", "198.51.100.1", "2001:db8:1::1")):
            quiet("ip", "-n", name, "address", "add", f"{ipv4}/24", "dev", link)
            quiet("ip", "-n", name, "address", "add", f"{ipv6}/64", "dev", link, "nodad")
            quiet("ip", "-n", name, "link", "set", link, "up")
        quiet("ip", "-n", self.internet, "address", "add", "203.0.113.7/32", "dev", "lo")
        quiet("ip", "-n", self.internet, "address", "add", "2001:db8:7::7/128", "dev", "lo")
        self.connect()
        # A helper answers pings by sockets that the kernel gives to these groups.
        self.inside(self.host, "sh", "-c", "echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range")
        self.serve(self.host, "HOST", "127.0.0.53")
        self.serve(self.internet, "INTERNET", "203.0.113.7", "2001:db8:7::7")

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
            server.wait()
        for name in (self.host, self.internet):
            for pid in self.processes(name):
                os.kill(pid, signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
        shutil.rmtree(self.place, ignore_errors=True)

    def connect(self):
        quiet("ip", "-n", self.host, "route", "add", "default", "via", "198.51.100.1")
        quiet("ip", "-n", self.host, "-6", "route", "add", "default", "via", "2001:db8:1::1")

    def disconnect(self):
        quiet("ip", "-n", self.host, "route", "delete", "default")
        quiet("ip", "-n", self.host, "-6", "route", "delete", "default")

    @staticmethod
    def inside(name, *words):
        quiet("ip", "netns", "exec", name, *words)

    def serve(self, name, says, *resolvers):
        server = subprocess.Popen(["ip", "netns", "exec", name, PYTHON, HERE / "servers.py", says, *resolvers], stdout=subprocess.PIPE)
        self.servers.append(server)
        assert server.stdout.readline() == b"ready\n"

    def processes(self, name=None):
        """Who is in a network namespace, the servers aside."""
        listing = subprocess.run(["ip", "netns", "pids", name or self.host], capture_output=True, text=True)
        ours = {server.pid for server in self.servers}
        return [int(pid) for pid in listing.stdout.split() if int(pid) not in ours]

    def link_local(self):
        listing = subprocess.run(["ip", "-n", self.host, "-6", "-o", "address", "show", "dev", "wan0", "scope", "link"],
                                 capture_output=True, text=True)
        return listing.stdout.split("inet6 ")[1].split("/")[0]

    def command(self, profile, *words, user=True, options=(), resolver="203.0.113.7", helper="pasta", tun="0666", client=True):
        """The words that start nsrun on the host, with a /dev/net/tun as udev makes it: this machine may have none so."""
        file = self.place / f"{len(list(self.place.glob('*.toml')))}.toml"
        file.write_text("schema = 1\n" + profile)
        (self.place / "resolv.conf").write_text(f"nameserver {resolver}\n")
        prepare = ["mkdir -p /dev/net", "mount -t tmpfs tmpfs /dev/net", "mknod /dev/net/tun c 10 200", f"chmod {tun} /dev/net/tun",
                   f"mount --bind {self.place}/resolv.conf /etc/resolv.conf"]
        hidden = {"pasta": [], "slirp4netns": ["/usr/bin/pasta"], None: ["/usr/bin/pasta", "/usr/bin/slirp4netns"]}[helper]
        prepare += [f"mount --bind /dev/null {path}" for path in hidden]
        become = ["setpriv", f"--reuid={USER.pw_uid}", f"--regid={USER.pw_gid}", "--clear-groups", "--reset-env"] if user else []
        return ["ip", "netns", "exec", self.host, "unshare", "--mount", "--propagation", "private", "sh", "-c",
                " && ".join(prepare) + ' && exec "$@"', "sh", *become, NSRUN, *options, "--profile", str(file),
                *(["--ro", f"{self.place}/client.py:/client.py"] if client else []), "--", *map(str, words)]

    def run(self, profile, *words, **more):
        return subprocess.run(self.command(profile, *words, **more), capture_output=True, text=True, timeout=120, cwd="/")

    def killed_at(self, message, profile, **more):
        """Runs a sandbox whose nsrun is killed as it sends this message to the kernel, counted from 1; whether it sent as many."""
        words = list(map(str, self.command(profile, "/bin/true", **more)))
        place = words.index(str(NSRUN))
        words[place:place] = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=sendmsg", "-e", f"inject=sendmsg:signal=KILL:when={message}"]
        return subprocess.run(words, capture_output=True, timeout=60, cwd="/").returncode == -signal.SIGKILL

    def client(self, profile, *words, **more):
        done = self.run(profile, PYTHON, "/client.py", *words, **more)
        assert "client: done" in done.stdout, done.stdout + done.stderr
        return done.stdout

    def start(self, profile, *words, **more):
        return subprocess.Popen(self.command(profile, *words, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")


def equal(value, wanted, beside=""):
    assert value == wanted, f"{value!r} is not {wanted!r}\n{beside}"


def eventually(question, seconds=10):
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)
    return answer


def main():
    if os.getuid() != 0:
        print("skipped: only root makes the networks to test in")
        sys.exit(77)
    failed = 0
    wanted = sys.argv[2:]
    with Lab() as lab:
        for function in CASES:
            if wanted and function.__name__ not in wanted:
                continue
            try:
                function(lab)
            except Exception:
                failed += 1
                print(f"FAILED: {function.__doc__}\n{traceback.format_exc()}")
            left = lab.processes()
            if left:
                failed += 1
                print(f"FAILED: {function.__name__} left processes behind: {left}")
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
    print(f"{len(CASES)} cases, {failed} failed")
    sys.exit(1 if failed or not CASES else 0)
