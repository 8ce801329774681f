#pragma once
#include <nsrun/plan.h>

#include "child/report.h"

#include <sys/resource.h>

#include <cstdint>
#include <span>
#include <vector>

/// The half of a launch that happens between clone and exec. It executes a Plan and decides nothing. No allocation, no
/// libc beyond memory functions, no locks: only system calls on memory that the parent made ready.
namespace nsrun::child {

/// What one setup step opened in the host's tree before that tree goes.
struct Opened {
    int mount = -1;           ///< of a bind_mount, mount_root or mount_overlay
    std::vector<int> layers;  ///< of a mount_overlay: lower ones, upper, work; as many as there are
};

/// A mount that files may be created on.
struct OwnMount {
    std::uint64_t id = 0;
    bool shared = false;  ///< with other sandboxes of the profile: what is to be made may have appeared there meanwhile
};

/// Everything that the parent made ready. The child writes into `opened` and `own_mounts`, nowhere else.
struct Given {
    const Plan& plan;
    std::span<Opened> opened;            ///< one for each setup step
    std::span<OwnMount> own_mounts;      ///< room for one for each setup step
    std::span<const int> joins;          ///< one descriptor for each clone.joins
    std::span<char* const> argv;         ///< of the command; the last is null
    std::span<char* const> environment;  ///< of the command; the last is null
    std::uint64_t clone_flags = 0;       ///< CLONE_NEW* of clone.namespaces
    int channel = -1;                    ///< the child's end of the socket
    int launcher_end = -1;               ///< the parent's end, a copy that must go
    int birth = -1;                      ///< of a go-between: a pipe of its own, for the child may speak before it
    int null = -1;                       ///< /dev/null of the host
    std::uint64_t signal_mask = 0;       ///< the caller's, for the command
    rlimit64 descriptor_limit{};         ///< the caller's, for the command
    std::uint32_t umask = 0;             ///< the caller's, for the command
    std::span<char> words;               ///< nsrun's own argv and environ, wiped from pid 1
    int attacher = 0;                    ///< in place: the process that attaches from outside, to be reaped
    void* rseq = nullptr;                ///< what libc registered with rseq(2)
    unsigned rseq_size = 0;              ///< 0: nothing
    bool small_pages = false;            ///< memory is mapped in pages of 4 KiB; arm64 has kernels with larger ones
    bool awaits_map = false;             ///< the parent maps ids or hands mounts over
    bool awaits_attach = false;          ///< the parent configures the network
    bool opens_netlink = false;
    bool opens_tables = false;           ///< a second socket, of nf_tables
};

/// What refused, and with which errno; none when all is well.
struct Outcome {
    Call call = Call::none;
    int error = 0;
    std::int32_t step = at_entry;
    bool failed() const noexcept { return call != Call::none; }
};

/// Makes the sandbox's first process of a plan that joins namespaces: enters them, clones, tells the pid. Never returns.
[[noreturn]] void go_between(const Given& given) noexcept;

/// Lives as the sandbox's first process: sets up, executes or stays as pid 1. Never returns.
[[noreturn]] void live(const Given& given) noexcept;

/// Enters the joined and new namespaces with the calling process itself.
Outcome enter_in_place(const Given& given) noexcept;

/// Sets up and executes in the calling process; returns only to say what failed.
Outcome live_in_place(const Given& given) noexcept;

}  // namespace nsrun::child
