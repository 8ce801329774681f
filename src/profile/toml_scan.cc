#include "profile/toml_scan.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace nsrun {
namespace {

/// The first byte that is NUL or not part of UTF-8; the size of the text when there is none.
std::size_t first_bad_byte(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const char byte = text[at];
        if (byte > 0) {
            ++at;
            continue;
        }
        const std::size_t size = byte == 0 ? 0 : utf8::first(text.substr(at)).size;
        if (size == 0) return at;
        at += size;
    }
    return at;
}

/// Walks over the tokens of a text. A statement that is not TOML ends the walk: the parser reports it.
class Scan {
  public:
    Scan(std::string_view text, std::uint32_t source, std::vector<Span>& headers, Diagnostics& diagnostics)
        : text_(text), source_(source), headers_(headers), diagnostics_(diagnostics) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;
    }

    /// Reports a byte that is no text.
    void bad_byte(std::size_t where) {
        move_to(where);
        if (text_[where] == '\0') {
            error(Code::nul_byte, "a NUL byte in the text", "remove it; a profile is plain text");
        } else {
            error(Code::not_utf8,
                  fmt::format("the byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text_[where])),
                  "save the file as UTF-8");
        }
    }

    void run() {
        while (at_ < text_.size() && !stopped_) {
            skip_spaces();
            if (at_ == text_.size()) return;
            if (text_[at_] == '[') {
                header();
            } else {
                header_ends_ = false;
            }
            statement();
        }
    }

  private:
    struct Level {
        char open = 0;
        bool value = false;     ///< behind the "=": dots are not of keys
        std::size_t parts = 1;  ///< of the key so far
    };

    char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    void start_line(std::size_t at) {
        at_ = line_start_ = at;
        ++line_;
    }
    void move_to(std::size_t where) {
        for (std::size_t end; (end = text_.find('\n', at_)) < where;) start_line(end + 1);
        at_ = where;
    }
    std::uint32_t column(std::size_t at) const {
        return static_cast<std::uint32_t>(utf8::length(text_.substr(line_start_, at - line_start_)) + 1);
    }
    void error(Code code, std::string message, std::string help) {
        const std::uint32_t where = column(at_);
        diagnostics_.error(code, {source_, line_, where, line_, where + 1}, std::move(message), std::move(help));
        stopped_ = true;
    }

    bool deep() {
        std::size_t depth = header_parts_;
        for (std::size_t i = 0; i <= top_; ++i) depth += levels_[i].parts;
        if (depth <= depth_limit) return false;
        error(Code::too_deep, fmt::format("the text nests deeper than {} levels", depth_limit),
              "no key lies deeper than a few levels");
        return true;
    }

    /// [a.b] or [[a.b]], up to the closing bracket.
    void header() {
        const std::size_t start = at_++;
        const bool twice = here() == '[';
        if (twice) ++at_;
        header_parts_ = twice ? 1 : 0;
        levels_[top_ = 0] = {};
        for (bool more = true; more; ++header_parts_) {
            skip_spaces();
            if (deep()) return;
            if (!key_part()) return;
            skip_spaces();
            more = here() == '.';
            if (more) ++at_;
        }
        if (here() != ']') {
            return error(Code::syntax, "this header does not end", twice ? "end it with ]]" : "end it with ]");
        }
        ++at_;
        if (twice && here() != ']') return error(Code::syntax, "this header does not end", "end it with ]]");
        if (twice) ++at_;
        headers_.push_back({source_, line_, column(start), line_, column(at_)});
        header_ends_ = true;
    }

    bool key_part() {
        if (here() == '"' || here() == '\'') return string();
        const std::size_t start = at_;
        while (at_ < text_.size() && of_bare_key(text_[at_])) ++at_;
        if (at_ != start) return true;
        error(Code::syntax, "a name is missing in this header", "write it with letters, digits, - and _, or in quotes");
        return false;
    }

    /// The rest of a line, and of those that its brackets and strings reach over.
    void statement() {
        levels_[top_ = 0] = {};
        levels_[0].value = header_ends_;
        while (at_ < text_.size() && !stopped_) {
            const char c = text_[at_];
            if (c == '\n') {
                start_line(at_ + 1);
                if (top_ == 0) return;
            } else if (c == '"' || c == '\'') {
                string();
            } else if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (static_cast<unsigned char>(c) >= 0x80) {
                const auto size = utf8::first(text_.substr(at_)).size;
                error(Code::syntax, fmt::format("'{}' stands outside of quotes", text_.substr(at_, size)),
                      "put the key or the text in quotes");
            } else if (levels_[top_].value && !ends_word(c) && c != '[' && c != '{') {
                while (at_ < text_.size() && !ends_word(text_[at_])) ++at_;
            } else {
                mark(c);
                ++at_;
            }
        }
    }

    /// What ends a value without quotes, beside the end of the text. A quote, an = or a bracket that opens does not:
    /// the parser reads on behind it.
    static bool ends_word(char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= '\t' && c <= '\r') || c == ' ' || c == ',' || c == ']' ||
               c == '}' || c == '#';
    }

    void mark(char c) {
        Level& level = levels_[top_];
        if (c == '.' && !level.value) {
            ++level.parts;
            deep();
        } else if (c == '=') {
            level.value = true;
        } else if (c == ',' && level.open == '{') {
            level = {'{', false, 1};
        } else if (c == '{' || c == '[') {
            if (top_ + 1 < levels_.size()) levels_[++top_] = {c, c == '[', 1};
            deep();
        } else if ((c == '}' || c == ']') && top_ > 0) {
            --top_;
        }
    }

    /// Passes over a string of any of the four kinds; reports its first quote when it does not end.
    bool string() {
        const std::size_t start = at_, line_start = line_start_;
        const std::uint32_t line = line_;
        if (ending()) return true;
        if (stopped_) return false;
        at_ = start;
        line_start_ = line_start;
        line_ = line;
        error(Code::syntax, "this quote does not end", "end it on its line, or put longer text in three quotes");
        return false;
    }

    bool ending() {
        const char quote = text_[at_];
        const std::string_view rest = text_.substr(at_);
        const bool multiline = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
        at_ += multiline ? 3 : 1;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\' && quote == '"') {
                if (multiline && !bearable_escape()) return false;
                if (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
            } else if (c == '\n') {
                if (!multiline) return false;
                start_line(at_ + 1);
                --at_;
            } else if (c == quote && !multiline) {
                ++at_;
                return true;
            } else if (c == quote && closes(quote)) {
                return true;
            }
        }
        return false;
    }

    /// False, and reported, when beyond a backslash and the blanks behind it comes no ASCII: toml++ 3.3 asks whether
    /// that is a blank, which is undefined for most of Unicode, and lets vanish what it takes for one.
    bool bearable_escape() {
        const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
        if (next >= text_.size() || static_cast<unsigned char>(text_[next]) < 0x80) return true;
        const auto [letter, size] = utf8::first(text_.substr(next));
        move_to(next);
        error(Code::syntax, fmt::format("'{}' follows a backslash", text_.substr(next, size)),
              fmt::format("write it as \\U{:08X}, or end the line without a backslash", std::uint32_t{letter}));
        return false;
    }

    /// Three quotes end a string of several lines; up to two more before them belong to it.
    bool closes(char quote) {
        std::size_t end = at_;
        while (end < text_.size() && end < at_ + 5 && text_[end] == quote) ++end;
        if (end - at_ < 3) return false;
        at_ = end;
        return true;
    }

    std::string_view text_;
    std::uint32_t source_;
    std::vector<Span>& headers_;
    Diagnostics& diagnostics_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::uint32_t line_ = 1;
    std::size_t header_parts_ = 0;
    bool header_ends_ = false;
    bool stopped_ = false;
    std::array<Level, depth_limit + 1> levels_;
    std::size_t top_ = 0;
};

}  // namespace

bool bearable(std::string_view text, std::uint32_t source, std::vector<Span>& headers, Diagnostics& diagnostics) {
    if (text.size() > text_limit) {
        diagnostics.error(Code::too_large, {source, 1, 1, 1, 1},
                          fmt::format("the text has {} bytes, more than the {} of a profile", text.size(), text_limit),
                          "a profile is a page or two; this is another kind of file");
        return false;
    }
    const std::size_t before = diagnostics.list().size();
    Scan scan(text, source, headers, diagnostics);
    if (const std::size_t bad = first_bad_byte(text); bad < text.size()) {
        scan.bad_byte(bad);
    } else {
        scan.run();
    }
    return diagnostics.list().size() == before;
}

}  // namespace nsrun
