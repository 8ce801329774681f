#!/usr/bin/env python3
"""Namespaces of others that are joined: each really is another one, and the sandbox is in it."""
import os
import pathlib
import signal
import subprocess

from runs import ROOT, Place, alive, case, case_of_root, children, equal, eventually, main


class Target:
    """A process with namespaces of its own, made by unshare(1) with these options."""

    def __init__(self, *options):
        own = [] if ROOT else ["--user", "--map-root-user"]
        self.unshare = subprocess.Popen(["unshare", *own, *options, "--fork", "--kill-child", "sleep", "1000"])
        self.pid = eventually(lambda: next((pid for pid in children(self.unshare.pid) if self.runs_sleep(pid)), None))

    @staticmethod
    def runs_sleep(pid):
        return pathlib.Path(f"/proc/{pid}/comm").read_text() == "sleep\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unshare.kill()
        self.unshare.wait()

    def path(self, kind):
        return f"/proc/{self.pid}/ns/{kind}"

    def namespace(self, kind):
        """As a link of /proc/PID/ns says it; certain to be another than the caller's."""
        name = os.readlink(self.path(kind))
        assert name != os.readlink(f"/proc/self/ns/{kind}"), f"the target has no {kind} namespace of its own"
        return name

    def profile(self, *kinds):
        """A profile that joins these; an ordinary user needs the user namespace that owns them."""
        joins = [*kinds] if ROOT else ["user", *kinds]
        return "[join]\n" + "".join(f'{kind} = "{self.path(kind)}"\n' for kind in joins)


@case
def cgroup():
    """a cgroup namespace is joined"""
    with Target("--cgroup") as target, Place() as place:
        inside = place.run(target.profile("cgroup"), "namespaces")
        equal(inside.get("ns cgroup"), target.namespace("cgroup"), inside.output)
        assert place.run("", "namespaces")["ns cgroup"] not in (target.namespace("cgroup"), os.readlink("/proc/self/ns/cgroup"))


@case
def time():
    """a time namespace is joined, with its clocks"""
    ahead = 500_000
    with Target("--time", "--boottime", str(ahead)) as target, Place() as place:
        here = float(pathlib.Path("/proc/uptime").read_text().split()[0])
        inside = place.run(target.profile("time"), "namespaces", "clocks")
        equal(inside.get("ns time"), target.namespace("time"), inside.output)
        assert 0 <= int(inside["boottime"]) - int(here) - ahead < 60, inside.output
        # Without a child in between: nsrun itself becomes the command.
        in_place = 'namespaces = ["mount", "ipc", "uts"]\n' + target.profile("time") + '[network]\nmode = "host"\n[filesystem]\nproc = "none"\nro = ["/proc"]\n[process]\ninit = false\n'
        inside = place.run(in_place, "namespaces", "clocks")
        equal(inside.get("ns time"), target.namespace("time"), inside.output)
        assert 0 <= int(inside["boottime"]) - int(here) - ahead < 60, inside.output


@case_of_root
def bind_mount_of_a_namespace():
    """a network namespace that nobody is in any more is joined by the file that it is mounted on"""
    with Place() as place:
        file = place.path / "blue"
        file.touch()
        subprocess.run(["unshare", f"--net={file}", "sh", "-c", "echo 777 >/proc/sys/net/core/somaxconn"], check=True)
        try:
            number = file.stat().st_ino
            inside = place.run(f'[join]\nnet = "{file}"\n', "namespaces", "read", "/proc/sys/net/core/somaxconn")
            equal(inside.get("ns net"), f"net:[{number}]", inside.output)
            equal(inside["read /proc/sys/net/core/somaxconn"], "777|", inside.output)
            wrong = place.run(f'[join]\nipc = "{file}"\n', "ids")
            equal(wrong.status, 125)
            assert f"{file} is not a ipc namespace" in wrong.output, wrong.output
        finally:
            subprocess.run(["umount", file], check=True)


@case
def death_in_a_joined_pid_namespace():
    """in a pid namespace of another the sandbox dies with nsrun too, unless the profile lets it live"""
    with Target("--pid", "--mount-proc") as target, Place() as place:
        for lives in (False, True):
            profile = target.profile("pid") + '[filesystem]\nproc = "none"\n'
            profile += f"[process]\ndie-with-parent = {'false' if lives else 'true'}\n"
            nsrun = place.start(profile, "sleep", "100000")
            # Another child of nsrun's, which joins the namespaces and is gone at once, has none of its own.
            init, command = eventually(lambda: next(((pid, one) for pid in children(nsrun.pid) for one in children(pid)), None))
            # Until then its namespaces are nobody's to look at.
            eventually(lambda: pathlib.Path(f"/proc/{command}/comm").read_text() == "probe\n")
            equal(os.readlink(f"/proc/{command}/ns/pid"), target.namespace("pid"))
            nsrun.send_signal(signal.SIGKILL)
            nsrun.wait()
            if not lives:
                eventually(lambda: not alive(init) and not alive(command))
                continue
            # As long as it takes the other one to die many times over.
            try:
                eventually(lambda: not alive(command), seconds=0.5)
                raise SystemExit("the command died")
            except AssertionError:
                os.kill(command, signal.SIGKILL)
                eventually(lambda: not alive(init) and not alive(command))


if __name__ == "__main__":
    main()
