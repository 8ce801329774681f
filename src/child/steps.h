#pragma once
#include "child/calls.h"
#include "child/child.h"

#include <string_view>

/// What the files of this room share: the state of a setup, and one run() for each step.
namespace nsrun::child {

inline constexpr int detach_mount = 2;  ///< MNT_DETACH, which only sys/mount.h names
inline constexpr unsigned at_recursive = 0x8000;

inline Outcome done() noexcept { return {}; }
inline Outcome refused(Call which, long answer) noexcept { return {which, static_cast<int>(-answer)}; }

/// A setup as far as it has come.
struct Setup {
    const Given& given;
    std::size_t step = 0;      ///< index of the step that runs
    int root = -1;             ///< what targets are resolved in
    int new_root = -1;         ///< of mount_root, until pivot_root
    int proc = -1;             ///< the host's procfs, its magic number checked
    int mask_file = -1;        ///< a mount to clone for the next masked file
    int mask_directory = -1;
    Held parent{};                   ///< the directory that something was created in last; -1: none that is still known
    std::string_view parent_path{};  ///< its path
    bool parent_shared = false;      ///< it is a directory of the host that other sandboxes of the profile have, too
    const char* made = nullptr;      ///< the name in `parent` of what the last step created; null: nothing
    std::size_t own_mounts = 0;  ///< how many of given.own_mounts are filled
    std::uint32_t uid = 0, gid = 0;  ///< whom files are created as
    bool propagation_set = false;
    bool file_systems_made = false;
    bool umask_set = false;
};

// sources.cc

/// Opens every source of the plan in the host's tree, with the caller's own rights.
Outcome open_sources(Setup& setup) noexcept;

// file_systems.cc

/// Makes the overlays and kernel file systems of the plan, attached nowhere, while the host's tree is still here.
Outcome make_file_systems(Setup& setup) noexcept;

// mounts.cc

/// The attributes of a mount, read-only among them.
std::uint64_t with_access(const MountAttributes& attributes, Access access) noexcept;
/// What a bind mount is given before it is attached.
mount_attr attributes_of(const BindMount& step) noexcept;
/// Attaches `mount` to the place that `target` leads to inside the root.
Outcome attach(Setup& setup, int mount, const std::string& target) noexcept;

// scratch.cc

/// Makes a tmpfs and attaches it to `root` for a while.
Outcome open_scratch(int root, Held& tree) noexcept;
/// Detaches it again; what was cloned out of it stays. The working directory is the root afterwards.
Outcome close_scratch(const Setup& setup, const Held& tree) noexcept;
/// Clones what `name` leads to in `tree`, unwritable.
long clone_read_only(int tree, const char* name, std::uint64_t attributes) noexcept;

// files.cc

/// The name in `setup.parent` of what `target` leads to, when the last step created it there; null otherwise.
const char* just_made(const Setup& setup, std::string_view target) noexcept;
/// Forgets the last parent: something may be mounted over it.
void forget_parent(Setup& setup) noexcept;
/// Opens a directory whose path, "" for the root, is part of another and so not ended by a NUL.
long open_directory(int from, std::string_view path, std::uint64_t resolve) noexcept;
/// Opens a place inside the root; symbolic links stay inside.
long open_inside(const Setup& setup, const char* path, std::uint64_t flags) noexcept;
/// Notes the mount behind `descriptor` as one of the sandbox's own, so that files may be created on it. The mount and not
/// its file system counts: a link in it that leads to another part of the same file system leads to another mount.
void own(Setup& setup, int descriptor, bool shared = false) noexcept;

// enter.cc

/// Sends a message, with a descriptor when it is not negative.
long tell(int channel, const Message& message, int descriptor = -1) noexcept;
/// Receives a message; `descriptor` becomes the one beside it, or -1. Answers 0 at the end of the channel.
long hear(int channel, Message& message, int& descriptor) noexcept;
/// True when nobody holds the other end of the channel.
bool alone(int channel) noexcept;

// exec.cc

/// Gives the command its descriptors, mask and limits, and executes it. Returns only to say what failed.
Outcome execute(const Given& given) noexcept;

// init.cc

/// Stays as pid 1: forks the command, reaps, reports. Returns only when the command cannot be made.
Outcome reap(const Given& given) noexcept;

// enter.cc: NewSession, BecomeBuilder
Outcome run(Setup& setup, const NewSession& step) noexcept;
Outcome run(Setup& setup, const BecomeBuilder& step) noexcept;

// mounts.cc
Outcome run(Setup& setup, const SetPropagation& step) noexcept;
Outcome run(Setup& setup, const MountRoot& step) noexcept;
Outcome run(Setup& setup, const PivotRoot& step) noexcept;
Outcome run(Setup& setup, const BindMount& step) noexcept;
Outcome run(Setup& setup, const SetReadOnly& step) noexcept;

// file_systems.cc
Outcome run(Setup& setup, const MountTmpfs& step) noexcept;
Outcome run(Setup& setup, const MountKernelFs& step) noexcept;
Outcome run(Setup& setup, const MountOverlay& step) noexcept;

// mask.cc
Outcome run(Setup& setup, const Mask& step) noexcept;

// files.cc
Outcome run(Setup& setup, const MakeDirectory& step) noexcept;
Outcome run(Setup& setup, const MakeFile& step) noexcept;
Outcome run(Setup& setup, const MakeSymlink& step) noexcept;
Outcome run(Setup& setup, const ChangeDirectory& step) noexcept;

// kernel.cc
Outcome run(Setup& setup, const ForbidUserNamespaces& step) noexcept;
Outcome run(Setup& setup, const SetSysctl& step) noexcept;
Outcome run(Setup& setup, const SetHostname& step) noexcept;
Outcome run(Setup& setup, const SetDomainname& step) noexcept;
Outcome run(Setup& setup, const JoinSessionKeyring& step) noexcept;
Outcome run(Setup& setup, const SetUmask& step) noexcept;

// restrict.cc
Outcome run(Setup& setup, const SetGroups& step) noexcept;
Outcome run(Setup& setup, const SetIds& step) noexcept;
Outcome run(Setup& setup, const SetNoNewPrivileges& step) noexcept;
Outcome run(Setup& setup, const SetCapabilities& step) noexcept;
Outcome run(Setup& setup, const RestrictAbstractSockets& step) noexcept;
Outcome run(Setup& setup, const InstallFilter& step) noexcept;

// check.cc
Outcome run(Setup& setup, const CheckSelf& step) noexcept;

}  // namespace nsrun::child
