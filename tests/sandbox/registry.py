#!/usr/bin/env python3
"""Running sandboxes are listed, stale entries are seen as such, and others join them by name: separate programs with one
network, which lives while one of them lives."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from runs import ROOT, Place, case, case_of_root, children, equal, eventually, main

if ROOT:
    RUNTIME, LIST = pathlib.Path("/run"), pathlib.Path("/run/nsrun")
else:
    # An ordinary user's, as a login makes it.
    RUNTIME = pathlib.Path(tempfile.mkdtemp(prefix="nsrun-test-"))
    LIST = RUNTIME / "nsrun"
    os.environ["XDG_RUNTIME_DIR"] = str(RUNTIME)
OWN = f"t{os.getpid()}"  # no other test's sandboxes are called so
KINDS = ("user", "net", "ipc", "uts", "pid", "cgroup", "time")


def entry(name):
    """What the list says of a sandbox, by word; nothing when it has no such entry."""
    try:
        return dict(line.split(" ", 1) for line in (LIST / name).read_text().splitlines())
    except OSError:
        return {}


def command_of(name):
    """The command of a sandbox, once it executes."""
    first = entry(name).get("first")
    for pid in children(int(first)) if first else []:
        try:
            if pathlib.Path(f"/proc/{pid}/exe").readlink().name not in ("nsrun", ""):
                return pid
        except OSError:
            pass
    return None


class Running:
    """A sandbox that runs until the end of the block, listed as `name`."""

    def __init__(self, place, name, profile="", words=("sleep", "100000"), entry_name=None):
        self.name = f"{OWN}-{name}"
        self.nsrun = place.start(f'name = "{self.name}"\n' + profile, *words, stderr=subprocess.DEVNULL)
        self.entry_name = (entry_name or "{}").format(self.name, self.nsrun.pid)
        self.command = eventually(lambda: command_of(self.entry_name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.nsrun.kill()
        self.nsrun.wait()
        (LIST / self.entry_name).unlink(missing_ok=True)

    def namespace(self, kind):
        return os.readlink(f"/proc/{self.command}/ns/{kind}")


def number(link):
    return link.split("[")[1].rstrip("]")


@case
def listed():
    """a sandbox is listed with its first process and its namespaces while it runs, and gone from the list at its end"""
    with Place() as place:
        with Running(place, "web") as web:
            said = entry(web.name)
            equal(said["name"], web.name)
            equal(said["launcher"], str(web.nsrun.pid))
            equal([int(said["first"])], children(web.nsrun.pid))
            equal({kind for kind in said if kind in KINDS}, {"user", "net", "ipc", "uts", "pid", "cgroup"})
            equal((LIST / web.name).stat().st_mode & 0o777, 0o600)
            equal(LIST.stat().st_mode & 0o777, 0o700)
            os.kill(web.command, signal.SIGTERM)
            web.nsrun.wait()
            assert not (LIST / web.name).exists()
        failed = place.run(f'name = "{OWN}-bad"\n', "/no/such/program")
        equal(failed.status, 127, failed.output)
        assert not (LIST / f"{OWN}-bad").exists()


@case
def unlisted():
    """what leaves no nsrun behind, or has no place to be listed in, runs without being listed"""
    with Place() as place:
        before = sorted(LIST.iterdir()) if LIST.exists() else []
        in_place = '[process]\ninit = false\n[filesystem]\nproc = "none"\n'
        equal(place.run(f'name = "{OWN}-one"\nnamespaces = ["user", "mount", "net"]\n' + in_place, "ids").status, 0)
        if not ROOT:
            for runtime in ("/no/such/directory", "/tmp", "/"):
                equal(place.run(f'name = "{OWN}-two"\n', "ids", env={**os.environ, "XDG_RUNTIME_DIR": runtime}).status, 0, runtime)
        equal(sorted(LIST.iterdir()) if LIST.exists() else [], before)


@case
def stale():
    """what SIGKILL leaves in the list is seen as stale, and cleared away by the next sandbox that takes such a name"""
    with Place() as place:
        for name in ("old", "older"):
            with Running(place, name) as dead:
                dead.nsrun.kill()
                dead.nsrun.wait()
                text = (LIST / dead.name).read_bytes()
            (LIST / dead.name).write_bytes(text)
        refused = place.run(f'[join]\nnet = "{OWN}-old"\n', "ids")
        equal(refused.status, 125)
        assert f"no sandbox of yours called '{OWN}-old' is running [unknown-sandbox]" in refused.output, refused.output
        with Running(place, "old") as new:
            equal(entry(new.name)["launcher"], str(new.nsrun.pid))
            assert not (LIST / f"{OWN}-older").exists()


@case
def namesakes():
    """two sandboxes of one name are told apart by the pid of their nsrun"""
    with Place() as place, Running(place, "web") as one, Running(place, "web", entry_name="{}.{}") as other:
        either = place.run(f'[join]\nnet = "{one.name}"\n', "namespaces")
        equal(either.status, 125)
        assert f"2 sandboxes called '{one.name}' are running [ambiguous-sandbox]" in either.output, either.output
        for web in (one, other):
            inside = place.run(f'[join]\nnet = "{web.name}.{web.nsrun.pid}"\n', "namespaces")
            equal(inside.get("ns net"), web.namespace("net"), inside.output)


@case
def joined():
    """who joins a network by name has all the rest of its own, and nothing of its privileges"""
    with Place() as place, Running(place, "web") as web:
        inside = place.run(f'[join]\nnet = "{web.name}"\n', "namespaces", "privileges", "ids", "nested", "process")
        equal(inside.get("ns net"), web.namespace("net"), inside.output)
        for kind in ("ipc", "uts", "cgroup", "mnt"):
            assert inside[f"ns {kind}"] != web.namespace(kind), inside.output
        # Without root the user namespace that owns the network comes along.
        equal(inside["ns user"] == web.namespace("user"), not ROOT, inside.output)
        for name in ("permitted", "effective", "inheritable", "bounding", "ambient"):
            equal(inside[name], "0", inside.output)
        equal(inside["no_new_privs"], "1")
        equal(inside["seccomp"], "2")
        equal(inside["securebits"], str(0xef))
        equal(inside["uid"], str(os.getuid()))
        for name, wanted in {"unshare": "errno 1", "clone": "errno 1", "clone3": "errno 38", "mount": "errno 1", "setns": "errno 1"}.items():
            equal(inside[f"nested {name}"], wanted, inside.output)
        assert int(inside["pid"]) < 10, inside.output


@case
def every_kind():
    """each kind of namespace is joined by name, alone and all together"""
    namespaces = 'namespaces = ["user", "mount", "pid", "net", "ipc", "uts", "cgroup", "time"]\n'
    with Place() as place, Running(place, "web", namespaces) as web:
        for kinds in [[kind] for kind in KINDS] + [list(KINDS)]:
            profile = "[join]\n" + "".join(f'{kind} = "{web.name}"\n' for kind in kinds)
            if ROOT and "pid" in kinds and "user" not in kinds:
                profile += '[filesystem]\nproc = "none"\nro = ["/proc"]\n'  # a new one belongs to who owns the user namespace
            inside = place.run(profile, "namespaces")
            for kind in kinds:
                equal(inside.get(f"ns {kind}"), web.namespace(kind), f"{kinds}\n{inside.output}")


@case
def ids_of_another_map():
    """the ids of a joined sandbox hold: root of its map, and what it is to the host"""
    with Place() as place, Running(place, "web", '[ids]\nmap = "root"\n') as web:
        inside = place.run(f'[join]\nuser = "{web.name}"\nnet = "{web.name}"\n', "ids", "privileges", "namespaces")
        equal(inside.get("uid"), "0", inside.output)
        equal(inside["ns user"], web.namespace("user"))
        equal(inside["effective"], "0")


@case
def left_behind():
    """a namespace that the command has made since is not taken for the sandbox's"""
    words = ("/usr/bin/unshare", "--user", "--net", "/probe", "sleep", "100000")
    with Place() as place, Running(place, "web", "[security]\nnested-namespaces = true\n", words) as web:
        said = entry(web.name)
        eventually(lambda: number(web.namespace("net")) != said["net"])
        refused = place.run(f'[join]\nnet = "{web.name}"\n', "namespaces")
        equal(refused.status, 125)
        assert "can be found in its" in refused.output and "[unknown-sandbox]" in refused.output, refused.output


@case
def hidden():
    """no sandbox sees or changes the list, whatever it is shown of the directories above it"""
    with Place() as place, Running(place, "web") as web:
        for access in ("ro", "rw"):
            shown = f'[filesystem]\n{access} = ["{RUNTIME}"]\n' if not ROOT else f'[filesystem]\n{access} = ["/run"]\n'
            inside = place.run(shown, "list", LIST, "read", LIST / web.name, "write", LIST / "planted")
            assert inside.get(f"read {LIST / web.name}", "").startswith("errno"), inside.output
            assert inside[f"write {LIST / 'planted'}"].startswith("errno"), inside.output
            assert web.name not in inside[f"list {LIST}"], inside.output
        for access in ("ro", "rw"):
            refused = place.run(f'[filesystem]\n{access} = ["{LIST}"]\n', "ids")
            equal(refused.status, 125, refused.output)
        assert not (LIST / "planted").exists()


def serve(place, name, port, page, profile=""):
    """A sandbox whose command serves a page on a loopback address."""
    directory = place.path / page
    directory.mkdir()
    (directory / "index.html").write_text(page)
    words = ("/usr/bin/python3", "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", "/page")
    return Running(place, name, f'{profile}[filesystem]\nro = ["{directory}:/page"]\n', words)


def fetch(place, name, port):
    """What a sandbox that joins the network of `name` is served there."""
    words = ("/usr/bin/curl", "--silent", "--show-error", "--max-time", "5", f"http://127.0.0.1:{port}/")
    return place.run(f'[join]\nnet = "{name}"\n[network]\nmode = "join"\n', *words)


@case
def network_of_several():
    """separate programs share one loopback, and it stays while one of them stays, whichever ends first"""
    with Place() as place:
        with serve(place, "web", 8080, "first") as web:
            eventually(lambda: fetch(place, web.name, 8080).output == "first")
            with serve(place, "other", 8081, "second", f'[join]\nnet = "{web.name}"\n') as other:
                eventually(lambda: fetch(place, web.name, 8081).output == "second")
                equal(fetch(place, other.name, 8080).output, "first")
                # The one that made the network goes: the other goes on, and can be joined.
                web.nsrun.kill()
                web.nsrun.wait()
                equal(fetch(place, other.name, 8081).output, "second")
                assert fetch(place, other.name, 8080).status == 7, "its server is gone"
        with serve(place, "web", 8080, "third") as web:
            eventually(lambda: fetch(place, web.name, 8080).output == "third")
            with Running(place, "guest", f'[join]\nnet = "{web.name}"\n'):
                pass
            equal(fetch(place, web.name, 8080).output, "third")


@case
def nginx():
    """nginx serves in one sandbox what curl fetches in another"""
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        return
    with Place() as place:
        (place.path / "nginx.conf").write_text(
            "daemon off; error_log stderr; pid /tmp/pid; events {} http { access_log off; client_body_temp_path /tmp/b;\n"
            "proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;\n"
            'server { listen 127.0.0.1:8080; location / { return 200 "of nginx"; } } }\n')
        words = ("/usr/sbin/nginx", "-c", "/nginx.conf", "-e", "stderr")
        profile = f'[filesystem]\nro = ["{place.path}/nginx.conf:/nginx.conf"]\n'
        if ROOT:
            profile = '[security]\ncapabilities = ["setuid", "setgid"]\n' + profile
            (place.path / "nginx.conf").write_text("user root root; " + (place.path / "nginx.conf").read_text())
        with Running(place, "nginx", profile, words) as web:
            eventually(lambda: fetch(place, web.name, 8080).output == "of nginx")


@case_of_root
def without_user_namespace():
    """root joins by name without any user namespace, too"""
    with Place() as place, Running(place, "web", 'namespaces = ["mount", "pid", "net"]\n') as web:
        inside = place.run(f'namespaces = ["mount", "pid"]\n[join]\nnet = "{web.name}"\n', "namespaces", "privileges")
        equal(inside.get("ns net"), web.namespace("net"), inside.output)
        equal(inside["effective"], "0")


if __name__ == "__main__":
    try:
        main()
    finally:
        if not ROOT:
            shutil.rmtree(RUNTIME, ignore_errors=True)
