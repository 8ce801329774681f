#include "profile/keys.h"

#include "profile/row.h"

#include <nsrun/names.h>

#include <array>

/// The one table of keys. A key is a member of a struct in nsrun/profile.h and a row here; the assertions below find a
/// member without a row. The summaries are clauses that begin with a capital and end with a full stop; 'quoted' words
/// are set in the manual's type for words.
namespace nsrun {
namespace {

// ---- what texts and numbers must be ----

constexpr std::int64_t largest_id = 4294967294;  // the kernel keeps 4294967295 for "no id"

constexpr Sort only_one{.least = 1, .most = 1};
constexpr Sort an_id{.least = 0, .most = largest_id};
constexpr Sort a_required_id{.least = 0, .most = largest_id, .required = true};
constexpr Sort a_count{.least = 1, .most = 4294967295};
constexpr Sort a_descriptor{.least = 0, .most = 1048575};
constexpr Sort a_first_port{.least = 0, .most = 65535};
constexpr Sort any_path{.any_path = true};
constexpr Sort words_of_any_kind{.repeats = true};
constexpr Sort a_program{.judge = judge_not_empty, .shape = "a name or a path"};
constexpr Sort a_glob{.judge = judge_not_empty, .shape = "a pattern"};
constexpr Sort a_profile_name{
    .judge = judge_profile_name, .shape = "a name", .pattern = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"};
constexpr Sort a_host_name{
    .judge = judge_host_name,
    .shape = "a host name",
    .pattern = "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"};
constexpr Sort a_version{.judge = judge_version, .shape = "a version", .pattern = "^[0-9]+([.][0-9]+){0,2}$"};
constexpr Sort a_namespace{.judge = judge_namespace,
                           .shape = "a path, or the name of a running sandbox",
                           .pattern = "^(/|\\$|[A-Za-z0-9][A-Za-z0-9._@-]*$)"};
constexpr Sort a_user{.judge = judge_run_as, .shape = "user[:group]"};
constexpr Sort published_ports{.shape = "[ADDRESS:]OUTSIDE:INSIDE[/udp]",
                               .pattern = "^(.*[$].*|([[][0-9A-Fa-f:.]+[]]:|[0-9.]+:)?[0-9]{1,5}:[0-9]{1,5}(/(tcp|udp))?)$"};
constexpr Sort a_link_name{.judge = judge_link_name, .shape = "the name of an interface", .pattern = "^[!-~]{1,15}$"};
constexpr Sort an_own_link_name{.judge = judge_link_name, .required = true, .shape = "the name of an interface", .pattern = "^[!-~]{1,15}$"};
constexpr Sort an_address_with_prefix{.judge = judge_cidr, .shape = "an address with a prefix", .pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"};
constexpr Sort a_required_network{.judge = judge_cidr, .required = true, .shape = "a network", .pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"};
constexpr Sort an_address{.judge = judge_address, .shape = "an address", .pattern = "^[0-9A-Fa-f:.]+$"};
constexpr Sort a_mac{.judge = judge_mac, .shape = "a link-layer address", .pattern = "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$"};
constexpr Sort an_mtu{.least = 68, .most = 65535};
constexpr Sort a_vlan{.least = 1, .most = 4094};
constexpr Sort a_metric{.least = 0, .most = 4294967295};
constexpr Sort hosts_to_addresses{.judge = judge_address, .judge_name = judge_host_name, .shape = "an address"};
constexpr Sort a_pod_address{
    .judge = judge_pod_address, .shape = "an address", .pattern = "^10[.]88[.][0-9]{1,3}[.][0-9]{1,3}$"};
constexpr Sort variables{.judge_name = judge_variable_name, .shape = "a value"};
constexpr Sort contents_by_path{.judge_name = judge_absolute_path, .shape = "the content"};
constexpr Sort links_by_path{
    .judge = judge_not_empty, .judge_name = judge_absolute_path, .shape = "what the link says"};
constexpr Sort a_directory_name{.judge = judge_directory_name, .shape = "a name"};
constexpr Sort a_droppable{.judge = judge_droppable, .shape = "a key", .words = droppable_names};
constexpr Sort a_group{.judge = judge_not_empty, .shape = "a group"};

constexpr auto capability_words = [] {
    std::array<WordText, capability_names.size()> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = {capability_names[i], ""};
    return list;
}();
constexpr auto signal_words = [] {
    std::array<WordText, signal_names.size()> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = {signal_names[i].name, ""};
    return list;
}();
constexpr Sort a_capability{.judge = judge_capability,
                            .shape = "a capability",
                            .pattern = "^([Cc][Aa][Pp][_-])?[A-Za-z_-]+$",
                            .words = capability_words};
constexpr Sort a_signal{.judge = judge_signal,
                        .shape = "a signal",
                        .pattern = "^([0-9]+|([Ss][Ii][Gg])?[A-Za-z][A-Za-z0-9]*([+-][0-9]+)?)$",
                        .words = signal_words};

/// A row for what is gone before decoding: it is known and documented here, and read elsewhere.
constexpr Shape settled_shape{.kind = Kind::settled, .sort = &plain};
consteval Key settled(const KeyText& text) {
    return {text, nullptr, nullptr, nullptr, &settled_shape};
}

}  // namespace

// ---- [requires] ----

template <>
inline constexpr auto keys_of<Requires> = std::to_array<Key>({
    key<&Requires::kernel, a_version>({.name = "kernel",
                                       .summary = "The oldest kernel that the profile can run on.",
                                       .example = R"("6.7")",
                                       .otherwise = "any kernel"}),
    key<&Requires::nsrun, a_version>({.name = "nsrun",
                                      .summary = "The oldest nsrun that understands the profile.",
                                      .example = R"("0.1")",
                                      .otherwise = "any version"}),
});
static_assert(complete<Requires>(keys_of<Requires>));

// ---- [join] ----

template <>
inline constexpr auto keys_of<Join> = std::to_array<Key>({
    key<&Join::net, a_namespace>({.name = "net",
                                       .summary = "The network namespace to join.",
                                       .details = "Sandboxes that share a network reach each other on the loopback "
                                                  "addresses, and on abstract sockets; processes, files and host names "
                                                  "stay apart. The network lives as long as one of them does.",
                                       .example = R"("web")",
                                       .otherwise = "none"}),
    key<&Join::ipc, a_namespace>({.name = "ipc",
                                       .summary = "The IPC namespace to join.",
                                       .example = R"("/proc/4211/ns/ipc")",
                                       .otherwise = "none"}),
    key<&Join::uts, a_namespace>({.name = "uts",
                                       .summary = "The namespace of host names to join.",
                                       .example = R"("/proc/4211/ns/uts")",
                                       .otherwise = "none"}),
    key<&Join::pid, a_namespace>({.name = "pid",
                                       .summary = "The namespace of process ids to join.",
                                       .example = R"("/proc/4211/ns/pid")",
                                       .otherwise = "none"}),
    key<&Join::user, a_namespace>(
        {.name = "user",
         .summary = "The user namespace to join; it is entered first, and gives the privilege to join the others.",
         .example = R"("/proc/4211/ns/user")",
         .otherwise = "none"}),
    key<&Join::cgroup, a_namespace>({.name = "cgroup",
                                          .summary = "The cgroup namespace to join.",
                                          .example = R"("/proc/4211/ns/cgroup")",
                                          .otherwise = "none"}),
    key<&Join::time, a_namespace>({.name = "time",
                                        .summary = "The namespace of clocks to join.",
                                        .example = R"("/proc/4211/ns/time")",
                                        .otherwise = "none"}),
});
static_assert(complete<Join>(keys_of<Join>));

// ---- [command] ----

template <>
inline constexpr auto keys_of<CommandRules> = std::to_array<Key>({
    key<&CommandRules::exec, a_program>(
        {.name = "exec",
         .summary = "The program to run when the command line names none.",
         .details = "A name without '/' is searched in the PATH of the sandbox, inside the sandbox. A program on the "
                    "command line replaces this key and 'args'.",
         .example = R"("/usr/sbin/nginx")",
         .otherwise = "the command line must name a program"}),
    key<&CommandRules::args, words_of_any_kind>({.name = "args",
                                                 .summary = "Arguments of the program.",
                                                 .details = "They go with 'exec': a command line replaces both.",
                                                 .example = R"(["-g", "daemon off;"])"}),
    key<&CommandRules::argv0>({.name = "argv0",
                               .summary = "What the program sees as its own name.",
                               .example = R"("-bash")",
                               .otherwise = "the program as it was named"}),
    key<&CommandRules::workdir>(
        {.name = "workdir",
         .summary = "The working directory of the command, inside the sandbox.",
         .example = R"("/srv")",
         .otherwise = "the caller's directory when it is visible inside, else the home, else /"}),
    key<&CommandRules::umask>({.name = "umask",
                               .summary = "The permission bits that new files do not get.",
                               .example = R"("0027")",
                               .otherwise = "the caller's"}),
});
static_assert(complete<CommandRules>(keys_of<CommandRules>));

// ---- [environment] ----

template <>
inline constexpr auto keys_of<EnvironmentRules> = std::to_array<Key>({
    key<&EnvironmentRules::inherit, a_glob>(
        {.name = "inherit",
         .summary = "Which variables of the caller the command sees.",
         .details = "A list holds patterns of names, as '[\"LC_*\", \"TERM\"]'; nothing else then passes. What passes of "
                    "HOME, USER, LOGNAME and SHELL says what is true inside. The loader's variables, LD_*, pass a list "
                    "only by a pattern that begins so.",
         .example = R"(["LANG", "LC_*", "TERM"])"}),
    key<&EnvironmentRules::set, variables>({.name = "set",
                                            .summary = "Variables to set, over inherited ones and those of files.",
                                            .example = R"({ LANG = "C.UTF-8" })"}),
    key<&EnvironmentRules::unset, a_glob>({.name = "unset",
                                           .summary = "Patterns of the names of variables to leave out, whichever key sets them.",
                                           .example = R"(["*_TOKEN"])"}),
    key<&EnvironmentRules::files>(
        {.name = "files",
         .summary = "Files of the host with a NAME=VALUE on each line, set in this order.",
         .details = "Empty lines and lines that begin with '#' are skipped; a value may stand in double or single "
                    "quotes. Nothing is expanded.",
         .example = R"(["-/etc/default/nginx"])"}),
});
static_assert(complete<EnvironmentRules>(keys_of<EnvironmentRules>));

// ---- [ids] ----

template <>
inline constexpr auto keys_of<IdRange> = std::to_array<Key>({
    key<&IdRange::inside, a_required_id>(
        {.name = "inside", .summary = "The first id as the sandbox sees it.", .example = "1000"}),
    key<&IdRange::outside, a_required_id>(
        {.name = "outside", .summary = "The first id as the host sees it.", .example = "100000"}),
    key<&IdRange::count, a_count>(
        {.name = "count", .summary = "How many ids follow one another from there.", .example = "65536"}),
});
static_assert(complete<IdRange>(keys_of<IdRange>));

template <>
inline constexpr auto keys_of<IdRules> = std::to_array<Key>({
    key<&IdRules::map>(
        {.name = "map",
         .summary = "Which ids exist in the sandbox, and which of the host they stand for.",
         .details = "'range' uses the ranges that /etc/subuid and /etc/subgid give to the caller, through newuidmap(1) "
                    "and newgidmap(1); root needs neither. Ids without a mapping appear as the overflow id, 65534.",
         .example = R"("range")"}),
    key<&IdRules::uid_map>({.name = "uid-map",
                            .summary = "With map = \"explicit\": the user ids, as ranges.",
                            .details = "At most 340 ranges, which overlap neither inside nor outside.",
                            .example = "[{ inside = 0, outside = 100000, count = 65536 }]"}),
    key<&IdRules::gid_map>({.name = "gid-map",
                            .summary = "With map = \"explicit\": the group ids, as ranges.",
                            .example = "[{ inside = 0, outside = 100000, count = 65536 }]"}),
    key<&IdRules::uid, an_id>({.name = "uid",
                               .summary = "The user id that the command runs as, inside.",
                               .example = "33",
                               .otherwise = "the caller's with map = \"self\", else 0"}),
    key<&IdRules::gid, an_id>({.name = "gid",
                               .summary = "The group id that the command runs as, inside.",
                               .example = "33",
                               .otherwise = "the caller's with map = \"self\", else 0"}),
    key<&IdRules::groups, a_group>(
        {.name = "groups",
         .summary = "The supplementary groups of the command.",
         .details = "A list holds names or numbers of groups. Without privilege, and without a range of ids, the "
                    "kernel keeps the caller's groups in force whatever the profile says.",
         .example = R"(["video"])"}),
    key<&IdRules::run_as, a_user>({.name = "run-as",
                                   .summary = "The user of the host, and the group, that the command runs as.",
                                   .details = "For root, and without a user namespace: as systemd's User= and Group=.",
                                   .example = R"("www-data:www-data")",
                                   .otherwise = "the caller"}),
});
static_assert(complete<IdRules>(keys_of<IdRules>));

// ---- [filesystem] ----

template <>
inline constexpr auto keys_of<FilesystemRules> = std::to_array<Key>({
    key<&FilesystemRules::base>(
        {.name = "base",
         .summary = "What the sandbox's files begin with.",
         .details = "With 'host' and 'host-ro' the command also reaches the host's sockets, those of system services "
                    "below /run among them: read-only files keep nobody from connecting. 'hide' covers them.",
         .example = R"("host-ro")"}),
    key<&FilesystemRules::rootfs>({.name = "rootfs",
                                   .summary = "With base = \"rootfs\": the directory of the host that becomes /.",
                                   .example = R"("/srv/images/alpine")",
                                   .otherwise = "none"}),
    key<&FilesystemRules::home>({.name = "home",
                                 .summary = "Whose home directory the command has.",
                                 .details = "'private' is a directory of its own for each profile's name, below "
                                            "$XDG_DATA_HOME/nsrun/homes. Nothing below $XDG_DATA_HOME on the way "
                                            "to it may be a symbolic link; the same holds for 'state' and 'cache'.",
                                 .example = R"("private")"}),
    key<&FilesystemRules::home_dir>({.name = "home-dir",
                                     .summary = "Where the home directory is, inside.",
                                     .example = R"("/home/user")",
                                     .otherwise = "where the caller's is"}),
    key<&FilesystemRules::cwd>(
        {.name = "cwd", .summary = "Whether the directory that nsrun is called in is visible.", .example = R"("rw")"}),
    key<&FilesystemRules::tmp>({.name = "tmp", .summary = "What /tmp and /var/tmp are.", .example = R"("host")"}),
    key<&FilesystemRules::dev>({.name = "dev", .summary = "What /dev holds.", .example = R"("host")"}),
    key<&FilesystemRules::devices>({.name = "devices",
                                    .summary = "Devices of the host to add to /dev, also by pattern.",
                                    .example = R"(["/dev/dri", "-/dev/video*"])"}),
    key<&FilesystemRules::proc>({.name = "proc", .summary = "What /proc is.", .example = R"("restricted")"}),
    key<&FilesystemRules::sys>({.name = "sys", .summary = "What /sys is.", .example = R"("ro")"}),
    key<&FilesystemRules::etc, a_glob>(
        {.name = "etc",
         .summary = "What /etc holds.",
         .details = "A list names files and directories of the host's /etc to show besides the minimal ones.",
         .example = R"(["nginx", "mime.types"])"}),
    key<&FilesystemRules::ro>({.name = "ro",
                               .summary = "Paths of the host to show read-only, \"SOURCE[:TARGET]\".",
                               .details = "A leading '-' lets the source be absent; a backslash before ':' makes it a "
                                          "part of the name. Patterns with '* ? [] **' are expanded on the host. The "
                                          "most specific path decides; order does not matter.",
                               .example = R"(["/srv/www", "-~/.vimrc"])"}),
    key<&FilesystemRules::rw>({.name = "rw",
                               .summary = "Paths of the host to show read-write, \"SOURCE[:TARGET]\".",
                               .example = R"(["~/Downloads"])"}),
    key<&FilesystemRules::hide>({.name = "hide",
                                 .summary = "Paths inside to cover with something empty and unreadable.",
                                 .example = R"(["/usr/share/doc"])"}),
    key<&FilesystemRules::tmpfs>({.name = "tmpfs",
                                  .summary = "Paths inside at which an empty directory in memory is mounted.",
                                  .example = R"(["/var/cache"])"}),
    key<&FilesystemRules::overlay>(
        {.name = "overlay",
         .summary = "Directories of the host to show writable, the changes gone at the end, \"SOURCE[:TARGET]\".",
         .example = R"(["/srv/www"])"}),
    key<&FilesystemRules::files, contents_by_path>({.name = "files",
                                                    .summary = "Files to make inside: path = content.",
                                                    .example = R"({ "/etc/motd" = "inside\n" })"}),
    key<&FilesystemRules::symlinks, links_by_path>(
        {.name = "symlinks",
         .summary = "Symbolic links to make inside: path = what the link says.",
         .example = R"({ "/etc/mtab" = "/proc/self/mounts" })"}),
    key<&FilesystemRules::state, a_directory_name>(
        {.name = "state",
         .summary = "Names of directories below /var/lib that stay from run to run.",
         .details = "On the host they are below $XDG_STATE_HOME/nsrun, for root below /var/lib. The variable "
                    "STATE_DIRECTORY names them inside, as for systemd's StateDirectory=.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::cache, a_directory_name>(
        {.name = "cache",
         .summary = "Names of directories below /var/cache that stay from run to run.",
         .details = "On the host they are below $XDG_CACHE_HOME/nsrun, for root below /var/cache. The variable "
                    "CACHE_DIRECTORY names them inside.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::runtime, a_directory_name>(
        {.name = "runtime",
         .summary = "Names of directories below /run, in memory and gone at the end.",
         .details = "The variable RUNTIME_DIRECTORY names them inside.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::noexec_writable>({.name = "noexec-writable",
                                            .summary = "Whether files that the sandbox can write cannot be executed.",
                                            .example = "true"}),
});
static_assert(complete<FilesystemRules>(keys_of<FilesystemRules>));

// ---- [[mount]] ----

template <>
inline constexpr auto keys_of<MountRule> = std::to_array<Key>({
    key<&MountRule::type>({.name = "type", .summary = "What is mounted or made.", .example = R"("tmpfs")"}),
    key<&MountRule::source, any_path>({.name = "source",
                                       .summary = "Of a bind: the path on the host; of a symlink: what the link says.",
                                       .example = R"("/srv/data")",
                                       .otherwise = "none"}),
    key<&MountRule::target>({.name = "target",
                             .summary = "The path inside.",
                             .details = "The [[mount]] tables of one target in several layers are one mount, and the "
                                        "later layer's keys replace the earlier one's.",
                             .example = R"("/data")",
                             .otherwise = "of a bind, the source"}),
    key<&MountRule::access>({.name = "access",
                             .summary = "Whether the sandbox may write.",
                             .details = "The default holds for a bind. A tmpfs, proc, devpts or mqueue is "
                                        "writable unless it is \"read-only\".",
                             .example = R"("read-write")"}),
    key<&MountRule::optional>({.name = "optional",
                               .summary = "Whether the source may be absent: then nothing is mounted.",
                               .example = "true"}),
    key<&MountRule::recursive>(
        {.name = "recursive", .summary = "Whether mounts below the source come along.", .example = "false"}),
    key<&MountRule::propagation>({.name = "propagation",
                                  .summary = "How later mounts pass between this one and its peers.",
                                  .example = R"("slave")"}),
    key<&MountRule::options>(
        {.name = "options", .summary = "Options of the mount.", .example = R"(["noexec", "noatime"])"}),
    key<&MountRule::size>({.name = "size",
                           .summary = "Of a tmpfs: the most that it holds.",
                           .example = R"("512M")",
                           .otherwise = "half of the memory, as the kernel has it"}),
    key<&MountRule::mode>({.name = "mode",
                           .summary = "Of a tmpfs, directory or file: its permission bits.",
                           .details = "The default of a file is \"0644\".",
                           .example = R"("0700")"}),
    key<&MountRule::content>({.name = "content",
                              .summary = "Of a file: what it holds.",
                              .example = R"("nameserver 10.0.0.1\n")",
                              .otherwise = "nothing"}),
    key<&MountRule::lower>({.name = "lower",
                            .summary = "Of an overlay: the directories of the host that are laid over, topmost first.",
                            .example = R"(["/srv/www"])"}),
    key<&MountRule::upper>({.name = "upper",
                            .summary = "Of an overlay: the directory of the host that takes the changes.",
                            .example = R"("/srv/changes")",
                            .otherwise = "memory: the changes are gone at the end"}),
    key<&MountRule::work>({.name = "work",
                           .summary = "Of an overlay: an empty directory on the file system of 'upper'.",
                           .example = R"("/srv/work")",
                           .otherwise = "in memory, like 'upper'"}),
    key<&MountRule::owner_map>(
        {.name = "owner-map",
         .summary = "Of a bind: whether owners of files are mapped like ids, so that id 0 inside owns what 0 owns.",
         .details = "For root only; the file system must support idmapped mounts, see mount_setattr(2).",
         .example = "true"}),
});
static_assert(complete<MountRule>(keys_of<MountRule>, 1));  // `at` is a place

// ---- [network] ----

template <>
inline constexpr auto keys_of<RouteRule> = std::to_array<Key>({
    key<&RouteRule::to, a_required_network>(
        {.name = "to", .summary = "The network that the route leads to.", .example = R"("10.1.0.0/16")"}),
    key<&RouteRule::via, an_address>({.name = "via",
                                      .summary = "The router on the way there.",
                                      .example = R"("10.0.0.9")",
                                      .otherwise = "what is there is on the interface's own link"}),
    key<&RouteRule::metric, a_metric>(
        {.name = "metric", .summary = "How far it is: of two routes the nearer is taken.", .example = "100"}),
});
static_assert(complete<RouteRule>(keys_of<RouteRule>));

template <>
inline constexpr auto keys_of<InterfaceRule> = std::to_array<Key>({
    key<&InterfaceRule::type>({.name = "type", .summary = "What kind of interface it is.", .example = R"("macvlan")"}),
    key<&InterfaceRule::name, an_own_link_name>(
        {.name = "name",
         .summary = "Its name inside, at most 15 bytes.",
         .details = "Interfaces of several layers merge by it.",
         .example = R"("eth0")"}),
    key<&InterfaceRule::parent, a_link_name>(
        {.name = "parent",
         .summary = "The interface of the host that it stands on; of 'phys' the one that is moved.",
         .example = R"("enp3s0")",
         .otherwise = "none"}),
    key<&InterfaceRule::bridge, a_link_name>(
        {.name = "bridge",
         .summary = "Of a veth: the bridge of the host that its other end is attached to.",
         .details = "One that exists is used as it is. Another is made for the sandboxes that name it: it has their "
                    "'gateway' for an address, and goes with the last of them.",
         .example = R"("br0")",
         .otherwise = "the other end stands alone"}),
    key<&InterfaceRule::peer_name, a_link_name>({.name = "peer-name",
                                                 .summary = "Of a veth: the name of its other end, on the host.",
                                                 .details = "It is free again when nsrun has ended, which waits up to a second for what "
                                                            "the command sent last to arrive. Of an nsrun that was killed, the "
                                                            "kernel removes both ends once no connection is left that it "
                                                            "still has to send something for.",
                                                 .example = R"("ve-web")",
                                                 .otherwise = "one that nobody else has"}),
    key<&InterfaceRule::address, an_address_with_prefix>(
        {.name = "address",
         .summary = "Its addresses, with the length of their network's prefix.",
         .example = R"(["10.0.0.5/24", "fd00::5/64"])"}),
    key<&InterfaceRule::gateway, an_address>(
        {.name = "gateway",
         .summary = "The routers to everywhere else, at most one of IPv4 and one of IPv6, in a network of 'address'.",
         .details = "Of a veth it is also the address of the host's end, or of a bridge that is made for it; a bridge "
                    "that exists has addresses of its own.",
         .example = R"(["10.0.0.1"])"}),
    key<&InterfaceRule::routes>({.name = "routes",
                                 .summary = "More routes: tables of to, via and metric.",
                                 .example = R"([{ to = "10.1.0.0/16", via = "10.0.0.9" }])"}),
    key<&InterfaceRule::mac, a_mac>({.name = "mac",
                                     .summary = "Its link-layer address.",
                                     .example = R"("02:00:00:00:00:05")",
                                     .otherwise = "the kernel's choice"}),
    key<&InterfaceRule::mtu, an_mtu>({.name = "mtu",
                                      .summary = "The largest packet, in bytes.",
                                      .example = "1400",
                                      .otherwise = "the kernel's choice"}),
    key<&InterfaceRule::vlan, a_vlan>(
        {.name = "vlan",
         .summary = "The VLAN that its frames are tagged with.",
         .details = "The interface is then a VLAN on one that is named 'lower' with its number.",
         .example = "10",
         .otherwise = "untagged"}),
    key<&InterfaceRule::egress>({.name = "egress",
                                 .summary = "How much may leave the sandbox by it, in bits a second.",
                                 .example = R"("20mbit")",
                                 .otherwise = "as much as goes"}),
    key<&InterfaceRule::ingress>({.name = "ingress",
                                  .summary = "Of a veth: how much may enter the sandbox by it, in bits a second.",
                                  .example = R"("100mbit")",
                                  .otherwise = "as much as comes"}),
    key<&InterfaceRule::nat>(
        {.name = "nat",
         .summary = "Of a veth: whether what leaves its networks by the host's other interfaces gets the host's address.",
         .details = "An nftables table of nsrun's own does that, as long as the sandbox lives. The host must forward: "
                    "'sysctl net.ipv4.ip_forward=1'; nsrun does not switch that on.",
         .example = "true"}),
});
static_assert(complete<InterfaceRule>(keys_of<InterfaceRule>, 1));  // `at` is a place

template <>
inline constexpr auto keys_of<PodRules> = std::to_array<Key>({
    key<&PodRules::name, a_profile_name>({.name = "name",
                                          .summary = "The pod that the sandbox is a member of.",
                                          .details = "The first member makes it, and it ends with the last.",
                                          .example = R"("web")",
                                          .otherwise = "the profile's name"}),
    key<&PodRules::share>({.name = "share", .summary = "What its members have in common.", .example = R"("net")"}),
    key<&PodRules::address, a_pod_address>(
        {.name = "address",
         .summary = "The sandbox's address in the pod's network, 10.88.0.0/16.",
         .details = "It has the address of fd88::/64 with the same last 16 bits, too.",
         .example = R"("10.88.0.5")",
         .otherwise = "made from the sandbox's name, the same in every run unless another member has it"}),
    key<&PodRules::uplink>({.name = "uplink", .summary = "The way out of the pod, one for all members.", .example = R"("user")"}),
});
static_assert(complete<PodRules>(keys_of<PodRules>));

template <>
inline constexpr auto keys_of<NetworkRules> = std::to_array<Key>({
    key<&NetworkRules::mode>({.name = "mode",
                              .summary = "The network that the sandbox has.",
                              .details = "With 'host' the sandbox reaches the services that listen on the host's loopback "
                                         "addresses, too; see 'landlock.scope' for abstract sockets.\n\n"
                                         "With 'user' a helper speaks to the network with the caller's own rights: see "
                                         "'helper'. The sandbox has an interface eth0 with the "
                                         "address 10.0.2.100, and with one of IPv6 where the host reaches that. The "
                                         "helper ends with nsrun: without it there is no network.",
                              .example = R"("none")"}),
    key<&NetworkRules::publish, published_ports>(
        {.name = "publish",
         .summary = "Ports of the host that lead to ports of the sandbox, \"[ADDRESS:]OUTSIDE:INSIDE[/udp]\".",
         .details = "The address is one of the host's, an IPv6 address in brackets: \"[::1]:8080:80\". Without one it is "
                    "127.0.0.1, which the host itself alone reaches; \"0.0.0.0\" stands for all of its IPv4 addresses, "
                    "\"[::]\" for all of IPv6.\n\n"
                    "A process of nsrun carries what comes in to the loopback interface of the sandbox, 127.0.0.1 or, "
                    "where nobody listens there, ::1: the service sees its clients come from there, and may listen to "
                    "loopback alone. The ports are opened before anything runs. Those below the sysctl "
                    "net.ipv4.ip_unprivileged_port_start, 1024 by default, are root's.",
         .example = R"(["8080:80", "0.0.0.0:5353:53/udp"])"}),
    key<&NetworkRules::interfaces>({.name = "interface", .summary = "An interface of mode 'private', in [[network.interface]]."}),
    key<&NetworkRules::dns, an_address>(
        {.name = "dns",
         .summary = "Who answers questions for names, where the sandbox reaches a network.",
         .details = "A list holds addresses of resolvers, as the sandbox reaches them. With 'auto' and mode = \"user\" "
                    "the questions go to the resolver that the host itself asks, also when that one listens on the "
                    "host's loopback alone.",
         .example = R"(["192.0.2.53"])"}),
    key<&NetworkRules::hosts, hosts_to_addresses>({.name = "hosts",
                                                   .summary = "Names to add to /etc/hosts: name = address.",
                                                   .example = R"({ db = "127.0.0.1" })"}),
    key<&NetworkRules::helper>(
        {.name = "helper",
         .summary = "The program that carries a sandbox's network where mode = \"user\", or a pod's uplink, goes out.",
         .details = "pasta starts more slowly, takes more memory and loses least where answers take long. Its builds from "
                    "before 2024, Debian 12's among them, send to a host without latency at rates that vary by a factor "
                    "of ten; slirp4netns does so steadily, but is the slower one to a host far away. A pod has the helper "
                    "of its first member.",
         .example = R"("slirp4netns")"}),
    key<&NetworkRules::host_loopback>(
        {.name = "host-loopback",
         .summary = "With mode = \"user\": whether services of the host itself can be reached.",
         .details = "Without, neither the host's loopback nor any address that the host has when the sandbox starts is "
                    "reached, and nothing leaves that is for many at once, multicast and broadcast: services of the host "
                    "would hear it. That needs nf_tables of the kernel, and a command without the capabilities NET_RAW "
                    "and NET_ADMIN. With true the name host.nsrun stands for the host's loopback, and the host's own "
                    "addresses are open.",
         .example = "true"}),
    key<&NetworkRules::ipv6>({.name = "ipv6",
                              .summary = "Whether the sandbox has IPv6, also on its loopback interface.",
                              .example = "false"}),
    key<&NetworkRules::unprivileged_ports, a_first_port>(
        {.name = "unprivileged-ports",
         .summary = "The first port that a program without privilege may listen on.",
         .details = "All ports are the sandbox's own: with 0 a server needs no privilege for port 80.",
         .example = "0",
         .otherwise = "0 with mode = \"user\" or \"pod\", else the kernel's, 1024"}),
    key<&NetworkRules::ping>(
        {.name = "ping",
         .summary = "Whether the command's group may send ICMP echo requests, as ping(8) does.",
         .details = "With mode = \"loopback\" that is so only where it is written.",
         .example = "false"}),
    key<&NetworkRules::pod>({.name = "pod", .summary = "Of mode = \"pod\": the network that sandboxes share."}),
});
static_assert(complete<NetworkRules>(keys_of<NetworkRules>));

// ---- [landlock] ----

template <>
inline constexpr auto keys_of<LandlockRules> = std::to_array<Key>({
    key<&LandlockRules::scope>(
        {.name = "scope",
         .summary = "Whether a sandbox that shares the host's network reaches only abstract sockets of its own.",
         .details = "It counts with network.mode = \"host\", for the abstract sockets of a machine belong to its network: "
                    "those of X11 and D-Bus among them. Sockets that are files are the business of [filesystem]. Needs "
                    "Linux 6.12. Where the kernel is older, nsrun warns and runs without it; but a profile that writes "
                    "true does not run there, unless 'on-unsupported' lists 'landlock.scope'.",
         .example = "false"}),
});
static_assert(complete<LandlockRules>(keys_of<LandlockRules>));

// ---- [security] ----

template <>
inline constexpr auto keys_of<SecurityRules> = std::to_array<Key>({
    key<&SecurityRules::capabilities, a_capability>(
        {.name = "capabilities",
         .summary = "Capabilities that the command may have: see capabilities(7).",
         .details = "'net-bind-service' and 'CAP_NET_BIND_SERVICE' are the same. In a user namespace they count for "
                    "what belongs to the sandbox only.",
         .example = R"(["net-bind-service"])"}),
    key<&SecurityRules::ambient, a_capability>(
        {.name = "ambient",
         .summary = "Those of the capabilities that the command has from its start.",
         .details = "The others stay in the bounding set, which gives nothing by itself: a file that could raise them "
                    "is on a nosuid mount.",
         .example = R"(["net-bind-service"])",
         .otherwise = "all of them"}),
    key<&SecurityRules::no_new_privileges>(
        {.name = "no-new-privileges",
         .summary = "Whether set-user-ID programs and file capabilities give nothing.",
         .example = "false"}),
    key<&SecurityRules::nested_namespaces>(
        {.name = "nested-namespaces",
         .summary = "Whether the command may make user namespaces of its own, as browsers do for their sandbox.",
         .example = "true"}),
    key<&SecurityRules::keyring>(
        {.name = "keyring", .summary = "The session keyring: see keyrings(7).", .example = R"("host")"}),
});
static_assert(complete<SecurityRules>(keys_of<SecurityRules>));

// ---- [limits] ----

template <>
inline constexpr auto keys_of<LimitRules> = std::to_array<Key>({
    key<&LimitRules::time>({.name = "time",
                            .summary = "How long the command may run.",
                            .details = "Then it is sent process.stop-signal, and SIGKILL after process.stop-timeout; "
                                       "nsrun exits with 124.",
                            .example = R"("5m")",
                            .otherwise = "no limit"}),
});
static_assert(complete<LimitRules>(keys_of<LimitRules>));

// ---- [process] ----

template <>
inline constexpr auto keys_of<ProcessRules> = std::to_array<Key>({
    key<&ProcessRules::init>(
        {.name = "init",
         .summary = "Whether process 1 of the sandbox is nsrun's own, which reaps orphans and forwards signals.",
         .details = "With false the command is process 1. Without a pid namespace, nsrun then becomes the command and "
                    "leaves no process of its own.",
         .example = "false"}),
    key<&ProcessRules::tty>(
        {.name = "tty", .summary = "What the command has of the caller's terminal.", .example = R"("none")"}),
    key<&ProcessRules::signals, a_signal>({.name = "signals",
                                           .summary = "The signals to nsrun that the command receives.",
                                           .example = R"(["TERM", "HUP", "RTMIN+1"])"}),
    key<&ProcessRules::stop_signal, a_signal>(
        {.name = "stop-signal", .summary = "The signal that asks the command to end.", .example = R"("QUIT")"}),
    key<&ProcessRules::stop_timeout>({.name = "stop-timeout",
                                      .summary = "How long the command may take to end before it is killed.",
                                      .example = R"("30s")",
                                      .otherwise = "it is killed at once"}),
    key<&ProcessRules::die_with_parent>({.name = "die-with-parent",
                                         .summary = "Whether the sandbox is killed when nsrun ends, whatever ended it.",
                                         .example = "false"}),
    key<&ProcessRules::inherit_fds, a_descriptor>(
        {.name = "inherit-fds",
         .summary = "The open descriptors that the command inherits; all others are closed.",
         .example = "[0, 1, 2, 3]"}),
    key<&ProcessRules::on_exit>({.name = "on-exit",
                                 .summary = "What becomes of other processes when the command ends.",
                                 .details = "The kernel kills a pid namespace with its first process. Without one of "
                                            "its own the sandbox's other processes cannot be found and killed: "
                                            "'wait' is then what holds, also where nothing is written, and what "
                                            "SIGKILL of nsrun or a time limit ends is the command alone.",
                                 .example = R"("wait")"}),
});
static_assert(complete<ProcessRules>(keys_of<ProcessRules>));

// ---- top level ----

template <>
inline constexpr auto keys_of<Profile> = std::to_array<Key>({
    key<&Profile::schema, only_one>(
        {.name = "schema", .summary = "The version of the language that the profile is written in.", .example = "1"}),
    key<&Profile::name, a_profile_name>({.name = "name",
                                         .summary = "What the sandbox is called.",
                                         .details = "It names the private home and is the default host name.",
                                         .example = R"("browser")",
                                         .otherwise = "the file's name without .toml"}),
    key<&Profile::description>({.name = "description",
                                .summary = "What the profile is for, in one line.",
                                .example = R"("Firefox with a home of its own")",
                                .otherwise = "none"}),
    settled({.name = "extends",
             .summary = "Profiles that this one builds on, by name or path; they are laid below it in this order.",
             .details = "Values replace, lists append, tables merge; [[mount]] merge by 'target'. A path is relative "
                        "to the file.",
             .example = R"(["base", "./other.toml"])"}),
    settled({.name = "reset",
             .summary = "Keys to empty of what the profiles below say, before this one's are added.",
             .example = R"(["filesystem.rw", "namespaces"])"}),
    settled({.name = "vars",
             .summary = "Texts of your own, or lists of them, that ${vars.NAME} stands for.",
             .example = R"({ data = "/srv/data" })"}),
    settled({.name = "when",
             .summary = "Sections that hold under a condition: [when.\"EXPR\"], [when.\"EXPR\".network].",
             .details = "EXPR is made of env(NAME), env(NAME) == \"TEXT\", exists(PATH), has(FACILITY), "
                        "kernel >= 6.7, uid == 0, instance == \"TEXT\", and 'not', 'and', 'or', '( )'.",
             .example = R"toml({ "exists(/dev/dri)" = { filesystem = { devices = ["/dev/dri"] } } })toml"}),
    key<&Profile::needs>({.name = "requires", .summary = "What the profile cannot run without."}),
    key<&Profile::on_unsupported, a_droppable>(
        {.name = "on-unsupported",
         .summary = "What happens when the kernel lacks something that the profile asks for.",
         .details = "A list names what may be missing, as 'namespaces.time'; what was dropped is printed.",
         .example = R"(["namespaces.cgroup", "namespaces.time"])"}),
    key<&Profile::namespaces>(
        {.name = "namespaces",
         .summary = "The namespaces that the sandbox has of its own: see namespaces(7).",
         .details = "While the key is not written, those of the default that 'join' names are joined instead of made.",
         .example = R"(["user", "mount", "pid"])"}),
    key<&Profile::join>(
        {.name = "join",
         .summary = "Namespaces of others to join: of a running sandbox by its name, or by path.",
         .details = "A path is /proc/PID/ns/KIND or a bind mount of it. A name is that of a profile, with '@INSTANCE' "
                    "where it has one; of several that are called so, one is meant as NAME.PID, by the pid of its nsrun. "
                    "Only the caller's own sandboxes are found, and the kernel decides whether they may be entered. "
                    "Without root, the user namespace of that sandbox is joined as well unless 'join.user' says "
                    "otherwise, and its map of ids holds."}),
    key<&Profile::hostname, a_host_name>({.name = "hostname",
                                          .summary = "The host name inside.",
                                          .example = R"("browser")",
                                          .otherwise = "the profile's name"}),
    key<&Profile::domainname, a_host_name>({.name = "domainname",
                                            .summary = "The NIS domain name inside.",
                                            .example = R"("example.org")",
                                            .otherwise = "none"}),
    key<&Profile::command>({.name = "command", .summary = "The program that runs."}),
    key<&Profile::environment>({.name = "environment", .summary = "The environment variables of the command."}),
    key<&Profile::ids>({.name = "ids", .summary = "Users and groups."}),
    key<&Profile::filesystem>({.name = "filesystem", .summary = "The files that the command sees."}),
    key<&Profile::mounts>({.name = "mount", .summary = "A mount, in full detail; as many tables as needed."}),
    key<&Profile::network>({.name = "network", .summary = "What the command reaches of the network."}),
    key<&Profile::landlock>(
        {.name = "landlock", .summary = "What Landlock, the kernel's access control for programs, adds to the namespaces."}),
    key<&Profile::security>({.name = "security", .summary = "What the command may do beyond files and network."}),
    key<&Profile::limits>({.name = "limits", .summary = "What the command may use up."}),
    key<&Profile::process>({.name = "process", .summary = "How the command starts, is watched, and ends."}),
});
static_assert(complete<Profile>(keys_of<Profile>, 1));  // `namespaces_at` is a place

std::span<const Key> profile_keys() {
    return keys_of<Profile>;
}

const Key* find_key(std::string_view path) {
    std::span<const Key> keys = profile_keys();
    while (true) {
        const std::size_t dot = path.find('.');
        const Key* key = find_key(keys, path.substr(0, dot));
        if (!key || dot == std::string_view::npos) return key;
        keys = key->shape->keys;
        path.remove_prefix(dot + 1);
    }
}

}  // namespace nsrun
