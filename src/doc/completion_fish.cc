#include "doc/completion.h"
#include "doc/doc.h"
#include "doc/roff.h"

#include "cli/options.h"

#include <fmt/format.h>

namespace nsrun::doc {
namespace {

using cli::Completion;

std::string fish_options() {
    std::string out;
    for (const auto& option : cli::options) {
        out += fmt::format("complete -c nsrun -n __nsrun_before_command -l {}", option.name);
        if (option.letter != '\0') out += fmt::format(" -s {}", option.letter);
        if (!option.argument.empty()) {
            out += " -r";
            switch (option.completes) {
                case Completion::file:
                    out += " -F";
                    break;
                case Completion::directory:
                    out += " -f -a '(__fish_complete_directories)'";
                    break;
                case Completion::profile:
                    out += " -F -a '(__nsrun_profiles)'";
                    break;
                case Completion::key:
                    out += " -f -a '(__nsrun_settings)'";
                    break;
                case Completion::words:
                    out += " -f -a " + shell_quoted(fmt::format("{}", fmt::join(option.words, " ")));
                    break;
                case Completion::command:
                case Completion::none:
                    out += " -f";
                    break;
            }
        }
        out += fmt::format(" -d {}\n", shell_quoted(option.help));
    }
    return out;
}

std::string fish_settings() {
    std::string out;
    for (const auto& setting : settings()) {
        out += fmt::format("    printf '%s\\t%s\\n' {} {}\n", shell_quoted(setting.text),
                           shell_quoted(setting.meaning));
    }
    return out;
}

std::string fish_taking() {
    std::string out;
    for (const auto& option : cli::options) {
        if (option.argument.empty()) continue;
        out += fmt::format(" --{}", option.name);
        if (option.letter != '\0') out += fmt::format(" -{}", option.letter);
    }
    return out;
}

std::string fish_words(const NamedHelp& words, std::string_view condition) {
    std::string out;
    for (const auto& [name, help] : words) {
        out += fmt::format("complete -c nsrun -n {} -f -a {} -d {}\n", condition, name, shell_quoted(help));
    }
    return out;
}

constexpr std::string_view fish_frame =
    R"sh(# fish completion for nsrun. Made from nsrun's tables of options and keys; changes belong there.

function __nsrun_profiles
    nsrun profile list 2>/dev/null | string match -rg '^(\S+)  '
end

function __nsrun_all_settings
@SETTINGS@
end

# Values come after the key is chosen.
function __nsrun_settings
    if string match -q 'join.*=*' -- (commandline -ct)
        # Of namespaces to join, the sandboxes that run.
        set -l running $XDG_RUNTIME_DIR/nsrun
        test (id -u) = 0; and set running /run/nsrun
        printf '%s\n' (string replace -r '=.*' '=' -- (commandline -ct))(ls $running 2>/dev/null)
    else if string match -q '*=*' -- (commandline -ct)
        __nsrun_all_settings
    else
        __nsrun_all_settings | string match -r '^[^=]*=\t.*'
    end
end

# The words before the cursor that are not options, nor arguments of options, up to the command's first.
function __nsrun_words
    set -l want 0
    for word in (commandline -opc)[2..]
        if test $want = 1
            set want 0
        else if contains -- $word@TAKING@
            set want 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Completes the command as if nsrun were not there.
function __nsrun_command
    set -l rest (commandline -opc)[2..]
    set -l verb 0
    while set -q rest[1]
        if test $rest[1] = --
            set -e rest[1]
            break
        else if contains -- $rest[1]@TAKING@
            set -e rest[1]
        else if test $verb = 0; and contains -- $rest[1] run plan
            set verb 1
        else if not string match -q -- '-*' $rest[1]
            break
        end
        set -e rest[1]
    end
    complete -C (string join ' ' -- (string escape -- $rest) (commandline -ct))
end

function __nsrun_before_command
    set -l words (__nsrun_words)
    contains -- -- (commandline -opc); and return 1
    test (count $words) = 0; or contains -- $words[1] @VERBS@
end

function __nsrun_first
    test (count (__nsrun_words)) = 0; and not contains -- -- (commandline -opc)
end

function __nsrun_is
    set -l words (__nsrun_words)
    test (count $words) -ge 1; and contains -- $words[1] $argv
end

function __nsrun_profile_first
    set -l words (__nsrun_words)
    test "$words" = profile
end

function __nsrun_profile_named
    set -l words (__nsrun_words)
    test (count $words) = 2; and test $words[1] = profile; and contains -- $words[2] show path
end

function __nsrun_runs
    set -l words (__nsrun_words)
    test (count $words) = 0; or contains -- $words[1] run plan; or not contains -- $words[1] @VERBS@
end

complete -c nsrun -f
complete -c nsrun -n __nsrun_runs -a '(__nsrun_command)'
@FIRST@
@PROFILE@
complete -c nsrun -n '__nsrun_is check' -F -a '(__nsrun_profiles)'
complete -c nsrun -n __nsrun_profile_named -F -a '(__nsrun_profiles)'
complete -c nsrun -n '__nsrun_is keys' -f -a '(__nsrun_settings | string replace -rf "^([^=]*)=\t" "\$1\t")'
@OPTIONS@
)sh";

}  // namespace

std::string fish_completion() {
    std::string text = filled(std::string(fish_frame), "SETTINGS", fish_settings());
    text = filled(text, "FIRST", fish_words(first_words(), "__nsrun_first"));
    text = filled(text, "PROFILE", fish_words(profile_words(), "__nsrun_profile_first"));
    text = filled(text, "OPTIONS", fish_options());
    text = with(text, "TAKING", fish_taking());
    return with(text, "VERBS", names(first_words()));
}

}  // namespace nsrun::doc
