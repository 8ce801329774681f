#!/usr/bin/env python3
"""Mode "private": interfaces of a sandbox's own, made by root on a host and before an internet of the test's own."""
import json
import pathlib
import random
import signal
import subprocess
import time

from lab import PYTHON, case, equal, eventually, main, quiet

PROFILES = pathlib.Path(__file__).resolve().parents[2] / "profiles"
# A range that is nobody's here: root may take it without being given it.
IDS = "".join(f"{key} = [{{ inside = 0, outside = 3000000, count = 65536 }}]\n" for key in ("uid-map", "gid-map"))
IDS = f'[ids]\nmap = "explicit"\n{IDS}'
FORWARDING = ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
IN_NGINX = "nginx -g 'daemon off; error_log stderr;'"


def profile(name, interface, extends=None):
    lines = [f'extends = ["{PROFILES / extends}"]' if extends else "", f'hostname = "{name}"', "[network]", 'mode = "private"']
    return "\n".join(lines) + "\n" + "".join(f"[[network.interface]]\n{one}\n" for one in interface)


def on_bridge(number, more="", bridge="web0"):
    return (f'name = "eth0"\nbridge = "{bridge}"\naddress = ["10.31.0.{number}/24", "fd31::{number}/64"]\n'
            f'gateway = ["10.31.0.1", "fd31::1"]\n{more}')


def on_host(lab, *words, check=True):
    done = subprocess.run(["ip", "netns", "exec", lab.host, *words], capture_output=True, text=True, timeout=30)
    assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def links(lab):
    return {link["ifname"] for link in json.loads(on_host(lab, "ip", "-json", "link"))}


def fetch(lab, address):
    return on_host(lab, "curl", "-fsS", "--noproxy", "*", "--max-time", "5", f"http://{address}/", check=False)


def nothing_left(lab):
    """No interface but the host's, no table, no process that is not the lab's."""
    eventually(lambda: links(lab) == {"lo", "wan0"} and not lab.processes(), seconds=0.5)
    equal(on_host(lab, "nft", "list", "tables"), "")


def ended(lab, *sandboxes):
    for sandbox in sandboxes:
        sandbox.send_signal(signal.SIGTERM)
    for sandbox in sandboxes:
        sandbox.communicate(timeout=20)
    nothing_left(lab)


@case
def two_hosts(lab):
    """a bridge of another network namespace that sees the same /run is another bridge"""
    other = f"{lab.host}-other"
    quiet("ip", "netns", "add", other)
    try:
        sandbox = lab.start(profile("a", [on_bridge(2)]), "sleep", "60", user=False)
        eventually(lambda: "web0" in links(lab))
        words = lab.command(profile("b", [on_bridge(2)]), "true", user=False)
        words[words.index(lab.host)] = other
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, cwd="/")
        equal([done.returncode, done.stderr], [0, ""])
        eventually(lambda: "web0" not in subprocess.run(["ip", "-n", other, "link"], capture_output=True, text=True).stdout, 0.5)
        assert "web0" in links(lab)
        ended(lab, sandbox)
        for host in (lab.host, other):
            inode = subprocess.run(["ip", "netns", "exec", host, "stat", "-Lc", "%i", "/proc/self/ns/net"], capture_output=True, text=True)
            assert not pathlib.Path(f"/run/nsrun/bridges/web0.{inode.stdout.strip()}.lock").exists()
    finally:
        quiet("ip", "netns", "delete", other)


@case
def picture(lab):
    """two nginx on one bridge serve port 80 each: the host reaches both, they reach each other, each has its own loopback"""
    sandboxes = []
    for name, number in (("a", 2), ("b", 3)):
        page = lab.place / name
        page.mkdir()
        (page / "index.html").write_text(f"this is {name}\n")
        text = profile(name, [on_bridge(number)], extends="nginx.toml") + IDS
        sandboxes.append(lab.start(text, "sh", "-c", IN_NGINX, user=False, options=("--ro", f"{page}:/var/www/html")))
    for name, number in (("a", 2), ("b", 3)):
        for address in (f"10.31.0.{number}", f"[fd31::{number}]"):
            eventually(lambda: fetch(lab, address) == f"this is {name}\n")
    ask = "curl -fsS http://10.31.0.2/ http://[fd31::3]/; curl -sS http://127.0.0.1/ || true; getent hosts c"
    done = lab.run(profile("c", [on_bridge(4)]), "sh", "-c", ask, user=False)
    assert done.stdout.startswith("this is a\nthis is b\n"), done.stdout + done.stderr
    assert "this is" not in done.stdout[len("this is a\nthis is b\n"):], done.stdout
    assert "10.31.0.4" in done.stdout or "fd31::4" in done.stdout, done.stdout
    assert "web0" in links(lab)
    # The bridge stays for the other one.
    sandboxes[0].send_signal(signal.SIGTERM)
    sandboxes[0].communicate(timeout=20)
    equal(fetch(lab, "10.31.0.3"), "this is b\n")
    ended(lab, sandboxes[1])


@case
def nat(lab):
    """with nat the internet is reached, sees the host's address, and cannot tell the sandbox"""
    for setting in FORWARDING:
        on_host(lab, "sysctl", "-qw", setting)
    text = profile("a", [on_bridge(2, "nat = true")])
    for kind, *addresses in (("tcp", "203.0.113.7", "2001:db8:7::7"), ("udp", "198.51.100.1", "2001:db8:1::1")):
        for address in addresses:
            output = lab.client(text, "reach", address, 7000, user=False)
            assert f"{kind} plain {address} 7000: INTERNET" in output, output
    sandbox = lab.start(text, "sleep", "100", user=False)
    eventually(lambda: "masquerade" in on_host(lab, "nft", "list", "ruleset"))
    rules = on_host(lab, "nft", "list", "ruleset")
    assert "10.31.0.0/24" in rules and "fd31::/64" in rules, rules
    sandbox.kill()
    sandbox.communicate()
    nothing_left(lab)


@case
def alone(lab):
    """a veth without a bridge has its gateway on the host's end, and the names and numbers that were asked for"""
    text = profile("a", ['name = "net7"\npeer-name = "ve-a"\naddress = ["10.32.0.2/30"]\ngateway = ["10.32.0.1"]\n'
                         'mac = "02:00:00:00:00:07"\nmtu = 1400\nroutes = [{ to = "10.99.0.0/16", via = "10.32.0.1", metric = 7 }]'])
    script = ("cat /sys/class/net/net7/address /sys/class/net/net7/mtu; cat /proc/net/route; "
              f"{PYTHON} -c 'import socket; s=socket.create_server((\"10.32.0.2\", 80)); c,_=s.accept(); c.sendall(b\"hi\")'")
    sandbox = lab.start(text + '[filesystem]\nsys = "ro"\n', "sh", "-c", script, user=False)
    eventually(lambda: on_host(lab, "sh", "-c", "exec 3<>/dev/tcp/10.32.0.2/80", check=False) is not None and "ve-a" in links(lab))
    eventually(lambda: on_host(lab, "bash", "-c", "exec 3<>/dev/tcp/10.32.0.2/80 && cat <&3", check=False) == "hi")
    output, errors = sandbox.communicate(timeout=20)
    assert output.startswith("02:00:00:00:00:07\n1400\n"), output + errors
    assert "net7\t0000630A\t0100200A\t0003\t0\t0\t7" in output, output
    nothing_left(lab)


@case
def again(lab):
    """the name of the host's end is free when nsrun has ended, and what was sent before has arrived"""
    text = profile("a", ['name = "eth0"\npeer-name = "ve-a"\naddress = ["10.32.0.2/30"]\ngateway = ["10.32.0.1"]'])
    serve = ("import socket, time\ns = socket.create_server(('0.0.0.0', 9))\nfor late in (.3, .3, 4):\n"
             " c, _ = s.accept(); time.sleep(late); print(sum(len(d) for d in iter(lambda: c.recv(65536), b'')) if late < 4 else 0, flush=True)")
    server = subprocess.Popen(["ip", "netns", "exec", lab.host, *PYTHON.split(), "-c", serve], stdout=subprocess.PIPE, text=True)
    fill = ("import socket\ns = socket.create_connection(('10.32.0.1', 9)); s.setblocking(False)\n"
            "try:\n while True: s.send(bytes(9999))\nexcept BlockingIOError: pass")
    send = "import socket\nsocket.create_connection(('10.32.0.1', 9)).sendall(bytes(150000))"
    eventually(lambda: ":9 " in on_host(lab, "ss", "-ltn"))
    for script in (send, send, fill):
        started = time.monotonic()
        done = lab.run(text, *PYTHON.split(), "-c", script, user=False)
        equal((done.returncode, done.stderr), (0, ""))
        equal(links(lab), {"lo", "wan0"})
        assert time.monotonic() - started < 3, script
    equal(server.communicate(timeout=20)[0], "150000\n150000\n0\n")


@case
def macvlan(lab):
    """a macvlan is on the link of the host's interface with an address of its own"""
    text = profile("a", ['type = "macvlan"\nname = "eth0"\nparent = "wan0"\naddress = ["198.51.100.77/24"]\ngateway = ["198.51.100.1"]'])
    output = lab.client(text, "reach", "203.0.113.7", 7000, user=False)
    assert "tcp plain 203.0.113.7 7000: INTERNET" in output, output
    nothing_left(lab)


@case
def moved(lab):
    """an interface of the host that is moved in comes back when the sandbox ends"""
    quiet("ip", "link", "add", "ph0", "netns", lab.host, "type", "veth", "peer", "name", "ph1", "netns", lab.internet)
    text = profile("a", ['type = "phys"\nname = "wire"\nparent = "ph0"\naddress = ["10.33.0.2/24"]'])
    done = lab.run(text, "cat", "/proc/net/dev", user=False)
    assert "wire:" in done.stdout and "ph0" not in done.stdout, done.stdout + done.stderr
    assert "ph0" in links(lab)
    on_host(lab, "ip", "link", "delete", "ph0")


@case
def as_it_was(lab):
    """a lent interface comes back as it was, whatever the sandbox made of it"""
    on_host(lab, "ip", "link", "add", "ph0", "type", "veth", "peer", "name", "ph1")
    on_host(lab, "ip", "link", "property", "add", "dev", "ph0", "altname", "wire0")
    told = ("ifname", "address", "mtu", "flags", "altnames", "promiscuity")
    before, = json.loads(on_host(lab, "ip", "-details", "-json", "link", "show", "ph0"))
    text = profile("a", ['type = "phys"\nname = "wire"\nparent = "ph0"\n', 'type = "phys"\nname = "wire1"\nparent = "ph1"\n']) + \
        '[security]\ncapabilities = ["NET_ADMIN"]\nambient = ["NET_ADMIN"]\n'
    for change in ("address 02:de:ad:be:ef:01", "mtu 1280", "promisc on", "down && ip link set wire name mine", "property add dev wire altname wan0", "property add dev wire altname new0"):
        words = change if change.startswith("property") else f"set wire {change}"
        done = lab.run(text, "sh", "-c", f"ip link {words} && echo changed", user=False)
        equal(done.stdout, "changed\n", done.stderr)
        after, = json.loads(on_host(lab, "ip", "-details", "-json", "link", "show", "ph0"))
        equal({name: after.get(name) for name in told}, {name: before.get(name) for name in told}, change)
        equal(links(lab), {"lo", "wan0", "ph0", "ph1"})
    on_host(lab, "ip", "link", "delete", "ph0")


@case
def numbered(lab):
    """an interface of the host keeps the number that it has there, whichever numbers the others get"""
    quiet("ip", "link", "add", "ph0", "netns", lab.host, "index", "4", "type", "veth", "peer", "name", "ph1", "netns", lab.internet)
    text = profile("a", ['type = "phys"\nname = "wire"\nparent = "ph0"', 'name = "eth0"\naddress = ["10.36.0.2/24"]\ngateway = ["10.36.0.1"]',
                         'type = "bridge"\nname = "b0"\naddress = ["10.37.0.1/24"]'])
    done = lab.run(text, "cat", "/proc/net/dev", user=False)
    assert done.returncode == 0 and all(f"{name}:" in done.stdout for name in ("wire", "eth0", "b0")), done.stdout + done.stderr
    on_host(lab, "ip", "link", "delete", "ph0")


@case
def inside(lab):
    """a bridge inside needs nobody outside: an ordinary user makes it"""
    text = profile("a", ['type = "bridge"\nname = "br0"\naddress = ["10.34.0.1/24"]'])
    server = f"{PYTHON} -c 'import socket; socket.create_server((\"10.34.0.1\", 80)); print(\"bound\")'"
    for user in (True, False):
        done = lab.run(text, "sh", "-c", server, user=user)
        equal(done.stdout, "bound\n", done.stderr)


@case
def rare(lab):
    """a dummy, an ipvlan and a VLAN, where the kernel has them"""
    kinds = {"dummy": (["type", "dummy"], 'type = "dummy"\nname = "rare"\naddress = ["10.38.0.1/24"]', "10.38.0.1/24"),
             "ipvlan": (["link", "wan0", "type", "ipvlan"], 'type = "ipvlan"\nname = "rare"\nparent = "wan0"\naddress = ["198.51.100.78/24"]\n'
                        'gateway = ["198.51.100.1"]', "INTERNET"),
             "vlan": (["link", "wan0", "type", "vlan", "id", "9"], 'name = "rare"\nvlan = 9\naddress = ["10.39.0.1/24"]', "10.39.0.1/24")}
    for kind, (words, interface, wanted) in kinds.items():
        if subprocess.run(["ip", "-n", lab.host, "link", "add", "name", "rare0", *words], capture_output=True).returncode != 0:
            continue
        on_host(lab, "ip", "link", "delete", "rare0")
        if kind == "ipvlan":
            output = lab.client(profile("a", [interface]), "reach", "203.0.113.7", 7000, user=False)
        else:
            output = lab.run(profile("a", [interface]), "sh", "-c", "ip -o address show rare", user=False).stdout
        assert wanted in output, f"{kind}: {output}"
        nothing_left(lab)


@case
def refused(lab):
    """what the kernel refuses is told with its own words and the profile's line; nothing ran and nothing stays"""
    for kind in ("dummy", "ipvlan"):
        parent = 'parent = "wan0"\n' if kind == "ipvlan" else ""
        done = lab.run(profile("a", [f'type = "{kind}"\nname = "x0"\n{parent}']), "echo", "ran", user=False)
        if done.returncode == 0:
            continue  # this kernel has it
        equal(done.returncode, 125, done.stderr)
        equal(done.stdout, "")
        assert "Unknown device type" in done.stderr and ".toml:6:1" in done.stderr, done.stderr
    taken = lab.run(profile("a", [on_bridge(2), 'name = "eth1"\naddress = ["10.35.0.2/24"]\nroutes = [{ to = "10.31.0.0/24" }]']), "echo", "ran", user=False)
    equal(taken.returncode, 125, taken.stderr)
    assert "File exists" in taken.stderr or "EEXIST" in taken.stderr, taken.stderr
    nothing_left(lab)


@case
def counted(lab):
    """what went through an interface is told at the end"""
    text = profile("a", [on_bridge(2)])
    script = "ping -c 3 -i 0.01 10.31.0.1 >/dev/null || curl -s --max-time 1 http://10.31.0.1/"
    done = lab.run(text, "sh", "-c", script, user=False, options=("--status-fd", "1"))
    last = json.loads(done.stdout.splitlines()[-1])
    counts = last["network"]["eth0"]
    assert counts["sent_packets"] > 0 and counts["sent_bytes"] > 0, done.stdout + done.stderr
    nothing_left(lab)


@case
def limited(lab):
    """no more leaves or enters than egress and ingress let through"""
    text = profile("a", ['name = "eth0"\npeer-name = "ve-a"\naddress = ["10.32.0.2/30"]\ngateway = ["10.32.0.1"]\n'
                         'egress = "20mbit"\ningress = "40mbit"'])
    sender = "import socket,time; s=socket.create_server(('', 9000)); c,_=s.accept(); n=0; t=time.time()\n" \
             "while (d:=c.recv(65536)): n+=len(d)\n" \
             "c.sendall(b'%.3f' % (n*8/1e6/(time.time()-t)))"
    for way, limit in (("in", 40), ("out", 20)):
        if way == "in":
            sandbox = lab.start(text, PYTHON, "-c", sender, user=False)
            code = "import socket; s=socket.create_connection(('10.32.0.2', 9000)); s.sendall(bytes(3_000_000)); s.shutdown(1); print(s.recv(99).decode())"
            rate = eventually(lambda: on_host(lab, PYTHON, "-c", code, check=False).strip())
            sandbox.communicate(timeout=20)
        else:
            receiver = subprocess.Popen(["ip", "netns", "exec", lab.host, PYTHON, "-c", sender])
            lab.servers.append(receiver)
            code = "import socket,time\n" \
                   "for _ in range(100):\n  try: s=socket.create_connection(('10.32.0.1', 9000)); break\n  except OSError: time.sleep(.05)\n" \
                   "s.sendall(bytes(3_000_000)); s.shutdown(1); print(s.recv(99).decode())"
            done = lab.run(text, PYTHON, "-c", code, user=False)
            rate = done.stdout.strip()
            receiver.wait(timeout=10)
        assert 0.5 * limit < float(rate) < 1.25 * limit, f"{way}: {rate} Mbit/s of {limit}"
    nothing_left(lab)


@case
def no_router(lab):
    """a sandbox that may send raw packets does not become the host's router, nor gives it an address"""
    call = "import socket, struct, time\n" \
           "trial = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)\n" \
           "for option in (16, 18): trial.setsockopt(41, option, 255)\n" \
           "net = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:666::')\n" \
           "words = struct.pack('!BBHBBHII', 134, 0, 0, 64, 8, 1800, 0, 0) + net\n" \
           "for _ in range(30):\n" \
           "  try: trial.sendto(words, ('ff02::1', 0, 0, socket.if_nametoindex('eth0')))\n" \
           "  except OSError: pass\n" \
           "  time.sleep(.1)\n" \
           "print('called')\n"
    alone = 'name = "eth0"\naddress = ["10.32.0.2/30"]\ngateway = ["10.32.0.1"]\n'
    for interface in (alone, alone + 'peer-name = "ve-a"\n', on_bridge(2)):
        sandbox = lab.start(profile("a", [interface]) + '[security]\ncapabilities = ["NET_RAW"]\n', PYTHON, "-c", call, user=False)
        time.sleep(2.8)
        known = on_host(lab, "ip", "-6", "route") + on_host(lab, "ip", "-6", "address")
        output, errors = sandbox.communicate(timeout=20)
        equal(output, "called\n", errors)
        assert "2001:db8:666:" not in known and "proto ra" not in known, known
        nothing_left(lab)


@case
def killed(lab):
    """SIGKILL of nsrun at any moment leaves nothing half a second later"""
    for _ in range(25):
        text = profile("a", [on_bridge(2, "nat = true"), 'type = "macvlan"\nname = "lan"\nparent = "wan0"'])
        sandbox = lab.start(text, "sleep", "100", user=False)
        time.sleep(random.uniform(0.0, 0.12))
        sandbox.kill()
        sandbox.communicate()
        nothing_left(lab)


@case
def killed_at_every_step(lab):
    """SIGKILL at each message that nsrun sends to the kernel leaves nothing half a second later"""
    for setting in FORWARDING:
        on_host(lab, "sysctl", "-qw", setting)
    text = profile("a", [on_bridge(2, 'nat = true\negress = "1mbit"'), 'type = "macvlan"\nname = "lan"\nparent = "wan0"',
                         'type = "bridge"\nname = "b0"\naddress = ["10.37.0.1/24"]'])
    message = 1
    while lab.killed_at(message, text, user=False):
        nothing_left(lab)
        message += 1
    assert message > 20, message
    nothing_left(lab)


main()
