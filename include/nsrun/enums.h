#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

/// The closed sets of words that profiles, plans and diagnostics use, each with its spelling. One table an enumeration:
/// decoding, "did you mean", manual, schema and completion all read it.
namespace nsrun {

/// One word of an enumeration.
template <class E>
struct Word {
    E value;
    std::string_view name;
    std::string_view meaning;  ///< one clause for the manual
};

/// The words of E; specialised beside each enumeration. Its words stand in the order of the enumerators.
template <class E>
inline constexpr std::array<Word<E>, 0> words{};

template <class E>
concept Worded = (words<E>.size() > 0);

/// The spelling of a value.
template <Worded E>
constexpr std::string_view spelling(E value) {
    for (const auto& word : words<E>) {
        if (word.value == value) return word.name;
    }
    return "?";
}

/// The value that a spelling stands for.
template <Worded E>
constexpr std::optional<E> from_spelling(std::string_view name) {
    for (const auto& word : words<E>) {
        if (word.name == name) return word.value;
    }
    return std::nullopt;
}

/// Kinds of namespaces, in the order in which namespaces(7) lists their flags alphabetically in profiles.
enum class Namespace : std::uint8_t { user, mount, pid, net, ipc, uts, cgroup, time };
template <>
inline constexpr auto words<Namespace> = std::to_array<Word<Namespace>>({
    {Namespace::user, "user", "user and group ids, capabilities"},
    {Namespace::mount, "mount", "mount points"},
    {Namespace::pid, "pid", "process ids"},
    {Namespace::net, "net", "network devices, addresses, ports, abstract sockets"},
    {Namespace::ipc, "ipc", "System V IPC, POSIX message queues"},
    {Namespace::uts, "uts", "host name and NIS domain name"},
    {Namespace::cgroup, "cgroup", "the root of the cgroup hierarchy"},
    {Namespace::time, "time", "boot and monotonic clocks"},
});

enum class IdMapping : std::uint8_t { self, root, range, explicit_ };
template <>
inline constexpr auto words<IdMapping> = std::to_array<Word<IdMapping>>({
    {IdMapping::self, "self", "your own uid and gid, unchanged"},
    {IdMapping::root, "root", "your own uid and gid appear as 0"},
    {IdMapping::range, "range", "0 to 65535 from the subordinate ids"},
    {IdMapping::explicit_, "explicit", "what uid-map and gid-map say"},
});

enum class Groups : std::uint8_t { drop, keep };
template <>
inline constexpr auto words<Groups> = std::to_array<Word<Groups>>({
    {Groups::drop, "drop", "no supplementary groups where the kernel allows dropping them"},
    {Groups::keep, "keep", "the caller's"},
});

enum class Inherit : std::uint8_t { safe, all, none };
template <>
inline constexpr auto words<Inherit> = std::to_array<Word<Inherit>>({
    {Inherit::safe, "safe", "locale, terminal, user and time zone; no secrets, no sockets"},
    {Inherit::all, "all", "everything"},
    {Inherit::none, "none", "nothing"},
});

enum class Base : std::uint8_t { system, host_ro, host, empty, rootfs };
template <>
inline constexpr auto words<Base> = std::to_array<Word<Base>>({
    {Base::system, "system", "/usr read-only, a minimal /etc, everything else empty"},
    {Base::host_ro, "host-ro", "the host's files, read-only"},
    {Base::host, "host", "the host's files"},
    {Base::empty, "empty", "nothing"},
    {Base::rootfs, "rootfs", "the directory that rootfs names, as /"},
});

enum class Home : std::uint8_t { tmp, private_, host, host_ro, none };
template <>
inline constexpr auto words<Home> = std::to_array<Word<Home>>({
    {Home::tmp, "tmp", "empty, gone at the end"},
    {Home::private_, "private", "a directory of the profile's own that stays"},
    {Home::host, "host", "yours"},
    {Home::host_ro, "host-ro", "yours, read-only"},
    {Home::none, "none", "none at all"},
});

enum class Cwd : std::uint8_t { none, ro, rw, overlay };
template <>
inline constexpr auto words<Cwd> = std::to_array<Word<Cwd>>({
    {Cwd::none, "none", "not visible"},
    {Cwd::ro, "ro", "read-only"},
    {Cwd::rw, "rw", "read-write"},
    {Cwd::overlay, "overlay", "writable, the changes gone at the end"},
});

enum class Tmp : std::uint8_t { private_, host };
template <>
inline constexpr auto words<Tmp> = std::to_array<Word<Tmp>>({
    {Tmp::private_, "private", "empty, gone at the end"},
    {Tmp::host, "host", "the host's"},
});

enum class Dev : std::uint8_t { minimal, host };
template <>
inline constexpr auto words<Dev> = std::to_array<Word<Dev>>({
    {Dev::minimal, "minimal", "null zero full random urandom tty, ptmx and pts, shm, fd and the standard streams"},
    {Dev::host, "host", "the host's"},
});

enum class Proc : std::uint8_t { private_, restricted, none };
template <>
inline constexpr auto words<Proc> = std::to_array<Word<Proc>>({
    {Proc::private_, "private", "a procfs of the sandbox's own process ids"},
    {Proc::restricted, "restricted", "the same with process directories only (subset=pid)"},
    {Proc::none, "none", "none"},
});

enum class Sys : std::uint8_t { none, ro };
template <>
inline constexpr auto words<Sys> = std::to_array<Word<Sys>>({
    {Sys::none, "none", "none"},
    {Sys::ro, "ro", "the sysfs of the sandbox's network namespace, read-only"},
});

enum class Etc : std::uint8_t { minimal, host };
template <>
inline constexpr auto words<Etc> = std::to_array<Word<Etc>>({
    {Etc::minimal, "minimal", "what programs need to run: users, hosts, linker cache, certificates, time zone, fonts"},
    {Etc::host, "host", "the host's, read-only"},
});

enum class MountType : std::uint8_t { bind, tmpfs, proc, devpts, mqueue, overlay, file, symlink, directory, mask };
template <>
inline constexpr auto words<MountType> = std::to_array<Word<MountType>>({
    {MountType::bind, "bind", "source appears at target"},
    {MountType::tmpfs, "tmpfs", "an empty file system in memory"},
    {MountType::proc, "proc", "a procfs"},
    {MountType::devpts, "devpts", "a file system of pseudo-terminals"},
    {MountType::mqueue, "mqueue", "POSIX message queues"},
    {MountType::overlay, "overlay", "upper over lower, see overlayfs"},
    {MountType::file, "file", "a file with the given content"},
    {MountType::symlink, "symlink", "a symbolic link to source"},
    {MountType::directory, "directory", "an empty directory"},
    {MountType::mask, "mask", "hides what is at target"},
});

enum class Access : std::uint8_t { read_only, read_write };
template <>
inline constexpr auto words<Access> = std::to_array<Word<Access>>({
    {Access::read_only, "read-only", "nothing can be changed through it"},
    {Access::read_write, "read-write", "as the files' own modes allow"},
});

enum class Propagation : std::uint8_t { private_, slave, shared, unbindable };
template <>
inline constexpr auto words<Propagation> = std::to_array<Word<Propagation>>({
    {Propagation::private_, "private", "mount events neither enter nor leave"},
    {Propagation::slave, "slave", "mount events of the host enter"},
    {Propagation::shared, "shared", "mount events enter and leave among the sandbox's own mounts"},
    {Propagation::unbindable, "unbindable", "private, and cannot be bound again"},
});

enum class MountOption : std::uint8_t { nosuid, nodev, noexec, noatime, nodiratime, strictatime, nosymfollow };
template <>
inline constexpr auto words<MountOption> = std::to_array<Word<MountOption>>({
    {MountOption::nosuid, "nosuid", "set-user-ID bits and file capabilities are ignored (always on)"},
    {MountOption::nodev, "nodev", "device files cannot be opened (on unless the mount provides devices)"},
    {MountOption::noexec, "noexec", "nothing can be executed"},
    {MountOption::noatime, "noatime", "access times are not updated"},
    {MountOption::nodiratime, "nodiratime", "access times of directories are not updated"},
    {MountOption::strictatime, "strictatime", "access times are always updated"},
    {MountOption::nosymfollow, "nosymfollow", "symbolic links are not followed"},
});

enum class NetworkMode : std::uint8_t { none, loopback, host, user, private_, pod, join };
template <>
inline constexpr auto words<NetworkMode> = std::to_array<Word<NetworkMode>>({
    {NetworkMode::none, "none", "no interface is up"},
    {NetworkMode::loopback, "loopback", "the loopback interface only"},
    {NetworkMode::host, "host", "the host's network, shared"},
    {NetworkMode::user, "user", "out to the network through a helper, without privilege; nothing of the host's own"},
    {NetworkMode::private_, "private", "the interfaces of [[network.interface]]"},
    {NetworkMode::pod, "pod", "a network that sandboxes of one user share: see [network.pod]"},
    {NetworkMode::join, "join", "the network that join.net names"},
});

enum class Dns : std::uint8_t { auto_ };
template <>
inline constexpr auto words<Dns> = std::to_array<Word<Dns>>({
    {Dns::auto_, "auto", "the host's, wherever they are"},
});

enum class InterfaceType : std::uint8_t { veth, bridge, macvlan, ipvlan, dummy, phys };
template <>
inline constexpr auto words<InterfaceType> = std::to_array<Word<InterfaceType>>({
    {InterfaceType::veth, "veth", "one end of a pair whose other end is the host's, alone or on a bridge"},
    {InterfaceType::bridge, "bridge", "a bridge inside the sandbox"},
    {InterfaceType::macvlan, "macvlan", "an address of its own on an interface of the host; the host itself is not reached"},
    {InterfaceType::ipvlan, "ipvlan", "the same with the link-layer address of that interface, for wireless ones"},
    {InterfaceType::dummy, "dummy", "a place for addresses that nothing leaves by"},
    {InterfaceType::phys, "phys", "an interface of the host, moved into the sandbox until it ends"},
});

enum class UplinkHelper : std::uint8_t { auto_, pasta, slirp4netns };
template <>
inline constexpr auto words<UplinkHelper> = std::to_array<Word<UplinkHelper>>({
    {UplinkHelper::auto_, "auto", "pasta, or slirp4netns where pasta is not installed"},
    {UplinkHelper::pasta, "pasta", "see pasta(1)"},
    {UplinkHelper::slirp4netns, "slirp4netns", "see slirp4netns(1)"},
});

enum class PodUplink : std::uint8_t { none, user };
template <>
inline constexpr auto words<PodUplink> = std::to_array<Word<PodUplink>>({
    {PodUplink::none, "none", "nothing leaves the pod"},
    {PodUplink::user, "user", "out to the network, as with mode = \"user\""},
});

enum class PodShare : std::uint8_t { addresses, net };
template <>
inline constexpr auto words<PodShare> = std::to_array<Word<PodShare>>({
    {PodShare::addresses, "addresses", "each sandbox has an address of its own, and its own localhost"},
    {PodShare::net, "net", "all have one network namespace: the same ports, the same localhost"},
});

enum class Protocol : std::uint8_t { tcp, udp };
template <>
inline constexpr auto words<Protocol> = std::to_array<Word<Protocol>>({
    {Protocol::tcp, "tcp", "connections"},
    {Protocol::udp, "udp", "datagrams"},
});

enum class Keyring : std::uint8_t { private_, host };
template <>
inline constexpr auto words<Keyring> = std::to_array<Word<Keyring>>({
    {Keyring::private_, "private", "a fresh session keyring; the system calls add_key, request_key and keyctl are refused"},
    {Keyring::host, "host", "the caller's keyrings"},
});

enum class Tty : std::uint8_t { auto_, inherit, none };
template <>
inline constexpr auto words<Tty> = std::to_array<Word<Tty>>({
    {Tty::auto_, "auto", "inherit when a standard descriptor is a terminal, else none"},
    {Tty::inherit, "inherit", "the caller's session and terminal; input cannot be pushed into it"},
    {Tty::none, "none", "a session of its own without a controlling terminal"},
});

enum class Forward : std::uint8_t { forward };
template <>
inline constexpr auto words<Forward> = std::to_array<Word<Forward>>({
    {Forward::forward, "forward", "every signal that a program is sent on purpose"},
});

enum class Unsupported : std::uint8_t { fail };
template <>
inline constexpr auto words<Unsupported> = std::to_array<Word<Unsupported>>({
    {Unsupported::fail, "fail", "a facility that the kernel lacks ends the run before it starts"},
});

enum class OnExit : std::uint8_t { kill, wait };
template <>
inline constexpr auto words<OnExit> = std::to_array<Word<OnExit>>({
    {OnExit::kill, "kill", "the sandbox ends with the command"},
    {OnExit::wait, "wait", "the sandbox ends with its last process"},
});

}  // namespace nsrun
