// Compiles the filters that every sandbox may get into constant arrays, when nsrun is built: at run time they cost
// nothing but their loading. The only file that knows libseccomp. Writes C++ to standard output.

#include <linux/filter.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace {

struct Releaser {
    void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Releaser>;

void require(int result, const char* what) {
    if (result >= 0) return;
    std::fprintf(stderr, "generate_filters: %s: error %d\n", what, -result);
    std::exit(1);
}

/// Refuses a system call altogether.
void refuse(const Filter& filter, int call, int error) {
    require(seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0, nullptr),
            "rule");
}

/// Refuses it when those bits of the argument have that value. The kernel reads 32 bits of these arguments: the others
/// are masked, or a caller could set one and pass (CVE-2019-10063).
void refuse_when(const Filter& filter, int call, unsigned argument, std::uint32_t mask, std::uint32_t value,
                 int error) {
    const scmp_arg_cmp comparison{argument, SCMP_CMP_MASKED_EQ, mask, value};
    require(seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 1, &comparison),
            "masked rule");
}

/// Calls of another architecture are killed, x32 among them: libseccomp's default, written down.
Filter allow_all() {
    Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) require(-ENOMEM, "init");
    require(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad architecture");
    return filter;
}

/// Every call kills but those that are allowed one by one.
Filter allow_none() {
    Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
    if (!filter) require(-ENOMEM, "init");
    require(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad architecture");
    require(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "a tree");
    return filter;
}

/// Allows a call whose arguments, 32 bits of each, have those values.
void allow(const Filter& filter, int call, std::vector<std::pair<unsigned, std::uint32_t>> arguments = {}) {
    std::vector<scmp_arg_cmp> comparisons;
    for (const auto& [argument, value] : arguments) comparisons.push_back({argument, SCMP_CMP_MASKED_EQ, 0xffffffff, value});
    require(seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, static_cast<unsigned>(comparisons.size()), comparisons.data()),
            "allowing rule");
}

/// What the loop of src/relay calls.
Filter relay() {
    Filter filter = allow_none();
    for (const int call : {SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recvmsg),
                           SCMP_SYS(sendmsg), SCMP_SYS(accept4), SCMP_SYS(connect), SCMP_SYS(shutdown), SCMP_SYS(close),
                           SCMP_SYS(clock_gettime), SCMP_SYS(exit_group)}) {
        allow(filter, call);
    }
    for (const unsigned family : {AF_INET, AF_INET6}) {
        for (const unsigned type : {SOCK_STREAM, SOCK_DGRAM}) {
            allow(filter, SCMP_SYS(socket), {{0, family}, {1, type | SOCK_NONBLOCK | SOCK_CLOEXEC}, {2, 0}});
        }
    }
    allow(filter, SCMP_SYS(setsockopt), {{1, IPPROTO_TCP}, {2, TCP_NODELAY}});
    allow(filter, SCMP_SYS(setsockopt), {{1, SOL_SOCKET}, {2, SO_LINGER}});
    allow(filter, SCMP_SYS(getsockopt), {{1, SOL_SOCKET}, {2, SO_ERROR}});
    allow(filter, SCMP_SYS(madvise), {{2, MADV_DONTNEED}});
    return filter;
}

void protect_terminal(const Filter& filter) {
    refuse_when(filter, SCMP_SYS(ioctl), 1, 0xffffffff, TIOCSTI, EPERM);
    refuse_when(filter, SCMP_SYS(ioctl), 1, 0xffffffff, TIOCLINUX, EPERM);
}

/// clone3 keeps its flags behind a pointer, where a filter cannot look. ENOSYS makes the C library fall back to clone.
void forbid_namespaces(const Filter& filter) {
    refuse_when(filter, SCMP_SYS(clone), 0, CLONE_NEWUSER, CLONE_NEWUSER, EPERM);
    refuse_when(filter, SCMP_SYS(unshare), 0, CLONE_NEWUSER, CLONE_NEWUSER, EPERM);
    refuse(filter, SCMP_SYS(clone3), ENOSYS);
    refuse(filter, SCMP_SYS(setns), EPERM);
}

void forbid_mounts(const Filter& filter) {
    constexpr int open_tree_attr = 467;  // younger than libseccomp 2.5.4; the same number on every architecture
    for (const int call : {SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(fsopen),
                           SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(open_tree),
                           SCMP_SYS(move_mount), SCMP_SYS(mount_setattr), open_tree_attr}) {
        refuse(filter, call, EPERM);
    }
}

/// A key that its owner's processes may all find is found by its number, whatever the session keyring and whatever the
/// user namespace: what is linked from there is possessed, and so read. keyrings(7).
void forbid_keys(const Filter& filter) {
    for (const int call : {SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl)}) refuse(filter, call, EPERM);
}

std::vector<sock_filter> compiled(const Filter& filter) {
    const int memory = memfd_create("filter", MFD_CLOEXEC);
    require(memory, "memfd_create");
    require(seccomp_export_bpf(filter.get(), memory), "export");
    const off_t size = lseek(memory, 0, SEEK_END);
    require(size > 0 && size % sizeof(sock_filter) == 0 ? 0 : -EINVAL, "size");
    std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
    require(pread(memory, program.data(), static_cast<std::size_t>(size), 0) == size ? 0 : -EIO, "read");
    close(memory);
    return program;
}

void write(const char* name, const Filter& filter) {
    const auto program = compiled(filter);
    std::printf("inline constexpr auto %s = std::to_array<sock_filter>({\n", name);
    for (const auto& line : program) {
        std::printf("    {0x%02x, %u, %u, 0x%08x},\n", unsigned{line.code}, unsigned{line.jt}, unsigned{line.jf},
                    line.k);
    }
    std::printf("});\n");
}

}  // namespace

int main(int count, char** words) {
    std::printf("// Made by filters/generate.cc.\n");
    if (count == 2 && std::strcmp(words[1], "relay") == 0) {
        write("relay_filter", relay());
        return 0;
    }
    // A filter of each kind, and the same with the caller's keys.
    for (const bool keys : {false, true}) {
        const Filter nested = allow_all();
        const Filter mounts = allow_all();
        const Filter strict = allow_all();
        for (const Filter* filter : {&nested, &mounts, &strict}) {
            protect_terminal(*filter);
            if (!keys) forbid_keys(*filter);
        }
        for (const Filter* filter : {&mounts, &strict}) forbid_namespaces(*filter);
        forbid_mounts(strict);
        write(keys ? "nested_keys_filter" : "nested_filter", nested);
        write(keys ? "mounts_keys_filter" : "mounts_filter", mounts);
        write(keys ? "strict_keys_filter" : "strict_filter", strict);
    }
    return 0;
}
