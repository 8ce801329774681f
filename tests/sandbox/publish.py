#!/usr/bin/env python3
"""Published ports: who reaches a service of the sandbox through them, what is refused, and what is left of them."""
import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import threading
import time

from runs import ROOT, Place, alive, case, children, equal, eventually, main

PYTHON = "/usr/bin/python3"
SOON = 3  # seconds; it takes far less than half of one where the machine has nothing else to do
# A service that says what it hears, and where from: python3 -c SERVICE PROTOCOL ADDRESS PORT
SERVICE = """
import socket, sys, threading
protocol, address, port = sys.argv[1:4]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
def echo(peer):
    with peer:
        while text := peer.recv(1 << 16):
            peer.sendall(text)
if protocol == "udp":
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind((address, int(port)))
    print("ready", flush=True)
    while True:
        text, peer = server.recvfrom(1 << 16)
        server.sendto(text, peer)
server = socket.create_server((address, int(port)), family=family, backlog=512)
print("ready", flush=True)
while True:
    threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
"""


def free_port(kind=socket.SOCK_STREAM, address="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(place, publish, *service, profile="", **more):
    """nsrun with a service inside that listens by now."""
    rules = f"[network]\npublish = [{publish}]\n{profile}"
    nsrun = place.start(rules, PYTHON, "-c", SERVICE, *service, stdout=subprocess.PIPE, text=True, **more)
    try:
        equal(nsrun.stdout.readline(), "ready\n")
        yield nsrun
    finally:
        for pid in children(nsrun.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        nsrun.wait()


def connect(port, address="127.0.0.1"):
    return socket.create_connection((address, port), timeout=20)


def answers(port, address="127.0.0.1", text=b"hello"):
    with connect(port, address) as client:
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        heard = b""
        while part := client.recv(1 << 16):
            heard += part
        return heard == text


def is_closed(port, address="127.0.0.1"):
    try:
        connect(port, address).close()
        return False
    except ConnectionRefusedError:
        return True


def relay_of(nsrun):
    found = [pid for pid in children(nsrun.pid) if pathlib.Path(f"/proc/{pid}/comm").read_text() == "nsrun-relay\n"]
    equal(len(found), 1)
    return found[0]


def processor_time(pid):
    """In ticks, of which a second has a hundred."""
    return sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def gone(*pids):
    return not any(alive(pid) for pid in pids)


@case
def connections():
    """a service that listens to loopback alone is reached through a published port, over IPv4 and IPv6, also one that is pid 1"""
    with Place() as place:
        for outer in ("127.0.0.1", "127.0.0.7", "::1"):
            for inner in ("127.0.0.1", "::1", "0.0.0.0"):
                port = free_port(address=outer)
                written = f'"[{outer}]:{port}:8000"' if ":" in outer else f'"{outer}:{port}:8000"'
                profile = "[process]\ninit = false\n" if outer == "127.0.0.7" else ""
                with serving(place, written, "tcp", inner, "8000", profile=profile):
                    assert answers(port, outer), (outer, inner)
                    assert answers(port, outer, os.urandom(5 << 20)), (outer, inner)
                    # Where nothing else is said, the host's loopback alone is open.
                    if outer == "127.0.0.1":
                        assert is_closed(port, "127.0.0.2")
                        assert is_closed(port, "::1")
                eventually(lambda: is_closed(port, outer), SOON)


@case
def several():
    """several ports, of both protocols, are served at a time, and one on which nobody listens inside resets"""
    with Place() as place:
        tcp, udp, nobody = free_port(), free_port(socket.SOCK_DGRAM), free_port()
        with serving(place, f'"{tcp}:8000", "{udp}:8001/udp", "{nobody}:9"', "tcp", "127.0.0.1", "8000"):
            assert answers(tcp)
            try:
                with connect(nobody) as client:
                    equal(client.recv(1), "a reset")
            except ConnectionResetError:
                pass
        with serving(place, f'"{tcp}:8000", "{udp}:8001/udp"', "udp", "127.0.0.1", "8001"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(20)
                client.connect(("127.0.0.1", udp))
                for size in (0, 1, 1400, 65507):
                    text = os.urandom(size)
                    client.send(text)
                    assert client.recv(1 << 16) == text, size


@case
def datagrams():
    """datagrams of many clients find back to each, over IPv4 and IPv6, on one address and on all"""
    with Place() as place:
        for outer, reached in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.9"), ("::1", "::1"), ("::", "::1")):
            for inner in ("127.0.0.1", "::1"):
                port = free_port(socket.SOCK_DGRAM, outer)
                written = f'"[{outer}]:{port}:8000/udp"' if ":" in outer else f'"{outer}:{port}:8000/udp"'
                with serving(place, written, "udp", inner, "8000"), contextlib.ExitStack() as stack:
                    clients = []
                    for number in range(20):
                        client = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in reached else socket.AF_INET, socket.SOCK_DGRAM))
                        client.settimeout(20)
                        client.connect((reached, port))  # what comes from another address is not heard
                        client.send(f"{number}".encode())
                        clients.append(client)
                    for number, client in enumerate(clients):
                        equal(client.recv(100), f"{number}".encode(), (outer, inner))


@case
def refusals():
    """a port that cannot be opened is told with the line that asks for it and what to do, and nothing runs"""
    with Place() as place, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        trace = place.path / "trace"
        trace.mkdir()
        trace.chmod(0o777)
        wishes = [
            (f"{port}:80", f"listen on 127.0.0.1:{port}, tcp", f"ss -ltnp 'sport = :{port}'"),
            ("192.0.2.1:8080:80/udp", "listen on 192.0.2.1:8080, udp", "the host has no address 192.0.2.1"),
        ]
        first = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if not ROOT and first > 1:
            wishes.append((f"{first - 1}:80", f"listen on 127.0.0.1:{first - 1}, tcp", f"ports below {first} are root's"))
        for wish, what, remedy in wishes:
            done = place.run(f'[network]\npublish = ["{wish}"]\n[filesystem]\nrw = ["{trace}"]\n', "/usr/bin/touch", trace / "ran")
            equal(done.status, 125, done.output)
            for words in (what, remedy, ".toml:3:12: error", f'publish = ["{wish}"]', "step: publish protocol="):
                assert words in done.output, (words, done.output)
            assert not (trace / "ran").exists()


@case
def ends():
    """whatever ends first, soon the port is closed and no process left; without a relay the command goes on"""
    with Place() as place:
        for killed in ("nsrun", "nsrun, stopped", "pid 1", "command", "relay"):
            port = free_port()
            with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000") as nsrun:
                assert answers(port)
                kept = connect(port)
                relay = relay_of(nsrun)
                init = next(pid for pid in children(nsrun.pid) if pid != relay)
                command = children(init)[0]
                if "stopped" in killed:
                    nsrun.send_signal(signal.SIGSTOP)
                victim = {"relay": relay, "pid 1": init, "command": command}.get(killed, nsrun.pid)
                os.kill(victim, signal.SIGKILL)
                if killed == "relay":
                    eventually(lambda: is_closed(port), SOON)
                    with contextlib.suppress(ConnectionResetError):
                        equal(kept.recv(1), b"")
                    time.sleep(0.3)
                    equal(nsrun.poll(), None)
                    assert pathlib.Path(f"/proc/{command}").exists()
                    continue
                equal(nsrun.wait(), -9 if "nsrun" in killed else 137)
                eventually(lambda: is_closed(port) and gone(relay, init, command), SOON)
                kept.close()


@case
def outlives():
    """where the sandbox may outlive nsrun, so do its ports, and no longer"""
    with Place() as place:
        port = free_port()
        with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000", profile="[process]\ndie-with-parent = false\n") as nsrun:
            relay = relay_of(nsrun)
            init = next(pid for pid in children(nsrun.pid) if pid != relay)
            nsrun.kill()
            nsrun.wait()
            time.sleep(0.3)
            assert answers(port)
            os.kill(init, signal.SIGKILL)
            eventually(lambda: is_closed(port) and gone(relay), SOON)


@case
def privileges():
    """a relay has no capability, a filter, the sandbox's network, and next to no memory; nobody but root may look at it"""
    with Place() as place:
        port = free_port()
        with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000") as nsrun:
            relay = relay_of(nsrun)
            status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{relay}/status").read_text().splitlines() if ":\t" in line)
            for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"):
                equal(int(status[name], 16), 0, name)
            equal((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            equal(pathlib.Path(f"/proc/{relay}/environ").stat().st_uid, 0)
            if not ROOT:
                try:
                    os.listdir(f"/proc/{relay}/fd")
                    assert False, "its descriptors are open to all"
                except PermissionError:
                    return
            init = next(pid for pid in children(nsrun.pid) if pid != relay)
            for kind in ("user", "net"):
                equal(os.readlink(f"/proc/{relay}/ns/{kind}"), os.readlink(f"/proc/{init}/ns/{kind}"), kind)
            files = [os.readlink(f"/proc/{relay}/fd/{number}") for number in os.listdir(f"/proc/{relay}/fd")]
            equal(sorted(name.split(":")[0] for name in files), ["anon_inode", "anon_inode", "socket"], files)
            assert answers(port, text=os.urandom(1 << 20))
            def proportion():
                lines = pathlib.Path(f"/proc/{relay}/smaps_rollup").read_text().splitlines()
                return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
            eventually(lambda: proportion() < 100, 5)


@case
def scarce():
    """with few descriptors clients wait for their turn, and nothing spins"""
    with Place() as place:
        port = free_port()
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120))
        with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000", preexec_fn=few) as nsrun:
            relay = relay_of(nsrun)
            clients = [connect(port) for _ in range(100)]
            for client in clients:
                client.sendall(b"x")
            time.sleep(0.2)
            before = processor_time(relay)
            time.sleep(1)
            assert processor_time(relay) - before <= 5, "it does not wait but spin"
            for client in clients:  # those that are served first go first
                client.settimeout(20)
                equal(client.recv(1), b"x")
                client.close()


@case
def exhausted():
    """a relay that gets no descriptors accepts nobody meanwhile, does not spin, and goes on where some become free"""
    with Place() as place:
        port = free_port()
        with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000") as nsrun:
            relay = relay_of(nsrun)
            resource.prlimit(relay, resource.RLIMIT_NOFILE, (23, 23))
            clients = [connect(port) for _ in range(40)]
            for client in clients:
                client.sendall(b"x")
            time.sleep(0.2)
            before = processor_time(relay)
            time.sleep(1)
            assert processor_time(relay) - before <= 5, "it does not wait but spin"
            for client in clients:
                client.settimeout(20)
                equal(client.recv(1), b"x")
                client.close()


@case
def crowd():
    """many clients at a time are each served in full"""
    with Place() as place:
        port = free_port()
        with serving(place, f'"{port}:8000"', "tcp", "127.0.0.1", "8000"):
            good = []
            def ask(number):
                for turn in range(10):
                    good.append(answers(port, text=bytes([number]) * (1 << (turn + 8))))
            threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            equal(good, [True] * 400)


@case
def nginx():
    """curl gets pages of nginx, the shipped profile's, through a published port"""
    with Place() as place:
        site = place.path / "site"
        site.mkdir()
        (site / "page").write_bytes(page := os.urandom(3 << 20))
        site.chmod(0o755)
        port = free_port()
        config = place.path / "nginx.conf"
        config.write_text(
            ("user root;\n" if ROOT else "")
            + "daemon off; worker_processes 2; pid /tmp/nginx.pid; error_log stderr;\nevents {}\nhttp { access_log off;\n"
            + "".join(f"{name}_temp_path /tmp/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + f"server {{ listen 127.0.0.1:8080; root {site}; }} }}\n"
        )
        rules = f'[network]\npublish = ["{port}:8080"]\n[filesystem]\nro = ["{site}", "{config}"]\ntmpfs = ["/var/log/nginx"]\n'
        nsrun = place.start(rules, "/usr/sbin/nginx", "-c", config, stderr=subprocess.DEVNULL)
        try:
            # A port is open before its service is: who comes so early is reset.
            ask = ["curl", "-sf", f"http://127.0.0.1:{port}/page"]
            eventually(lambda: subprocess.run(ask, capture_output=True, timeout=60).stdout == page)
            many = ["curl", "-sfZ", *[f"http://127.0.0.1:{port}/page"] * 20]
            equal(subprocess.run(many, capture_output=True, timeout=60).stdout.count(page[:64]), 20)
        finally:
            nsrun.terminate()
            nsrun.wait()


if __name__ == "__main__":
    main()
