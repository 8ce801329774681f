"""Runs inside a sandbox: tries to reach an address in every way that a program without privilege has, and says which did.

usage: client.py reach ADDRESS PORT... | around STOP... | ping ADDRESS... | many PORT | ports PORT | resolve NAME
"""
import socket
import struct
import sys

SOL_IP, SOL_IPV6 = 0, 41
SO_DONTROUTE, SO_BINDTODEVICE = 5, 25
IP_PKTINFO, IP_UNICAST_IF, IPV6_PKTINFO, IPV6_UNICAST_IF, IPV6_RTHDR = 8, 50, 50, 76, 57


def link():
    return socket.if_nametoindex("eth0")


def own_address(ipv6):
    """The address that a packet to everywhere leaves with."""
    with socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("2001:db8:7::7" if ipv6 else "203.0.113.7", 9))
        return probe.getsockname()[0]


def prepare(trial, way, ipv6):
    """Sets a socket up for a way; answers what goes beside each datagram."""
    if way in ("bound", "bound with address"):
        trial.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"eth0")
    if way == "bound to lo":
        trial.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo")
    if way == "by interface":
        level, option = (SOL_IPV6, IPV6_UNICAST_IF) if ipv6 else (SOL_IP, IP_UNICAST_IF)
        trial.setsockopt(level, option, struct.pack("!I", link()))
    if way == "not routed":
        trial.setsockopt(socket.SOL_SOCKET, SO_DONTROUTE, 1)
    if way in ("with address", "bound with address"):
        trial.bind((own_address(ipv6), 0))
    if way != "by packet":
        return []
    if ipv6:
        return [(SOL_IPV6, IPV6_PKTINFO, struct.pack("16sI", bytes(16), link()))]
    return [(SOL_IP, IP_PKTINFO, struct.pack("I4s4s", link(), bytes(4), bytes(4)))]


WAYS = ("plain", "bound", "bound to lo", "by interface", "by packet", "not routed", "with address", "bound with address")


def attempt(kind, way, address, port):
    ipv6 = ":" in address
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as trial:
        trial.settimeout(0.5)
        beside = prepare(trial, way, ipv6)
        place = (address, port, 0, link() if address.startswith(("fe80", "ff02")) else 0) if ipv6 else (address, port)
        if kind == "tcp":
            trial.connect(place)
        else:
            trial.sendmsg([b"hello"], beside, 0, place)
        return trial.recv(100).decode()


def reach(address, *ports):
    for port in map(int, ports):
        for kind in ("tcp", "udp"):
            for way in WAYS:
                try:
                    print(f"{kind} {way} {address} {port}: {attempt(kind, way, address, port)}")
                except OSError:
                    pass


def routing_header(stop):
    """A header of type 4 with one stop before the destination: rfc8754(7)."""
    return bytes([0, 4, 4, 1, 1, 0, 0, 0]) + socket.inet_pton(socket.AF_INET6, "2001:db8:7::7") + socket.inet_pton(socket.AF_INET6, stop)


def around(*stops):
    """Sends datagrams elsewhere by way of each stop."""
    for stop in stops:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.setsockopt(SOL_IPV6, IPV6_RTHDR, routing_header(stop))
            trial.sendto(bytes(300), ("2001:db8:7::7", 7000))


def ping(*addresses):
    for address in addresses:
        ipv6 = ":" in address
        with socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM,
                           socket.IPPROTO_ICMPV6 if ipv6 else socket.IPPROTO_ICMP) as trial:
            trial.settimeout(1)
            for _ in range(5):  # the first may be lost while neighbours find each other
                try:
                    trial.sendto(struct.pack("!BBHHH", 128 if ipv6 else 8, 0, 0, 0, 1) + b"hello", (address, 0))
                    answer, sender = trial.recvfrom(100)
                except TimeoutError:
                    continue
                print(f"ping {address}: {answer[8:].decode()} from {sender[0]}")
                break


def many(port):
    """Sends datagrams to many at once, in every way that needs no route."""
    for address in ("224.0.0.1", "224.0.0.251", "239.1.2.3", "255.255.255.255"):
        for way in (*WAYS, "multicast by interface"):
            with socket.socket(type=socket.SOCK_DGRAM) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                trial.setsockopt(SOL_IP, socket.IP_MULTICAST_IF, struct.pack("4s4sI", bytes(4), bytes(4), link() if way[0] == "m" else 0))
                try:
                    beside = prepare(trial, way, False)
                    trial.sendmsg([f"{address} {way}".encode()], beside, 0, (address, int(port)))
                except OSError:
                    pass


def ports(port):
    with socket.socket() as server:
        server.bind(("0.0.0.0", int(port)))
        print(f"bound: {port}")


def resolve(name):
    for answer in sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80)}):
        print(f"address: {answer}")


if __name__ == "__main__":
    {"reach": reach, "around": around, "ping": ping, "many": many, "ports": ports, "resolve": resolve}[sys.argv[1]](*sys.argv[2:])
    print("client: done")
