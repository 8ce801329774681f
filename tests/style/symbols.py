#!/usr/bin/env python3
"""What the objects of a room call, read from their symbol tables.

usage: symbols.py pure OBJECT...      no call that reaches the system
       symbols.py child OBJECT...     no call that is not in child_symbols.txt
       symbols.py resident OBJECT...  no call at all beyond these objects, and no code or data outside of their one section
"""
import fnmatch
import pathlib
import re
import subprocess
import sys

from tree import allowances, finish

# Calls that ask or change the machine, by the names of libc. A room that decides must be told, not look.
SYSTEM = """_exit accept* access acct bind bpf brk capget capset chdir chmod chown chroot clock_* clone* close close_range
closedir connect creat daemon dl* dup dup2 dup3 epoll_* euidaccess eventfd exec* exit faccessat fallocate fanotify_* fchdir
fchmod* fchown* fcntl* fdopen* flock fopen* fork freopen* fstat* fsync ftruncate* ftw* getaddrinfo getauxval getc getchar
getcwd get_current_dir_name getdents* getdelim getdomainname getegid getentropy getenv geteuid getgid getgr* getgroups
gethost* getline getlogin* getpgid getpid getppid getpriority getpw* getrandom getresgid getresuid getrlimit* getrusage
getsid getsockname getsockopt gettid gettimeofday getuid glob glob64 *xattr if_nametoindex initgroups inotify_* ioctl
isatty kill lchown link linkat listen lseek* lstat* madvise memfd_create mkdir* mkfifo* mknod* mkstemp* mmap* mount*
mprotect mremap munmap nanosleep nftw* open open64 open_tree openat* opendir* pause perror personality pidfd_* pipe* pivot_root
poll popen ppoll prctl pread* printf prlimit* process_vm_* pselect pthread_create ptrace putenv pwrite* quotactl raise
rand random read readdir* readlink* readv realpath reboot recv* remove rename* rmdir sbrk scandir* sched_* secure_getenv
select send* setdomainname setegid setenv seteuid setgid setgroups setgr* sethostname setns setpgid setpriority setpw*
setregid setresgid setresuid setreuid setrlimit* setsid setsockopt setuid sigaction signal signalfd sigprocmask sleep
socket* splice spawn* posix_spawn* stat* statfs* statvfs* statx swapon swapoff symlink* sync* syscall sysconf sysctl
sysinfo syslog system tcget* tcset* time timer* tmpfile* truncate* ttyname* umask umount* uname unlink* unsetenv unshare
uselib usleep utime* vfork vmsplice wait* write writev
_ZNSt10filesystem* _ZNSt14basic_ifstream* _ZNSt14basic_ofstream* _ZNSt6chrono*now* environ __environ stdin stdout stderr
_ZN6spdlog*""".split()

# Debugging and hardening of the compiler itself.
COMPILER = ["__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_guard", "__asan_*", "__ubsan_*", "__sanitizer_*",
            "__start_*", "__stop_*"]


def undefined(library):
    """Object to the names it leaves to others, and all names that the library defines."""
    text = subprocess.run(["nm", "-g", "-f", "posix", library], capture_output=True, text=True, check=True).stdout
    calls, defined, member = {}, set(), pathlib.Path(library).name
    for line in text.splitlines():
        if heading := re.match(r".*\[(.+)\]:$", line) or re.match(r"(\S+\.o):$", line):
            member = heading[1]
            continue
        words = line.split()
        if len(words) >= 2 and words[1] in "Uwv":
            calls.setdefault(member, set()).add(words[0])
        elif len(words) >= 2:
            defined.add(words[0])
    return calls, defined


def elsewhere(library):
    """The sections of an object that hold something which is gone when a relay serves."""
    text = subprocess.run(["readelf", "-SW", library], capture_output=True, text=True, check=True).stdout
    for name, kind, size in re.findall(r"\]\s+(\.\S+)\s+(PROGBITS|NOBITS)\s+\S+\s+\S+\s+(\S+)", text):
        if int(size, 16) and not name.startswith((".debug", ".comment", ".note", ".eh_frame")):
            yield name


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("pure", "child", "resident"):
        sys.exit(__doc__)
    kind, problems, checked, calls, defined = sys.argv[1], [], 0, {}, set()
    allowed = {} if kind == "resident" else allowances("child_symbols.txt" if kind == "child" else "pure_symbols.txt")
    for library in sys.argv[2:]:
        if kind == "resident":
            problems += [f"{pathlib.Path(library).name}: {name}: code and constants that do not stay" for name in elsewhere(library)]
        more, names = undefined(library)
        calls.update(more)
        defined |= names
    for member, names in sorted(calls.items()):
        for name in sorted(names):
            checked += 1
            if kind == "pure":
                bare = re.sub(r"^__(.*)_chk$|^__isoc\d+_(.*)$", lambda found: found[1] or found[2], name)
                if matches(bare, SYSTEM) and not matches(f"{member.removesuffix('.o')}:{bare}", allowed):
                    problems.append(f"{member}: {name}: a pure room does not call the system")
            elif kind == "resident" and name not in defined:
                problems.append(f"{member}: {name}: what stays of a relay calls nothing else")
            elif kind == "child" and name not in defined and not matches(name, COMPILER) and not matches(name, allowed):
                problems.append(f"{member}: {name}: not in tests/style/child_symbols.txt")
    finish(problems, checked)


main()
