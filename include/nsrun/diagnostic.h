#pragma once
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

/// Every kind of diagnostic. Its spelling (see enum_names) is stable and documented; each has a golden test.
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
    needs_init,
    missing_source,
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
    dropped,
    step_failed,
};

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
