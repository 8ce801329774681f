#!/usr/bin/env python3
"""Every #include against the table of rooms: who may know whom, and which one file speaks to a library."""
import re

from tree import ROOT, finish, lines, tracked

# Room: the other rooms whose headers it may name, or single headers of them. include/nsrun is open to all.
PURE_BASE = {"base/address.h", "base/nearest.h", "base/pattern.h", "base/utf8.h"}  # none knows the system
ROOMS = {
    "nsrun": set(),
    "base": set(),
    "profile": PURE_BASE,
    "plan": PURE_BASE,
    "load": {"base"},
    "registry": {"base"},
    "host": {"base", "registry"},
    "child": {"base/fd.h"},
    "network": {"base"},
    "relay": {"base", "child/calls.h"},
    "pod": {"base", "network"},
    "parent": {"base", "child", "network", "pod", "registry", "relay"},
    "doc": {"base", "profile/keys.h", "cli/options.h", "cli/help.h"},
    "cli": {"base", "profile/keys.h", "load", "host", "parent", "doc"},
}

# Header (or its first part): the only files of src/ that may include it, or the room where libnl's many objects live.
LIBRARIES = {
    "toml++": {"src/profile/toml.cc"},
    "nlohmann": {"src/base/json.cc"},
    "seccomp.h": {"src/plan/seccomp.cc", "src/plan/filters/generate.cc"},
    "netlink": {"src/network/"},
    "sys/capability.h": {"src/host/capabilities.cc"},
    "spdlog": {"src/cli/log.cc"},
    "doctest": set(),
}

# Programs that run when nsrun is built, and what they make: no part of the product.
BUILDERS = {"src/plan/filters/generate.cc"}
GENERATED = {"filter_programs.inc", "relay_filter.inc"}

STANDARD = set("""algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes
climits cmath compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem forward_list fstream functional future
initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location
span sstream stack stdexcept stop_token streambuf string string_view syncstream system_error thread tuple type_traits typeindex
typeinfo unordered_map unordered_set utility valarray variant vector version""".split())
POSIX = set("""alloca.h dirent.h elf.h endian.h errno.h fcntl.h features.h fnmatch.h ftw.h getopt.h glob.h grp.h ifaddrs.h
limits.h link.h malloc.h mntent.h netdb.h poll.h pthread.h pty.h pwd.h sched.h setjmp.h shadow.h signal.h spawn.h stddef.h stdint.h stdio.h
stdlib.h string.h syslog.h termios.h time.h unistd.h utmp.h wchar.h""".split())
SYSTEM_PARTS = {"sys", "linux", "asm", "net", "netinet", "arpa"}

# What starts slowly or drags locales in; nowhere in the product.
HEAVY = {"iostream", "fstream", "sstream", "iomanip", "ostream", "istream", "locale", "regex", "filesystem", "thread", "future"}

# Pure rooms may know the kernel's numbers, never its calls.
PURE = {"profile", "plan", "nsrun"}
NUMBERS = {"sys/syscall.h", "signal.h", "errno.h", "limits.h", "stdint.h", "stddef.h", "elf.h", "arpa/inet.h"}  # the last: inet_pton(3), a parser
# The child neither formats nor allocates.
NOT_IN_CHILD = {"cstdio", "stdio.h", "fmt", "memory", "new", "functional", "map", "unordered_map", "mutex"}


def exists(header):
    return (ROOT / "src" / header).is_file() or (ROOT / "include" / header).is_file()


def refusal(file, room, header):
    """Why `file` may not include `header`; nothing when it may."""
    first = header.split("/")[0]
    if first in ROOMS and "/" in header:
        if not exists(header):
            return "there is no such header"
        if first in ("nsrun", room) or first in ROOMS[room] or header in ROOMS[room]:
            return None
        return f"{room} does not know {first}"
    for library, files in LIBRARIES.items():
        if library in (header, first):
            return None if str(file) in files or f"src/{room}/" in files else f"only {', '.join(sorted(files)) or 'tests'} may include it"
    if header in GENERATED or (str(file) in BUILDERS and (first in SYSTEM_PARTS or header in POSIX)):
        return None
    if header in HEAVY:
        return "the product does without it: it costs start-up time"
    if room == "child" and (header in NOT_IN_CHILD or first in NOT_IN_CHILD):
        return "the child neither allocates nor formats"
    if header in STANDARD or first == "fmt":
        return None
    if first in SYSTEM_PARTS or header in POSIX:
        if room in PURE and not (first in ("linux", "asm") or header in NUMBERS):
            return f"{room} makes no system calls"
        return None
    return "not in the table of libraries"


def main():
    problems, checked = [], 0
    for file in tracked(".h", ".cc"):
        if file.parts[0] == "src" and len(file.parts) > 2:
            room = file.parts[1]
        elif file.parts[:2] == ("include", "nsrun"):
            room = "nsrun"
        else:
            room = None
        text = lines(file)
        if file.suffix == ".h" and not any(line.startswith("#pragma once") for line in text):
            problems.append(f"{file}:1: a header begins with #pragma once")
        if room is not None and room not in ROOMS:
            problems.append(f"{file}:1: the room {room} is not in the table")
            continue
        for number, line in enumerate(text, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            checked += 1
            header = found[2]
            if header.startswith("../") or "/../" in header:
                problems.append(f"{file}:{number}: {header}: say the path from src/ or include/")
            elif room is None:
                local = found[1] == '"' and not (ROOT / file.parent / header).is_file() and not (ROOT / "tests" / header).is_file()
                if local and not exists(header):
                    problems.append(f"{file}:{number}: {header}: there is no such header")
            elif why := refusal(file, room, header):
                problems.append(f"{file}:{number}: {header}: {why}")
    finish(problems, checked)


main()
