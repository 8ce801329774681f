#include "doc/completion.h"
#include "doc/doc.h"
#include "doc/roff.h"

#include "cli/options.h"

#include <fmt/format.h>

namespace nsrun::doc {
namespace {

using cli::Completion;

/// Escapes a text within _arguments and _describe: colons and brackets have a meaning there.
std::string zsh_escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') out += '\\';
        out += letter;
    }
    return out;
}

std::string zsh_action(const cli::OptionRow& option) {
    switch (option.completes) {
        case Completion::file:
            return "_files";
        case Completion::directory:
            return "_files -/";
        case Completion::profile:
            return "_nsrun_profiles";
        case Completion::key:
            return "_nsrun_settings";
        case Completion::words:
            return fmt::format("({})", fmt::join(option.words, " "));
        case Completion::command:
        case Completion::none:
            break;
    }
    return " ";
}

std::string zsh_options() {
    std::string out;
    for (const auto& option : cli::options) {
        const std::string many = option.repeatable ? "*" : "";
        std::string rest = fmt::format("[{}]", zsh_escaped(option.help));
        if (!option.argument.empty()) rest += fmt::format(":{}:{}", zsh_escaped(option.argument), zsh_action(option));
        const char* glued = option.argument.empty() ? "" : "=";
        out += fmt::format("        {}\n", shell_quoted(fmt::format("{}--{}{}{}", many, option.name, glued, rest)));
        const char* near = option.argument.empty() ? "" : "+";
        if (option.letter != '\0')
            out += fmt::format("        {}\n", shell_quoted(fmt::format("{}-{}{}{}", many, option.letter, near, rest)));
    }
    return out;
}

std::string zsh_described(const NamedHelp& words) {
    std::string out;
    for (const auto& [name, help] : words)
        out += fmt::format("        {}\n", shell_quoted(fmt::format("{}:{}", name, zsh_escaped(help))));
    return out;
}

constexpr std::string_view zsh_frame = R"sh(#compdef nsrun
# zsh completion for nsrun. Made from nsrun's tables of options and keys; changes belong there.

_nsrun_profiles() {
    local -a names
    names=(${(f)"$(nsrun profile list 2>/dev/null | sed -n 's/^\([^ ]\{1,\}\)  .*/\1/p')"})
    _alternative 'profiles:profile:compadd -a names' 'files:file:_files -g "*.toml"'
}

_nsrun_settings() {
    local -a settings
    settings=(
@SETTINGS@
    )
    # Values come after the key is chosen; 'nsrun keys' wants keys alone.
    [[ $PREFIX == *=* ]] || settings=(${settings:#*=?*})
    # Of namespaces to join, the sandboxes that run.
    local running=${XDG_RUNTIME_DIR:-/run/user/$UID}/nsrun
    ((UID)) || running=/run/nsrun
    [[ $PREFIX == join.*=* ]] && settings=(${PREFIX%%=*}=${^$(print -rl -- $running/*(N:t))})
    [[ $1 == keys ]] && settings=(${settings%=})
    compadd -S '' -a settings
}

_nsrun_first() {
    local -a verbs
    verbs=(
@VERBS@
    )
    _describe -t verbs verb verbs
    _command_names -e
}

_nsrun() {
    local -a options profile_verbs
    local curcontext=$curcontext state
    options=(
@OPTIONS@
    )
    profile_verbs=(
@PROFILE@
    )
    _arguments -C -S $options '(-)1: :_nsrun_first' '*:: :->rest' && return 0
    [[ $state == rest ]] || return 1
    case $words[1] in
        run|plan) _arguments -S $options '(-)1: :_command_names -e' '*:: :_normal' ;;
        check) _arguments $options '*: :_nsrun_profiles' ;;
        keys) _arguments $options '1: :_nsrun_settings keys' ;;
        doctor|version) _arguments $options ;;
        profile)
            if ((CURRENT == 2)); then
                _describe -t verbs verb profile_verbs
            elif [[ $words[2] == (show|path) ]]; then
                _nsrun_profiles
            fi ;;
        *) _normal ;;
    esac
}

_nsrun "$@"
)sh";

}  // namespace

std::string zsh_completion() {
    std::string lines;
    for (const auto& setting : settings()) lines += "        " + shell_quoted(setting.text) + "\n";
    std::string text = filled(std::string(zsh_frame), "SETTINGS", lines);
    text = filled(text, "VERBS", zsh_described(first_words()));
    text = filled(text, "OPTIONS", zsh_options());
    return filled(text, "PROFILE", zsh_described(profile_words()));
}

}  // namespace nsrun::doc
