#include "doc/completion.h"
#include "doc/doc.h"
#include "doc/roff.h"

#include "cli/options.h"

#include <fmt/format.h>

namespace nsrun::doc {
namespace {

using cli::Completion;

/// "-p|--profile", as a pattern of bash's case.
std::string pattern(const cli::OptionRow& option) {
    std::string out = fmt::format("--{}", option.name);
    if (option.letter != '\0') out = fmt::format("-{}|{}", option.letter, out);
    return out;
}

const char* bash_action(const cli::OptionRow& option) {
    switch (option.completes) {
        case Completion::file:
            return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
        case Completion::directory:
            return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
        case Completion::profile:
            return "_nsrun_profiles";
        case Completion::key:
            return "_nsrun_settings";
        case Completion::command:
            return "COMPREPLY=($(compgen -c -- \"$cur\"))";
        case Completion::words:
        case Completion::none:
            break;
    }
    return ":";
}

std::string bash_arguments() {
    std::string out;
    for (const auto& option : cli::options) {
        if (option.argument.empty()) continue;
        std::string action = bash_action(option);
        if (option.completes == Completion::words) {
            action = fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))",
                                 shell_quoted(fmt::format("{}", fmt::join(option.words, " "))));
        }
        out += fmt::format("        {}) {} ;;\n", pattern(option), action);
    }
    return out;
}

std::string bash_options() {
    std::string out;
    for (const auto& option : cli::options) {
        out += fmt::format("{}--{}", out.empty() ? "" : " ", option.name);
        if (option.letter != '\0') out += fmt::format(" -{}", option.letter);
    }
    return out;
}

std::string takes_arguments() {
    std::string out;
    for (const auto& option : cli::options) {
        if (!option.argument.empty()) out += (out.empty() ? "" : "|") + pattern(option);
    }
    return out;
}

constexpr std::string_view bash_frame =
    R"sh(# bash completion for nsrun. Made from nsrun's tables of options and keys; changes belong there.

_nsrun_profiles() {
    compopt -o filenames
    COMPREPLY=($(compgen -W "$(nsrun profile list 2>/dev/null | sed -n 's/^\([^ ]\{1,\}\)  .*/\1/p')" -- "$cur")
               $(compgen -f -X '!*.toml' -- "$cur") $(compgen -d -- "$cur"))
}

_nsrun_running() {
    ((UID)) && ls "${XDG_RUNTIME_DIR:-/run/user/$UID}/nsrun" 2>/dev/null || ls /run/nsrun 2>/dev/null
}

_nsrun_settings() {
    local IFS=$'\n' words=$_nsrun_setting_words
    compopt -o nospace
    # Values come after the key is chosen.
    [[ $cur == *=* ]] || words=$(sed -n '/=$/p' <<<"$words")
    # Of namespaces to join, the sandboxes that run.
    [[ $cur != join.*=* ]] || words=$(_nsrun_running | sed "s/^/${cur%%=*}=/")
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

# Completes the argument of the option $1; fails when it takes none.
_nsrun_argument() {
    case $1 in
@ARGUMENTS@
        *) return 1 ;;
    esac
}

# Completes the command that begins at word $1, as if nsrun were not there.
_nsrun_command() {
    if ((COMP_CWORD > $1)) && declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD > $1)); then
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$cur"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -c -- "$cur") $(compgen -f -- "$cur"))
    fi
}

# readline replaces only what follows the last '=': the rest of each reply goes.
_nsrun_trim() {
    [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]] || return 0
    local head=${typed%"${typed##*=}"} i
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$head"}; done
}

_nsrun() {
    local IFS=$' \t\n' cur= typed= verb= sub= want= i word glue=
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # readline splits words at '=': they are put together again.
        if [[ $word == = || $glue ]]; then typed+=$word; else typed=$word; fi
        if [[ $word == = ]]; then glue=1; else glue=; fi
        ((i < COMP_CWORD)) || break
        [[ ${COMP_WORDS[i + 1]} == = || $glue ]] && continue
        if [[ $want ]]; then
            want=
            continue
        fi
        case $typed in
            @TAKING@) want=$typed ;;
            --) _nsrun_command $((i + 1)); return ;;
            -*) ;;
            *)
                if [[ ! $verb && " @VERBS@ " == *" $typed "* ]]; then verb=$typed
                elif [[ $verb == profile && ! $sub ]]; then sub=$typed
                elif [[ ! $verb || $verb == run || $verb == plan ]]; then _nsrun_command "$i"; return
                fi ;;
        esac
    done
    cur=$typed
    if [[ $want ]]; then
        _nsrun_argument "$want"
    elif [[ $cur == --*=* ]]; then
        local name=${cur%%=*}
        cur=${cur#*=}
        _nsrun_argument "$name"
        COMPREPLY=("${COMPREPLY[@]/#/$name=}")
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '@OPTIONS@' -- "$cur"))
    else
        case $verb in
            '') _nsrun_command "$COMP_CWORD"; COMPREPLY+=($(compgen -W '@VERBS@' -- "$cur")) ;;
            run|plan) _nsrun_command "$COMP_CWORD" ;;
            check) _nsrun_profiles ;;
            keys) COMPREPLY=($(compgen -W "$(sed -n 's/=$//p' <<<"$_nsrun_setting_words")" -- "$cur")) ;;
            profile)
                case $sub in
                    '') COMPREPLY=($(compgen -W '@PROFILE@' -- "$cur")) ;;
                    show|path) _nsrun_profiles ;;
                esac ;;
        esac
    fi
    _nsrun_trim
}

_nsrun_setting_words=@SETTINGS@
complete -F _nsrun nsrun
)sh";

}  // namespace

std::string bash_completion() {
    std::string text = filled(std::string(bash_frame), "ARGUMENTS", bash_arguments());
    text = with(text, "TAKING", takes_arguments());
    text = with(text, "VERBS", names(first_words()));
    text = with(text, "PROFILE", names(profile_words()));
    text = with(text, "OPTIONS", bash_options());
    return with(text, "SETTINGS", shell_quoted(setting_lines()));
}

}  // namespace nsrun::doc
