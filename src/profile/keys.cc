#include "profile/keys.h"

#include "profile/keys_files.h"
#include "profile/keys_network.h"
#include "profile/row.h"
#include "profile/sorts.h"

#include <array>

/// The one table of keys. A key is a member of a struct in nsrun/profile.h and a row here; the assertions below find a
/// member without a row. The summaries are clauses that begin with a capital and end with a full stop; 'quoted' words
/// are set in the manual's type for words.
namespace nsrun {
namespace {

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
