#include "profile/condition.h"

#include <nsrun/facilities.h>

#include "base/nearest.h"
#include "profile/span.h"
#include "profile/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace nsrun {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::array<std::string_view, 6> order_signs{"==", "!=", ">=", "<=", ">", "<"};
constexpr std::array<std::string_view, 7> subjects{"env", "exists", "has", "instance", "kernel", "not", "uid"};

constexpr bool of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

template <class T>
bool compared(const T& left, std::string_view sign, const T& right) {
    if (sign == "==") return left == right;
    if (sign == "!=") return left != right;
    if (sign == ">=") return left >= right;
    if (sign == "<=") return left <= right;
    return sign == ">" ? left > right : left < right;
}

/// The whole of a text as a number.
std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A parser that descends through or, and, not, to the questions. After the first mistake it says nothing more.
class Parser {
  public:
    Parser(std::string_view text, const Span& at, const Context& context, std::vector<Question>& asked,
           Diagnostics& diagnostics)
        : text_(text), span_(at), context_(context), asked_(asked), diagnostics_(diagnostics) {}

    std::optional<bool> parse() {
        const bool holds = any();
        if (!wrong_ && !rest().empty()) mistake("expected \"and\", \"or\" or the end");
        if (wrong_) return std::nullopt;
        return holds;
    }

  private:
    bool any() {
        bool holds = all();
        while (!wrong_ && take_word("or")) {
            // Both sides are read, whatever the first one is.
            const bool other = all();
            holds = holds || other;
        }
        return holds;
    }

    bool all() {
        bool holds = one();
        while (!wrong_ && take_word("and")) {
            const bool other = one();
            holds = holds && other;
        }
        return holds;
    }

    bool one() {
        if (++depth_ > deepest) {
            diagnostics_.error(Code::too_deep, span_, fmt::format("a condition nests deeper than {} levels", deepest),
                               "write it with fewer parentheses");
            return wrong();
        }
        bool holds = false;
        if (take_word("not")) {
            holds = !one();
        } else if (take("(")) {
            holds = any();
            if (!wrong_ && !take(")")) mistake("expected \")\"");
        } else {
            holds = question();
        }
        --depth_;
        return holds;
    }

    bool question() {
        if (take_word("env")) return env();
        if (take_word("exists")) return exists();
        if (take_word("has")) return has();
        if (take_word("instance")) return text_comparison(context_.instance);
        if (take_word("kernel")) return kernel();
        if (take_word("uid")) return uid();
        const std::string_view word = peek_word();
        const std::string_view meant = nearest(word, subjects);
        mistake("expected a question such as env(X), exists(PATH), has(FACILITY), kernel, uid or instance",
                meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
        return false;
    }

    bool env() {
        if (!expect("(")) return false;
        const std::string_view name = take_any_word();
        if (name.empty()) return mistake("expected the name of an environment variable");
        if (!expect(")")) return false;
        const auto value = context_.variable(name);
        const std::string_view next = rest();
        if (next.starts_with("=") || next.starts_with("!=")) return text_comparison(value.value_or(""));
        return value && !value->empty();
    }

    bool exists() {
        if (!expect("(")) return false;
        rest();
        std::string_view path;
        std::size_t offset = at_;
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            const auto quoted = string();
            if (!quoted) return false;
            path = *quoted;
            ++offset;
        } else {
            path = text_.substr(at_, text_.find(')', at_) - at_);
            at_ += path.size();
            while (path.ends_with(' ') || path.ends_with('\t')) path.remove_suffix(1);
        }
        const Span where = part_of(span_, text_, offset, path.size());
        if (!expect(")")) return false;
        Variables expansion(context_, nullptr, diagnostics_);
        auto expanded = expansion.text(path, where);
        if (!expanded) return wrong();
        if (*expanded == "~" || expanded->starts_with("~/")) expanded->replace(0, 1, context_.caller.home);
        if (!expanded->starts_with('/')) {
            diagnostics_.error(Code::bad_condition, where, fmt::format("'{}' is not an absolute path", path),
                               "begin it with / or ~ or ${CWD}");
            return wrong();
        }
        return answer(Question::Kind::exists, std::move(*expanded), context_.exists);
    }

    bool has() {
        if (!expect("(")) return false;
        rest();
        const std::size_t offset = at_;
        const std::string_view name = take_any_word();
        if (name.empty()) return mistake("expected the name of a facility");
        if (!from_spelling<Facility>(name)) {
            std::array<std::string_view, words<Facility>.size()> names;
            for (std::size_t i = 0; i < names.size(); ++i) names[i] = words<Facility>[i].name;
            const std::string_view meant = nearest(name, names);
            diagnostics_.error(Code::bad_condition, part_of(span_, text_, offset, name.size()),
                               fmt::format("unknown facility '{}'", name),
                               meant.empty() ? "nsrun doctor lists the facilities" : fmt::format("did you mean '{}'?", meant));
            return wrong();
        }
        if (!expect(")")) return false;
        return answer(Question::Kind::has, std::string(name), context_.has);
    }

    bool kernel() {
        const std::string_view sign = take_sign(order_signs.size());
        if (sign.empty()) return false;
        rest();
        const std::size_t offset = at_;
        const std::string_view word = take_any_word();
        const std::size_t dot = std::min(word.find('.'), word.size());
        const auto major = number(word.substr(0, dot));
        const auto minor = dot == word.size() ? std::optional(0U) : number(word.substr(dot + 1));
        if (major && minor) return compared(context_.kernel, sign, Version{*major, *minor});
        at_ = offset;
        return mistake("expected a kernel version such as 6.7");
    }

    bool uid() {
        const std::string_view sign = take_sign(order_signs.size());
        if (sign.empty()) return false;
        rest();
        const std::size_t offset = at_;
        if (const auto id = number(take_any_word())) return compared(context_.caller.uid, sign, *id);
        at_ = offset;
        return mistake("expected a user id such as 0");
    }

    bool text_comparison(std::string_view value) {
        const std::string_view sign = take_sign(2);
        if (sign.empty()) return false;
        const auto other = string();
        return other && compared(value, sign, *other);
    }

    bool answer(Question::Kind kind, std::string subject, const std::vector<std::pair<std::string, bool>>& answers) {
        bool yes = false;
        for (const auto& [about, given] : answers) {
            if (about == subject) yes = given;
        }
        asked_.push_back({kind, std::move(subject)});
        return yes;
    }

    /// What is left, without the blanks before it.
    std::string_view rest() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
        return text_.substr(at_);
    }
    std::string_view peek_word() {
        const std::string_view left = rest();
        std::size_t size = 0;
        while (size < left.size() && of_word(left[size])) ++size;
        return left.substr(0, size);
    }
    std::string_view take_any_word() {
        const std::string_view word = peek_word();
        at_ += word.size();
        return word;
    }
    bool take_word(std::string_view word) {
        if (peek_word() != word) return false;
        at_ += word.size();
        return true;
    }
    bool take(std::string_view sign) {
        if (!rest().starts_with(sign)) return false;
        at_ += sign.size();
        return true;
    }
    bool expect(std::string_view sign) { return take(sign) || mistake(fmt::format("expected \"{}\"", sign)); }

    /// One of the first `count` signs of comparison; empty when there is none, which is reported.
    std::string_view take_sign(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (take(order_signs[i])) return order_signs[i];
        }
        mistake(count == 2 ? "expected == or !=" : "expected ==, !=, >=, <=, > or <");
        return {};
    }

    /// A text in double or single quotes; there are no escapes.
    std::optional<std::string_view> string() {
        const std::string_view left = rest();
        const bool quoted = left.starts_with('"') || left.starts_with('\'');
        const std::size_t end = quoted ? left.find(left.front(), 1) : left.npos;
        if (end == left.npos) {
            mistake(quoted ? "expected the quote to end" : "expected a text in quotes");
            return std::nullopt;
        }
        at_ += end + 1;
        return left.substr(1, end - 1);
    }

    bool wrong() {
        wrong_ = true;
        return false;
    }

    /// Reports the word or sign that stands here instead of what was expected.
    bool mistake(std::string message, std::string help = {}) {
        if (wrong_) return false;
        std::string_view found = peek_word();
        if (found.empty()) {
            // A sign, which may be a letter of several bytes.
            found = rest().substr(0, 1);
            while (at_ + found.size() < text_.size() && (text_[at_ + found.size()] & 0xC0) == 0x80) {
                found = text_.substr(at_, found.size() + 1);
            }
        }
        message += found.empty() ? ", found the end" : fmt::format(", found '{}'", found);
        if (help.empty()) help = "for example [when.'env(DISPLAY) and not has(landlock)']";
        diagnostics_.error(Code::bad_condition, part_of(span_, text_, at_, found.size()), std::move(message), std::move(help));
        return wrong();
    }

    std::string_view text_;
    Span span_;
    const Context& context_;
    std::vector<Question>& asked_;
    Diagnostics& diagnostics_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool wrong_ = false;
};

}  // namespace

std::optional<bool> condition(std::string_view expression, const Span& at, const Context& context,
                              std::vector<Question>& asked, Diagnostics& diagnostics) {
    return Parser(expression, at, context, asked, diagnostics).parse();
}

}  // namespace nsrun
