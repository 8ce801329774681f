#pragma once
#include <nsrun/enums.h>
#include <nsrun/profile.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// What the machine is like at the moment of planning: a snapshot, pure data. Facts improve messages and choose between
/// plans; they are never trusted for safety. Only src/host fills them.
namespace nsrun {

/// A version of the kernel or of nsrun.
struct Version {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    auto operator<=>(const Version&) const = default;
};

/// Who runs nsrun, from credentials(7) and the user database.
struct Caller {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups;  ///< supplementary, ascending
    std::string name;                   ///< the decimal uid when the database has none
    std::string group_name;
    std::string home;                   ///< HOME, else the database's; always absolute
    std::string shell;
    std::string cwd;                    ///< absolute; empty when unreachable
    bool has_sys_admin = false;         ///< CAP_SYS_ADMIN is effective: no user namespace is needed
    bool operator==(const Caller&) const = default;
};

/// The answers that shape a Document before it is decoded: variables and conditions. Source: environment, uname(2).
struct Context {
    Caller caller;
    std::vector<std::string> environment;  ///< "NAME=VALUE", as inherited
    std::string name;                      ///< ${NAME}: the profile's
    std::string instance;                  ///< ${INSTANCE}: the part after "@" of the profile's name
    std::string runtime_dir, config_home, data_home, state_home, cache_home;
    std::string registry;                  ///< the directory of the caller's running sandboxes; it may not exist
    std::vector<std::pair<std::string, std::string>> user_dirs;  ///< "DOWNLOADS" -> path, from user-dirs.dirs(5)
    Version kernel;
    std::vector<std::pair<std::string, bool>> exists;  ///< answers to exists(PATH), by expanded path
    std::vector<std::pair<std::string, bool>> has;     ///< answers to has(FACILITY)

    /// The value of an environment variable.
    std::optional<std::string_view> variable(std::string_view name) const;
    bool operator==(const Context&) const = default;
};

enum class PathKind : std::uint8_t { absent, file, directory, socket, character_device, block_device, fifo, denied };

/// What a path of the host leads to, symbolic links followed.
struct PathFact {
    PathKind kind = PathKind::absent;
    bool executable = false;       ///< by the caller
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mode = 0;        ///< permission bits
    bool in_mount_of_its_own = false;
    std::string link;              ///< what the path's last component says, when it is itself a symbolic link
    std::string real;              ///< realpath(3); empty when absent
    bool operator==(const PathFact&) const = default;
};

/// A user or group of the host that the sandbox should know by name.
struct Account {
    std::uint32_t id = 0;
    std::string name;
    std::uint32_t group = 0;  ///< users only
    std::string home, shell, description;
    bool operator==(const Account&) const = default;
};

/// Subordinate ids of the caller: `count` from `first`. Source: subuid(5), subgid(5).
struct SubordinateRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const SubordinateRange&) const = default;
};

/// A network interface of the host that a profile names.
enum class LinkKind : std::uint8_t {
    absent,
    bridge,
    own_bridge,  ///< made by nsrun, for sandboxes
    other,
};

/// What the directory of running sandboxes is to the caller.
enum class RegistryState : std::uint8_t {
    none,     ///< there is no place for it, or others than the caller could change it
    missing,  ///< it can be made
    ready,
};

/// A namespace of a running sandbox.
struct SandboxNamespace {
    Namespace kind = Namespace::net;
    std::uint64_t inode = 0;
    std::string path{};   ///< that leads to it, /proc/PID/ns/KIND; empty: nothing does
    bool closed = false;  ///< a process is in it, which the kernel does not let the caller trace
    bool operator==(const SandboxNamespace&) const = default;
};

/// A sandbox of the caller's that runs.
struct RunningSandbox {
    std::string name;
    std::uint32_t launcher = 0;                ///< pid of the nsrun that watches it
    std::vector<SandboxNamespace> namespaces{};  ///< of its own, or joined; only of those that were asked for by name
    bool operator==(const RunningSandbox&) const = default;
};

/// Lets texts be found by a part of another, without a copy of it.
struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

/// What the host has of a network, for a sandbox that goes out through it.
struct NetworkFacts {
    std::string pasta, slirp4netns;            ///< absolute paths; empty when not installed
    bool default_route = false;                ///< IPv4
    bool default_route6 = false;
    std::vector<std::string> addresses{};      ///< the host's own, of both kinds, as text; those of loopback left out
    PathKind tun = PathKind::character_device; ///< /dev/net/tun; denied when it is closed to the caller
    bool operator==(const NetworkFacts&) const = default;
};

/// The host's interfaces, as far as a profile's own ones stand on them.
struct InterfaceFacts {
    ByText<LinkKind> links;   ///< by name as asked for
    bool forwards4 = false;   ///< net.ipv4.ip_forward
    bool forwards6 = false;   ///< net.ipv6.conf.all.forwarding
    std::uint64_t inode = 0;  ///< of the network namespace that nsrun runs in; 0: not told
    std::uint32_t token = 0;  ///< of this run alone: makes names that nobody else has
};

/// What planning wants to know of the machine. Reading more costs start-up time; reading less makes worse messages.
struct Wanted {
    TextSet paths;                   ///< absolute; each gets a PathFact
    std::vector<std::string> globs;  ///< absolute patterns; the matches get a PathFact too
    std::vector<std::string> texts;  ///< absolute paths of small files whose content plans copy
    std::vector<std::string> users, groups;             ///< accounts by name
    std::vector<std::uint32_t> user_ids, group_ids;     ///< accounts by id
    bool all_accounts = false;
    bool subordinate_ids = false;
    bool landlock = false;
    bool network = false;            ///< NetworkFacts
    bool interfaces = false;         ///< InterfaceFacts, and of these
    std::vector<std::string> links;  ///< interfaces by name
    bool registry = false;
    std::vector<std::string> sandboxes{};  ///< running ones, by name
    bool operator==(const Wanted&) const = default;
};

struct HostFacts {
    Context context;
    std::vector<SubordinateRange> subuid, subgid;
    std::string newuidmap, newgidmap;        ///< absolute paths; empty when not installed
    std::vector<Namespace> namespaces;       ///< that this kernel has
    std::vector<Account> users, groups;      ///< those that the profile can make visible
    std::uint32_t last_capability = 40;
    std::uint64_t capabilities = 0;          ///< the caller's permitted set
    std::uint64_t descriptor_limit = 1024;   ///< hard RLIMIT_NOFILE
    std::uint32_t landlock_abi = 0;          ///< 0: none, or not asked
    RegistryState registry = RegistryState::none;
    std::vector<RunningSandbox> sandboxes;   ///< when any was asked for, all; by name
    bool terminal = false;                   ///< a standard descriptor is a terminal
    bool no_new_privileges = false;          ///< already set: set-user-ID helpers cannot work
    std::string machine;                     ///< "x86_64", "aarch64"
    NetworkFacts network;                    ///< only when wanted
    InterfaceFacts interfaces;               ///< only when wanted
    ByText<PathFact> paths;                  ///< by path as asked for
    ByText<std::vector<std::string>> globs;  ///< by pattern; matches in byte order
    ByText<std::string> wide_globs;          ///< patterns given up, and why: they match too much
    ByText<std::string> texts;               ///< contents of small host files that plans copy

    /// The fact about a path; null when it was not surveyed.
    const PathFact* path(std::string_view path) const;
};

/// The command line's own wishes that no profile key holds.
struct Command {
    std::vector<std::string> words;      ///< program and arguments; empty: the profile's
    std::vector<std::string> profile_files;  ///< every file that was read: the sandbox must not be able to write them
    std::vector<std::string> drop_ins{};     ///< the directories of their drop-ins, existing or not: the same
    int status_fd = -1;
    bool operator==(const Command&) const = default;
};

}  // namespace nsrun
