#pragma once
#include <nsrun/enums.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

/// The command line of nsrun, as one table. The parser, `--help`, nsrun(1) and the completions of bash, zsh and fish
/// are all made from it; a word that is not here is not understood anywhere.
namespace nsrun::cli {

/// What nsrun is asked to do.
enum class Verb : std::uint8_t {
    run,
    plan,
    check,
    keys,
    doctor,
    version,
    profile_list,
    profile_show,
    profile_path,
    profile_new,
};

/// What a word of the command line may be completed with.
enum class Completion : std::uint8_t {
    none,
    file,
    directory,
    profile,  ///< the name or the file of a profile
    key,      ///< KEY=VALUE of a profile
    words,    ///< one of the option's `words`
    command,  ///< a program, then what that program completes
};

/// A verb. `group` is the word before it: "profile" of `nsrun profile list`; empty for most.
struct VerbRow {
    Verb verb;
    std::string_view group;
    std::string_view name;
    std::string_view arguments;  ///< as the synopsis shows them
    Completion completes;        ///< its arguments
    std::string_view help;       ///< one line
    std::string_view manual;     ///< a paragraph or more, separated by empty lines; plain text, 'words' in quotes
};

/// A set of verbs, bit n for the verb n.
using Verbs = std::uint16_t;

constexpr Verbs only(std::initializer_list<Verb> list) {
    Verbs set = 0;
    for (const Verb verb : list) set = static_cast<Verbs>(set | (1U << static_cast<unsigned>(verb)));
    return set;
}

inline constexpr auto verbs = std::to_array<VerbRow>({
    {Verb::run, "", "run", "[OPTION...] [--] [COMMAND [ARG...]]", Completion::command,
     "run a command in a sandbox; the implied verb",
     "Runs COMMAND as the profile says and waits for its end. Without COMMAND, the profile's command.exec runs. "
     "Everything is decided before anything happens: when a part of the profile cannot be honoured, nothing runs.\n\n"
     "The word 'run' may be left out, unless the command is called like a verb: 'nsrun -- plan' and 'nsrun run plan' "
     "run a program called plan."},
    {Verb::plan, "", "plan", "[OPTION...] [--] [COMMAND [ARG...]]", Completion::command,
     "print every step that run would take, and take none",
     "Prints the plan: every step in order, on the side of the sandbox that takes it. What is not in the plan is not "
     "done. With '--explain' each step names the profile line that asked for it."},
    {Verb::check, "", "check", "[OPTION...] PROFILE...", Completion::profile,
     "check profiles, without running anything",
     "Reports every problem of the profiles named, all at once, and exits with 0 when there is none, else with 1. The "
     "machine is not asked whether it could run them: a profile written for another machine checks the same."},
    {Verb::keys, "", "keys", "[OPTION...] [PREFIX]", Completion::key, "explain the keys of profiles",
     "Explains every key that a profile can have, or those that begin with PREFIX: 'nsrun keys network'."},
    {Verb::doctor, "", "doctor", "[OPTION...]", Completion::none,
     "try what this machine can do, and say how to get the rest",
     "Tries each facility that nsrun uses, for real, in a process of its own; names the cause of what is missing and "
     "the command that brings it. Exits with 1 when something that every profile needs is missing."},
    {Verb::version, "", "version", "[OPTION...]", Completion::none, "print the version", "Prints the version."},
    {Verb::profile_list, "profile", "list", "[OPTION...]", Completion::none, "list the profiles that can be named",
     "Lists the profiles on the search path, with their files and descriptions; the first of a name is the one used."},
    {Verb::profile_show, "profile", "show", "[OPTION...] [PROFILE]", Completion::profile,
     "print a profile with all its layers merged",
     "Prints what a run would obey: the profile after extends, drop-ins, conditions and variables, with the options "
     "given laid on top, as one TOML text."},
    {Verb::profile_path, "profile", "path", "[OPTION...] [PROFILE]", Completion::profile,
     "print where profiles are searched, or where one is found",
     "Prints the directories that are searched, in their order; with PROFILE, the file that the name stands for."},
    {Verb::profile_new, "profile", "new", "[OPTION...] NAME", Completion::none,
     "write a commented profile to start from",
     "Writes NAME.toml, explained line by line, into the first directory that profiles are searched in, and prints its "
     "path. An existing file is left alone."},
});

/// The row of a verb.
constexpr const VerbRow& row(Verb verb) {
    return verbs[static_cast<std::size_t>(verb)];
}

/// Every option, in the order of the table.
enum class Option : std::uint8_t {
    profile,
    set,
    ro,
    rw,
    tmpfs,
    hide,
    net,
    env,
    workdir,
    hostname,
    name,
    timeout,
    dry_run,
    explain,
    format,
    status_fd,
    verbose,
    quiet,
    color,
    help,
    version,
};

/// An option. One with `key` is a short form of '--set' for that key.
struct OptionRow {
    Option option;
    std::string_view name;      ///< without the dashes
    char letter;                ///< '\0': none
    std::string_view argument;  ///< as help shows it; empty: a switch
    Completion completes;
    std::span<const std::string_view> words;  ///< the argument is one of these
    bool repeatable;
    Verbs verbs;            ///< that take it
    std::string_view key;   ///< of the profile, that it sets or adds to
    std::string_view help;  ///< one line
    std::string_view manual;
};

namespace detail {

template <Worded E>
consteval auto names() {
    std::array<std::string_view, words<E>.size()> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = words<E>[i].name;
    return list;
}

inline constexpr auto network_modes = names<NetworkMode>();
inline constexpr std::array<std::string_view, 2> formats{"text", "json"};
inline constexpr std::array<std::string_view, 3> colors{"auto", "always", "never"};

inline constexpr Verbs running = only({Verb::run, Verb::plan});
inline constexpr Verbs layering = only({Verb::run, Verb::plan, Verb::profile_show});
inline constexpr Verbs all = (1U << verbs.size()) - 1;

}  // namespace detail

// A row reads as a row: the formatter would give every member a line.
// clang-format off
inline constexpr auto options = std::to_array<OptionRow>({
    {Option::profile, "profile", 'p', "NAME|FILE", Completion::profile, {}, true, detail::layering, "",
     "the profile; more than one are layers, left to right",
     "A value with a '/' or ending in '.toml' is a file; another is searched as NAME.toml in "
     "$XDG_CONFIG_HOME/nsrun/profiles, /etc/nsrun/profiles and the profiles installed with nsrun, never in the current "
     "directory. Without it, the profile called like the program is used if there is one, else 'default'."},
    {Option::set, "set", 's', "KEY=VALUE", Completion::key, {}, true, detail::layering, "",
     "set a key on top of the profile",
     "VALUE is TOML; a bare word is a string: '--set network.mode=none', '--set limits.time=5m', "
     "'--set namespaces=[\"user\",\"mount\"]'. A list is added to the profile's."},
    {Option::ro, "ro", '\0', "PATH[:TARGET]", Completion::file, {}, true, detail::layering, "filesystem.ro",
     "show a path read-only",
     "Shows the host's PATH inside, read-only, at the same place or at TARGET. A '-' before PATH: it may be absent."},
    {Option::rw, "rw", '\0', "PATH[:TARGET]", Completion::file, {}, true, detail::layering, "filesystem.rw",
     "show a path read-write", "Shows the host's PATH inside, read-write, at the same place or at TARGET."},
    {Option::tmpfs, "tmpfs", '\0', "PATH", Completion::directory, {}, true, detail::layering, "filesystem.tmpfs",
     "put an empty directory in memory at a path",
     "Puts an empty file system in memory at PATH; what is written there is gone at the end."},
    {Option::hide, "hide", '\0', "PATH", Completion::file, {}, true, detail::layering, "filesystem.hide",
     "hide a path", "Hides what is at PATH inside: an empty directory or file that cannot be read takes its place."},
    {Option::net, "net", '\0', "MODE", Completion::words, detail::network_modes, false, detail::layering,
     "network.mode", "the network inside", "Sets network.mode."},
    {Option::env, "env", 'e', "NAME[=VALUE]", Completion::none, {}, true, detail::layering, "environment.set",
     "set an environment variable, or pass the caller's",
     "Sets the variable NAME inside. Without a value, the caller's is passed on if there is one. The value is taken as "
     "it is: nothing in it is expanded."},
    {Option::workdir, "workdir", 'w', "DIR", Completion::directory, {}, false, detail::layering, "command.workdir",
     "the working directory, inside", "Sets command.workdir."},
    {Option::hostname, "hostname", '\0', "NAME", Completion::none, {}, false, detail::layering, "hostname",
     "the host name inside", "Sets hostname."},
    {Option::name, "name", 'n', "NAME", Completion::none, {}, false, detail::layering, "name",
     "what to call the sandbox", "Sets name, which is also the default host name and names the private home."},
    {Option::timeout, "timeout", '\0', "DURATION", Completion::none, {}, false, detail::layering, "limits.time",
     "end the command after a time: 90s, 5m, 2h",
     "Sets limits.time. When it has passed, the command is sent process.stop-signal, and SIGKILL after "
     "process.stop-timeout; nsrun then exits with 124."},
    {Option::dry_run, "dry-run", '\0', "", Completion::none, {}, false, only({Verb::run}), "",
     "do as 'plan' does: print the steps, take none", "The same as the verb plan."},
    {Option::explain, "explain", '\0', "", Completion::none, {}, false, detail::running, "",
     "name the profile line behind each step of the plan",
     "Ends each line of the plan with the file and line, or the option, that asked for the step."},
    {Option::format, "format", '\0', "FORMAT", Completion::words, detail::formats, false, detail::all, "",
     "how results are printed", "Prints results, and with check the problems too, as text or as JSON."},
    {Option::status_fd, "status-fd", '\0', "N", Completion::none, {}, false, only({Verb::run}), "",
     "write JSON lines about the run to a descriptor",
     "Writes a JSON object a line to the open descriptor N: when the command has started, with its process id, and "
     "when it has ended, with its status."},
    {Option::verbose, "verbose", 'v', "", Completion::none, {}, true, detail::all, "",
     "tell on standard error what is read and done", "Tells which profiles are read and which steps are taken."},
    {Option::quiet, "quiet", 'q', "", Completion::none, {}, false, detail::all, "",
     "print no warnings", "Prints errors only."},
    {Option::color, "color", '\0', "WHEN", Completion::words, detail::colors, false, detail::all, "",
     "when messages are colored",
     "With auto, the default, messages are colored on a terminal, unless NO_COLOR is set or TERM is dumb."},
    {Option::help, "help", 'h', "", Completion::none, {}, false, detail::all, "", "print help and exit",
     "Prints help, of the verb when one is given before it."},
    {Option::version, "version", '\0', "", Completion::none, {}, false, detail::all, "", "print the version and exit",
     "Prints the version."},
});
// clang-format on

/// The row of an option.
constexpr const OptionRow& row(Option option) {
    return options[static_cast<std::size_t>(option)];
}

/// Whether a verb takes an option.
constexpr bool takes(Verb verb, Option option) {
    return (row(option).verbs & only({verb})) != 0;
}

/// How nsrun exits when it is not the command's own status that counts; 128+n when signal n ended the command.
struct ExitStatus {
    int status;
    std::string_view meaning;
};
inline constexpr auto exit_statuses = std::to_array<ExitStatus>({
    {1, "check or doctor found a problem"},
    {2, "the command line is wrong"},
    {124, "the time limit was reached"},
    {125, "nsrun could not do what was asked, and nothing ran"},
    {126, "the program exists but cannot be executed"},
    {127, "the program does not exist inside"},
});

// The tables are indexed by their enumerations.
static_assert([] {
    for (std::size_t i = 0; i < verbs.size(); ++i) {
        if (static_cast<std::size_t>(verbs[i].verb) != i) return false;
    }
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (static_cast<std::size_t>(options[i].option) != i) return false;
    }
    return true;
}());

}  // namespace nsrun::cli
