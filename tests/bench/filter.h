#pragma once
// The filter that the floor installs and that every launcher which takes a compiled one is given: no foreign system
// call table, no input pushed into a terminal, no second set of namespaces.
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__x86_64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define FILTER_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif
#define FILTER_REFUSE(errno_) (SECCOMP_RET_ERRNO | (errno_))
#define FILTER_NEW_NAMESPACES 0x7e020080u  // every CLONE_NEW* that clone(2) takes

static const struct sock_filter filter_program[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),  // the architecture
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCHITECTURE, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),  // the number
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),  // x32
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_unshare, 7, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 9, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_setns, 7, 0),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, __NR_open_tree, 9, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 8),  // ioctl: the low half of the request
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x5412, 3, 0),  // TIOCSTI
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x541c, 2, 4),  // TIOCLINUX
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),  // clone, unshare: the flags
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FILTER_NEW_NAMESPACES, 0, 2),
    BPF_STMT(BPF_RET | BPF_K, FILTER_REFUSE(1)),
    BPF_STMT(BPF_RET | BPF_K, FILTER_REFUSE(38)),  // clone3: glibc then uses clone
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 433, 1, 0),  // open_tree 428 .. fspick 433
    BPF_STMT(BPF_RET | BPF_K, FILTER_REFUSE(38)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 442, 0, 1),  // mount_setattr
    BPF_STMT(BPF_RET | BPF_K, FILTER_REFUSE(38)),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
