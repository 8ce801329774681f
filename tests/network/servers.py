"""The services of a test network: on two ports, TCP and UDP, a server that says its name; on port 53 a resolver.

usage: servers.py NAME RESOLVER-ADDRESS...
"""
import socket
import struct
import sys
import threading

IPV6_V6ONLY = 26
IP_PKTINFO, IPV6_RECVPKTINFO, IPV6_PKTINFO = 8, 49, 50
OPEN, LOCAL = 7000, 7001
ANSWERS = {1: socket.inet_aton("203.0.113.7"), 28: socket.inet_pton(socket.AF_INET6, "2001:db8:7::7")}


def listening(address, port, kind):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, IPV6_V6ONLY, 1)
    server.bind((address, port))
    return server


def tcp(name, address, port):
    server = listening(address, port, socket.SOCK_STREAM)
    server.listen(64)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(name)


def udp(name, address, port):
    server = listening(address, port, socket.SOCK_DGRAM)
    level, option = (socket.IPPROTO_IPV6, IPV6_RECVPKTINFO) if ":" in address else (socket.IPPROTO_IP, IP_PKTINFO)
    server.setsockopt(level, option, 1)
    while True:
        _, beside, _, sender = server.recvmsg(2000, 100)
        server.sendmsg([name], [answer_from(*entry) for entry in beside], 0, sender)


def answer_from(level, kind, info):
    """The address that was asked, for the answer to come from: an answer from elsewhere is nobody's, and is dropped."""
    if level == socket.IPPROTO_IPV6:
        return level, IPV6_PKTINFO, info
    asked = info[4:8]
    return level, kind, bytes(4) + asked + bytes(4)


def resolver(address):
    """Answers every question for an address: it is the same host's."""
    server = listening(address, 53, socket.SOCK_DGRAM)
    while True:
        question, sender = server.recvfrom(2000)
        end = question.index(0, 12) + 5
        (kind,) = struct.unpack("!H", question[end - 4:end - 2])
        record = ANSWERS.get(kind)
        header = question[:2] + struct.pack("!HHHHH", 0x8180, 1, 1 if record else 0, 0, 0)
        answer = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(record)) + record if record else b""
        server.sendto(header + question[12:end] + answer, sender)


def main():
    name = sys.argv[1].encode()
    tasks = [(run, (name, address, port)) for run in (tcp, udp)
             for address, port in (("0.0.0.0", OPEN), ("::", OPEN), ("127.0.0.1", LOCAL), ("::1", LOCAL))]
    for run, words in tasks + [(resolver, (address,)) for address in sys.argv[2:]]:
        threading.Thread(target=run, args=words, daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


main()
