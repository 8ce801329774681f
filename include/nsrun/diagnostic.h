#pragma once
#include <nsrun/enums.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// A stretch of a source text. Lines and columns count from 1, columns in code points; the end is exclusive.
/// `source` indexes Sources; `line` 0 means nowhere: nsrun's own doing.
struct Span {
    std::uint32_t source = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t end_line = 0;
    std::uint32_t end_column = 0;

    /// True when the span points at something that the user wrote.
    constexpr explicit operator bool() const { return line != 0; }
    bool operator==(const Span&) const = default;
};

/// A text that settings came from: a profile file, or one `--set` (then `flag` is true and a span names no line).
struct Source {
    std::string name;  ///< as the user would write it: "browser.toml", "--set network.mode", "--ro"
    std::string text;
    bool flag = false;
};

/// All texts of one run; spans index it.
using Sources = std::vector<Source>;

/// Names a span for people: "browser.toml:12", "--set network.mode", or "" for nowhere.
std::string place(const Span& span, const Sources& sources);

enum class Severity : std::uint8_t { error, warning, note };
template <>
inline constexpr auto words<Severity> = std::to_array<Word<Severity>>({
    {Severity::error, "error", "the run is refused"},
    {Severity::warning, "warning", "the run goes on"},
    {Severity::note, "note", "belongs to the diagnostic above it"},
});

/// Every kind of diagnostic. Its spelling is stable and documented; each has a golden test.
enum class Code : std::uint8_t {
    syntax,
    not_utf8,
    too_large,
    too_deep,
    nul_byte,
    unreadable,
    untrusted_profile,
    unknown_profile,
    extends_cycle,
    unknown_key,
    unknown_value,
    wrong_type,
    out_of_range,
    duplicate_entry,
    missing_key,
    bad_condition,
    unknown_variable,
    bad_path,
    bad_reset,
    conflict,
    conflicting_mounts,
    hidden_rule,
    needs_namespace,
    needs_privilege,
    needs_kernel,
    needs_version,
    needs_helper,
    needs_network,
    needs_init,
    needs_setting,
    missing_link,
    missing_source,
    wide_pattern,
    missing_target,
    bad_id,
    overlapping_ids,
    not_enough_ids,
    unknown_user,
    unmapped_id,
    missing_command,
    not_executable,
    writable_profile,
    shared_abstract_sockets,
    unknown_sandbox,
    ambiguous_sandbox,
    dropped,
    step_failed,
};
template <>
inline constexpr auto words<Code> = std::to_array<Word<Code>>({
    {Code::syntax, "syntax", "the text is not TOML"},
    {Code::not_utf8, "not-utf8", "the text is not UTF-8"},
    {Code::too_large, "too-large", "a text, or what its variables expand to, exceeds 1 MiB"},
    {Code::too_deep, "too-deep", "a text or a condition nests deeper than 64 levels, or variables do"},
    {Code::nul_byte, "nul-byte", "a NUL byte, which no path or argument can hold"},
    {Code::unreadable, "unreadable", "a file that the profile names cannot be read"},
    {Code::untrusted_profile, "untrusted-profile", "a profile that others than root can change, while nsrun runs as root"},
    {Code::unknown_profile, "unknown-profile", "no profile of that name is found"},
    {Code::extends_cycle, "extends-cycle", "profiles extend each other in a circle"},
    {Code::unknown_key, "unknown-key", "a key that does not exist"},
    {Code::unknown_value, "unknown-value", "a word that is not among those the key takes"},
    {Code::wrong_type, "wrong-type", "a value of another kind than the key takes"},
    {Code::out_of_range, "out-of-range", "a number outside of what the key or the kernel takes"},
    {Code::duplicate_entry, "duplicate-entry", "the same thing is written twice in one text"},
    {Code::missing_key, "missing-key", "a key that others require is absent"},
    {Code::bad_condition, "bad-condition", "the expression of a [when] section is wrong"},
    {Code::unknown_variable, "unknown-variable", "a ${...} that does not exist or has no value here"},
    {Code::bad_path, "bad-path", "a path that is not absolute, or malformed"},
    {Code::bad_reset, "bad-reset", "reset names something that is not a key"},
    {Code::conflict, "conflict", "two keys contradict each other"},
    {Code::conflicting_mounts, "conflicting-mounts", "two mounts want the same target"},
    {Code::hidden_rule, "hidden-rule", "a mount hides another one completely"},
    {Code::needs_namespace, "needs-namespace", "a key needs a namespace that is not in the list"},
    {Code::needs_privilege, "needs-privilege", "a key needs a privilege that the caller lacks"},
    {Code::needs_kernel, "needs-kernel", "a key needs a facility that this kernel lacks"},
    {Code::needs_version, "needs-version", "the profile requires a newer kernel or nsrun"},
    {Code::needs_helper, "needs-helper", "a key needs a program that is not installed"},
    {Code::needs_network, "needs-network", "the host has no way out that the sandbox could use"},
    {Code::needs_init, "needs-init", "a key needs nsrun's init, which the profile switches off"},
    {Code::needs_setting, "needs-setting", "a key needs a setting of the host that is off"},
    {Code::missing_link, "missing-link", "a network interface of the host does not exist"},
    {Code::missing_source, "missing-source", "the source of a mount does not exist"},
    {Code::wide_pattern, "wide-pattern", "a pattern that matches too many paths, or has too many to look at"},
    {Code::missing_target, "missing-target", "the target of a mount does not exist and cannot be made"},
    {Code::bad_id, "bad-id", "a uid or gid that does not exist inside or cannot be used"},
    {Code::overlapping_ids, "overlapping-ids", "two id ranges overlap"},
    {Code::not_enough_ids, "not-enough-ids", "more ids are requested than are available"},
    {Code::unknown_user, "unknown-user", "no user or group of that name exists"},
    {Code::unmapped_id, "unmapped-id", "an id that is used inside is not mapped"},
    {Code::missing_command, "missing-command", "the program does not exist inside"},
    {Code::not_executable, "not-executable", "the program exists inside but cannot be executed"},
    {Code::writable_profile, "writable-profile", "the sandbox could write its own profile"},
    {Code::shared_abstract_sockets, "shared-abstract-sockets", "the sandbox shares abstract sockets with the host"},
    {Code::unknown_sandbox, "unknown-sandbox", "no running sandbox of that name can be joined"},
    {Code::ambiguous_sandbox, "ambiguous-sandbox", "several running sandboxes have that name"},
    {Code::dropped, "dropped", "a part of the profile was left out, as the profile allows"},
    {Code::step_failed, "step-failed", "the system refused a step of the plan"},
});

/// One problem of the user's wish, with its place. Messages: lower case, no full stop, quotes around what the user wrote.
struct Diagnostic {
    Severity severity = Severity::error;
    Code code = Code::syntax;
    Span at;
    std::string message;
    std::string help;  ///< one thing to do; may be empty
    std::string step;  ///< for step_failed: the step in its text form

    bool operator==(const Diagnostic&) const = default;
};

/// The problems found so far, in the order they were found.
class Diagnostics {
  public:
    /// Records an error; the run will be refused.
    void error(Code code, const Span& at, std::string message, std::string help = {});
    /// Records a warning; the run goes on.
    void warning(Code code, const Span& at, std::string message, std::string help = {});
    void add(Diagnostic diagnostic);

    bool has_errors() const { return errors_ != 0; }
    bool empty() const { return list_.empty(); }
    const std::vector<Diagnostic>& list() const { return list_; }
    /// Puts them in the order of the sources; equal places keep the order of their discovery, exact doubles are dropped.
    void sort();

  private:
    std::vector<Diagnostic> list_;
    std::size_t errors_ = 0;
};

/// Renders diagnostics as people read them: `file:line:column: severity: message [code]`, source line, caret, help.
/// Control characters of anything quoted are escaped. `color` adds SGR sequences.
std::string to_text(const Diagnostics& diagnostics, const Sources& sources, bool color);

/// Makes a text safe to print on a terminal: control characters, and bytes that are not UTF-8, become \xNN.
std::string printable(std::string_view text);

}  // namespace nsrun
