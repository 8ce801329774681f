// The floor: what the kernel itself asks for the isolation that nsrun gives by default. No C library, no parser, one
// clone3, and for each thing the fewest system calls that Linux 6.1 has. Launchers are measured as ratios to it.
//
//   floor [STEP...] -- COMMAND [ARGUMENT...]
//   d PATH            makes a directory              l PATH TARGET     makes a symbolic link
//   r SOURCE TARGET   binds a directory, read-only   f SOURCE TARGET   binds a file, read-only
//   w SOURCE TARGET   binds a directory, writable    t TARGET          mounts a tmpfs
// Always there: a read-only tmpfs as root, /proc, a minimal /dev, /tmp, and every fence of nsrun's default profile.
#include "raw.h"

#include "clock.h"
#include "filter.h"

#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/sockios.h>

// The wrappers of these live in headers of the C library.
enum {
    ms_rdonly = 1, ms_nosuid = 2, ms_nodev = 4, ms_noexec = 8, ms_rec = 16384, ms_private = 1 << 18,
    mnt_detach = 2, o_creat = 0100, o_wronly = 1, o_cloexec = 02000000, at_recursive = 0x8000, at_empty_path = 0x1000,
    af_inet = 2, sock_dgram = 2, last_capability = 40,
    sig_kill = 9, sig_child = 17, interface_up = 1,
};

static const unsigned long sealed = ms_nosuid | ms_nodev;

#define MUST(call)                               \
    ({                                           \
        long result_ = (call);                   \
        if (result_ < 0) stop(#call, result_);   \
        result_;                                 \
    })

static void say(const char* text) { RAW(write, 2, text, length(text)); }

static void __attribute__((noreturn)) stop(const char* what, long result) {
    char number[24];
    *put_number(number, (uint64_t)-result) = 0;
    say("floor: ");
    say(what);
    say(": errno ");
    say(number);
    say("\n");
    for (;;) RAW(exit_group, 125);
}

static void write_file(const char* path, const char* text) {
    long file = MUST(RAW(openat, AT_FDCWD, path, o_wronly | o_cloexec));
    MUST(RAW(write, file, text, length(text)));
    RAW(close, file);
}

static void map_self(const char* path, long id) {
    char line[48], *end = put_number(line, (uint64_t)id);
    end = put(put_number(put(end, " "), (uint64_t)id), " 1");
    *end = 0;
    write_file(path, line);
}

static void map_ids(long uid, long gid) {
    CLOCK_WHAT("ids");
    write_file("/proc/self/setgroups", "deny");
    map_self("/proc/self/uid_map", uid);
    map_self("/proc/self/gid_map", gid);
}

/// Clones the mount tree at `source`; it hangs nowhere yet.
static long clone_tree(const char* source, uint64_t attributes, unsigned long recursive) {
    long tree = MUST(RAW(open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | o_cloexec | recursive));
    if (attributes) {
        struct mount_attr attr = {.attr_set = attributes};
        MUST(RAW(mount_setattr, tree, "", at_empty_path | recursive, &attr, sizeof attr));
    }
    return tree;
}

static void attach(long tree, const char* target) {
    MUST(RAW(move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
    RAW(close, tree);
}

static void make_file(const char* path) {
    RAW(close, MUST(RAW(openat, AT_FDCWD, path, o_creat | o_wronly | o_cloexec, 0644)));
}

static const char* const devices[] = {"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom", "dev/tty"};
enum { device_count = sizeof devices / sizeof *devices };
static const char* const device_paths[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                           "/dev/random", "/dev/urandom", "/dev/tty"};

/// In the new root, which is the working directory; the host's tree is still at `/`.
static void build_dev(void) {
    CLOCK_WHAT("dev");
    MUST(RAW(mkdirat, AT_FDCWD, "dev", 0755));
    MUST(RAW(mkdirat, AT_FDCWD, "dev/pts", 0755));
    MUST(RAW(mkdirat, AT_FDCWD, "dev/shm", 01777));
    MUST(RAW(mkdirat, AT_FDCWD, "tmp", 01777));
    for (int n = 0; n < device_count; n++) {
        make_file(devices[n]);
        // One mount(2) instead of open_tree and move_mount: the target's parents are ours alone.
        MUST(RAW(mount, device_paths[n], devices[n], 0, 4096 /* MS_BIND */, 0));
    }
    MUST(RAW(symlinkat, "pts/ptmx", AT_FDCWD, "dev/ptmx"));
    MUST(RAW(symlinkat, "/proc/self/fd", AT_FDCWD, "dev/fd"));
    MUST(RAW(symlinkat, "/proc/self/fd/0", AT_FDCWD, "dev/stdin"));
    MUST(RAW(symlinkat, "/proc/self/fd/1", AT_FDCWD, "dev/stdout"));
    MUST(RAW(symlinkat, "/proc/self/fd/2", AT_FDCWD, "dev/stderr"));
    MUST(RAW(mount, "devpts", "dev/pts", "devpts", ms_nosuid | ms_noexec, "newinstance,ptmxmode=0666,mode=620"));
    MUST(RAW(mount, "tmpfs", "dev/shm", "tmpfs", sealed, "mode=1777"));
    MUST(RAW(mount, "tmpfs", "tmp", "tmpfs", sealed, "mode=1777"));
}

static int is_bind(char step) { return step == 'r' || step == 'w' || step == 'f'; }
static int words(char step) { return step == 'd' || step == 't' ? 2 : 3; }

/// The steps of the command line: sources are cloned while the host is still there, targets made when it is gone.
static void open_sources(char** steps, int* trees) {
    const uint64_t fixed = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    CLOCK_WHAT("sources");
    for (; *steps; steps += words(**steps))
        if (is_bind(**steps))
            *trees++ = (int)clone_tree(steps[1], **steps == 'w' ? fixed : fixed | MOUNT_ATTR_RDONLY,
                                       **steps == 'f' ? 0 : at_recursive);
}

static void place(char** steps, const int* trees) {
    CLOCK_WHAT("targets");
    for (; *steps; steps += words(**steps)) {
        const char* path = steps[is_bind(**steps) ? 2 : 1];
        if (**steps == 'l')
            MUST(RAW(symlinkat, steps[2], AT_FDCWD, path));
        else if (**steps == 'f')
            make_file(path);
        else
            MUST(RAW(mkdirat, AT_FDCWD, path, 0755));
        if (**steps == 't') MUST(RAW(mount, "tmpfs", path, "tmpfs", sealed, "mode=0755"));
        if (is_bind(**steps)) attach(*trees++, path);
    }
}

static void build_root(char** steps, int* trees) {
    CLOCK_WHAT("root");
    MUST(RAW(mount, "none", "/", 0, ms_rec | ms_private, 0));
    write_file("/proc/sys/user/max_user_namespaces", "0");
    open_sources(steps, trees);
    CLOCK_WHAT("root");
    MUST(RAW(mount, "tmpfs", "/tmp", "tmpfs", sealed, "mode=0755"));
    MUST(RAW(chdir, "/tmp"));
    build_dev();
    CLOCK_WHAT("proc");
    MUST(RAW(mkdirat, AT_FDCWD, "proc", 0755));
    MUST(RAW(mount, "proc", "proc", "proc", sealed | ms_noexec, 0));
    CLOCK_WHAT("pivot");
    MUST(RAW(pivot_root, ".", "."));
    MUST(RAW(umount2, ".", mnt_detach));
    place(steps, trees);
    CLOCK_WHAT("root");
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    MUST(RAW(mount_setattr, AT_FDCWD, "/", 0, &read_only, sizeof read_only));
    MUST(RAW(chdir, "/"));
}

static void set_up_network(void) {
    CLOCK_WHAT("lo");
    struct { char name[16]; short flags; char rest[22]; } lo = {.name = "lo", .flags = interface_up};  // struct ifreq
    long control = MUST(RAW(socket, af_inet, sock_dgram | o_cloexec, 0));
    MUST(RAW(ioctl, control, SIOCSIFFLAGS, &lo));
    RAW(close, control);
}

static void drop_privileges(void) {
    CLOCK_WHAT("privileges");
    MUST(RAW(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    for (int cap = 0; cap <= last_capability; cap++) RAW(prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
    MUST(RAW(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    MUST(RAW(prctl, PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0));
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    MUST(RAW(capset, &header, none));
    CLOCK_WHAT("filter");
    struct sock_fprog program = {sizeof filter_program / sizeof *filter_program, (struct sock_filter*)filter_program};
    MUST(RAW(seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

/// Pid 1: starts the command, reaps whatever is left to it, ends as the command does.
static void __attribute__((noreturn)) init(char** command, char** environment) {
    CLOCK_WHAT("command");
    long child = MUST(RAW(clone, sig_child, 0, 0, 0, 0));
    if (child == 0) {
        MUST(RAW(close_range, 3, ~0u, 0));
        CLOCK_PRINT("child", 0);
        stop("exec", RAW(execve, command[0], command, environment));
    }
    RAW(close_range, 0, ~0u, 0);
    for (;;) {
        int status = 0;
        long ended = RAW(wait4, -1, &status, 0, 0);
        if (ended == child || ended < 0)
            RAW(exit_group, (status & 0x7f) ? 128 + (status & 0x7f) : (status >> 8) & 0xff);
    }
}

static void __attribute__((noreturn)) enter(char** steps, int* trees, char** command, char** environment,
                                             long uid, long gid) {
    CLOCK_WHAT("process");
    MUST(RAW(prctl, PR_SET_PDEATHSIG, sig_kill, 0, 0, 0));
    MUST(RAW(setsid));
    map_ids(uid, gid);
    // Not before the maps: the files of a process that cannot be dumped belong to root.
    MUST(RAW(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0));
    set_up_network();
    CLOCK_WHAT("process");
    MUST(RAW(sethostname, "floor", 5));
    MUST(RAW(keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0));
    build_root(steps, trees);
    drop_privileges();
    init(command, environment);
}

void begin(long* stack) {
    CLOCK_ZERO();
    long count = *stack;
    char** arguments = (char**)(stack + 1);
    char** steps = arguments + 1;
    char** command = steps;
    while (*command && !same(*command, "--")) command++;
    if (!*command || !command[1]) stop("usage: floor [STEP...] -- COMMAND", -22);
    *command++ = 0;
    int trees[count];  // more than enough: a bind takes three words

    struct clone_args how = {.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                                      CLONE_NEWUTS | CLONE_NEWCGROUP,
                             .exit_signal = sig_child};
    long uid = RAW(geteuid), gid = RAW(getegid);  // the child knows itself only as the overflow id
    int before = CLOCK_USED();
    CLOCK_WHAT("clone");
    long child = MUST(RAW(clone3, &how, sizeof how));
    if (child == 0) enter(steps, trees, command, arguments + count + 1, uid, gid);
    (void)before;
    int status = 0;
    CLOCK_WHAT("wait");
    MUST(RAW(wait4, child, &status, 0, 0));
    CLOCK_PRINT("parent", before);
    RAW(exit_group, (status & 0x7f) ? 128 + (status & 0x7f) : (status >> 8) & 0xff);
    __builtin_unreachable();
}
