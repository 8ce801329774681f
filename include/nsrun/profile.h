#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/enums.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// What the user wishes, typed, each value with the place it was written at. A default-constructed Profile holds every
/// key's default. Pure data; the key table (profile/keys.cc) is the only description of how text becomes this.
namespace nsrun {

/// A value and where it was written; nowhere means the default.
template <class T>
struct Located {
    T value{};
    Span at;

    bool written() const { return static_cast<bool>(at); }
    const T& operator*() const { return value; }
    const T* operator->() const { return &value; }
    bool operator==(const Located&) const = default;
};

/// A number of bytes. Written "512M": powers of 1024, suffix K, M, G, T, or none for bytes.
struct ByteSize {
    std::uint64_t bytes = 0;
    bool operator==(const ByteSize&) const = default;
};

/// Bits a second. Written as tc(8) does, "20mbit": powers of 1000, suffix bit, kbit, mbit, gbit, tbit.
struct BitRate {
    std::uint64_t bits_per_second = 0;
    bool operator==(const BitRate&) const = default;
};

/// A length of time. Written "250ms", "10s", "5m", "2h", "1d".
struct Duration {
    std::chrono::milliseconds length{0};
    bool operator==(const Duration&) const = default;
};

/// Permission bits, 0 to 07777. Written "0750": octal digits in a string.
struct FileMode {
    std::uint32_t bits = 0;
    bool operator==(const FileMode&) const = default;
};

/// A path that the user wrote: absolute, or beginning with "~" (of the caller for sources, of the sandbox for targets).
struct Path {
    std::string text;
    bool operator==(const Path&) const = default;
};

/// "SOURCE[:TARGET]", with a leading "-" when it may be absent. An empty target is the source's path.
struct PathRule {
    bool optional = false;
    std::string source;
    std::string target;
    bool operator==(const PathRule&) const = default;
};

/// A word of E, or a list of names instead.
template <Worded E>
struct WordOrList {
    E word{};
    bool listed = false;                      ///< the names count, not the word
    std::vector<Located<std::string>> names;  ///< empty unless listed
    bool operator==(const WordOrList&) const = default;
};

/// A table of the user's own keys: name = text.
struct Entry {
    Located<std::string> key;
    Located<std::string> value;
    bool operator==(const Entry&) const = default;
};
using Entries = std::vector<Entry>;

template <class T>
using List = std::vector<Located<T>>;

/// `count` ids from `inside` map to those from `outside`. All three, and their sums, fit 32 bits; count is at least 1.
struct IdRange {
    std::uint32_t inside = 0;
    std::uint32_t outside = 0;
    std::uint32_t count = 1;
    bool operator==(const IdRange&) const = default;
};

struct Requires {
    Located<std::string> kernel;  ///< at least, "6.7"; empty: any
    Located<std::string> nsrun;   ///< at least, "0.1"
    bool operator==(const Requires&) const = default;
};

/// Paths of namespaces to join, /proc/PID/ns/net or a bind mount of one; empty: none.
struct Join {
    Located<std::string> net, ipc, uts, pid, user, cgroup, time;
    bool operator==(const Join&) const = default;
};

struct CommandRules {
    Located<std::string> exec;
    List<std::string> args;
    Located<std::string> argv0;
    Located<Path> workdir;  ///< empty: the caller's when visible inside, else home, else /
    Located<FileMode> umask;
    bool operator==(const CommandRules&) const = default;
};

struct EnvironmentRules {
    Located<WordOrList<Inherit>> inherit;
    Entries set;
    List<std::string> unset;  ///< globs
    List<PathRule> files;     ///< of NAME=VALUE lines
    bool operator==(const EnvironmentRules&) const = default;
};

struct IdRules {
    Located<IdMapping> map;
    List<IdRange> uid_map;
    List<IdRange> gid_map;
    Located<std::int64_t> uid{-1, {}};  ///< -1: as the mapping gives it
    Located<std::int64_t> gid{-1, {}};
    Located<WordOrList<Groups>> groups;
    Located<std::string> run_as;  ///< "user[:group]"
    bool operator==(const IdRules&) const = default;
};

struct FilesystemRules {
    Located<Base> base;
    Located<Path> rootfs;
    Located<Home> home;
    Located<Path> home_dir;  ///< empty: the caller's home
    Located<Cwd> cwd;
    Located<Tmp> tmp;
    Located<Dev> dev;
    List<PathRule> devices;
    Located<Proc> proc;
    Located<Sys> sys;
    Located<WordOrList<Etc>> etc;
    List<PathRule> ro, rw, hide, tmpfs, overlay;
    Entries files;
    Entries symlinks;
    List<std::string> state, cache, runtime;
    Located<bool> noexec_writable;
    bool operator==(const FilesystemRules&) const = default;
};

/// One [[mount]].
struct MountRule {
    Span at;  ///< of the table
    Located<MountType> type;
    Located<Path> source;
    Located<Path> target;
    Located<Access> access;
    Located<bool> optional;
    Located<bool> recursive{true, {}};
    Located<Propagation> propagation;
    List<MountOption> options;
    Located<ByteSize> size;  ///< 0: the kernel's default, half of the memory
    Located<FileMode> mode{{0755}, {}};
    Located<std::string> content;
    List<Path> lower;
    Located<Path> upper;
    Located<Path> work;
    Located<bool> owner_map;
    bool operator==(const MountRule&) const = default;
};

/// "[ADDRESS:]OUTSIDE:INSIDE[/udp]": a port of the host that leads to one of the sandbox. Ports are 1 to 65535.
struct PublishRule {
    Protocol protocol = Protocol::tcp;
    std::string address;  ///< of the host, as inet_ntop(3) writes it
    std::uint32_t outside = 0;
    std::uint32_t inside = 0;
    bool operator==(const PublishRule&) const = default;
};

/// One route of a [[network.interface]].
struct RouteRule {
    Located<std::string> to;            ///< a network, "10.1.0.0/16"
    Located<std::string> via;           ///< an address; empty: what is on the link
    Located<std::int64_t> metric;       ///< 0: the kernel's choice
    bool operator==(const RouteRule&) const = default;
};

/// One [[network.interface]].
struct InterfaceRule {
    Span at;  ///< of the table
    Located<InterfaceType> type;
    Located<std::string> name;  ///< inside
    Located<std::string> parent, bridge, peer_name;  ///< of the host
    List<std::string> address;  ///< "10.0.0.5/24"
    List<std::string> gateway;  ///< "10.0.0.1"
    List<RouteRule> routes;
    Located<std::string> mac;
    Located<std::int64_t> mtu;   ///< bytes; 0: the kernel's choice
    Located<std::int64_t> vlan;  ///< 1 to 4094; 0: none
    Located<BitRate> egress, ingress;  ///< 0: no limit
    Located<bool> nat;
    bool operator==(const InterfaceRule&) const = default;
};

/// [network.pod]: the network that sandboxes of one user share.
struct PodRules {
    Located<std::string> name;  ///< empty: the profile's
    Located<PodShare> share;
    Located<std::string> address;  ///< of IPv4; empty: made from the sandbox's name
    Located<PodUplink> uplink;
    bool operator==(const PodRules&) const = default;
};

struct NetworkRules {
    Located<NetworkMode> mode{NetworkMode::loopback, {}};
    List<PublishRule> publish;
    Located<WordOrList<Dns>> dns;
    std::vector<InterfaceRule> interfaces;
    Entries hosts;  ///< name = address
    Located<UplinkHelper> helper;
    Located<bool> host_loopback;
    Located<bool> ipv6{true, {}};
    Located<std::int64_t> unprivileged_ports{-1, {}};  ///< the first; -1: as the kernel has it
    Located<bool> ping{true, {}};
    PodRules pod;
    bool operator==(const NetworkRules&) const = default;
};

/// What Landlock adds to the namespaces.
struct LandlockRules {
    Located<bool> scope{true, {}};  ///< written: required; by default as far as the kernel can
    bool operator==(const LandlockRules&) const = default;
};

struct SecurityRules {
    List<std::string> capabilities;  ///< "CAP_NET_BIND_SERVICE" or "net-bind-service"
    List<std::string> ambient;
    Located<bool> no_new_privileges{true, {}};
    Located<bool> nested_namespaces;
    Located<Keyring> keyring;
    bool operator==(const SecurityRules&) const = default;
};

struct LimitRules {
    Located<Duration> time;  ///< 0: none
    bool operator==(const LimitRules&) const = default;
};

struct ProcessRules {
    Located<bool> init{true, {}};
    Located<Tty> tty;
    Located<WordOrList<Forward>> signals;
    Located<std::string> stop_signal{"TERM", {}};
    Located<Duration> stop_timeout{{std::chrono::seconds{10}}, {}};
    Located<bool> die_with_parent{true, {}};
    List<std::int64_t> inherit_fds{{0, {}}, {1, {}}, {2, {}}};
    Located<OnExit> on_exit;
    bool operator==(const ProcessRules&) const = default;
};

/// Everything one run wishes for, after `extends`, `when` and `vars` have been settled.
struct Profile {
    Located<std::int64_t> schema{1, {}};
    Located<std::string> name;
    Located<std::string> description;
    Requires needs;
    Located<WordOrList<Unsupported>> on_unsupported;
    List<Namespace> namespaces{{Namespace::user, {}}, {Namespace::mount, {}}, {Namespace::pid, {}},
                               {Namespace::net, {}},  {Namespace::ipc, {}},   {Namespace::uts, {}},
                               {Namespace::cgroup, {}}};
    Span namespaces_at;  ///< of the whole list, when written
    Join join;
    Located<std::string> hostname;  ///< empty: the name
    Located<std::string> domainname;
    CommandRules command;
    EnvironmentRules environment;
    IdRules ids;
    FilesystemRules filesystem;
    std::vector<MountRule> mounts;
    NetworkRules network;
    LandlockRules landlock;
    SecurityRules security;
    LimitRules limits;
    ProcessRules process;
    bool operator==(const Profile&) const = default;
};

}  // namespace nsrun
