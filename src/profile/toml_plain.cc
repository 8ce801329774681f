#include "profile/toml_plain.h"

#include "profile/toml_scan.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace nsrun {
namespace {

/// Longer tables are the parser's: here each key is looked for among all of its table.
constexpr std::size_t long_table = 64;

/// What a byte can be part of.
enum Part : std::uint8_t { bare_key = 1, comment = 2, literal_string = 4, basic_string = 8 };

constexpr auto parts = [] {
    std::array<std::uint8_t, 256> table{};
    for (char c = ' '; c <= '~'; ++c) {
        const int part = comment | (of_bare_key(c) ? bare_key : 0) | (c != '\'' ? literal_string : 0) |
                         (c != '"' && c != '\\' ? basic_string : 0);
        table[static_cast<unsigned char>(c)] = static_cast<std::uint8_t>(part);
    }
    return table;
}();

/// Reads statement after statement, and gives up at the first one that is not plain.
class PlainReading {
  public:
    PlainReading(std::string_view text, std::uint32_t source) : text_(text), source_(source) {}

    std::optional<Document> document() {
        open_.members.reserve(long_table);
        for (; at_ < text_.size(); start_line()) {
            skip_spaces();
            const bool read = here() == '[' ? header() : ends_statement() || pair();
            if (!read || !end_statement()) return std::nullopt;
        }
        close_table();
        return std::move(root_);
    }

  private:
    char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool take(char c) {
        if (here() != c) return false;
        ++at_;
        return true;
    }
    void skip(Part part) {
        while (at_ < text_.size() && (parts[static_cast<unsigned char>(text_[at_])] & part) != 0) ++at_;
    }
    void skip_spaces() {
        while (here() == ' ' || here() == '\t') ++at_;
    }
    void start_line() {
        line_start_ = ++at_;
        ++line_;
    }
    bool ends_statement() const { return here() == '\n' || here() == '#'; }
    /// Up to the end of the line, over spaces and a comment.
    bool end_statement() {
        skip_spaces();
        if (here() == '#') skip(comment);
        return here() == '\n';
    }

    std::uint32_t column(std::size_t at) const { return static_cast<std::uint32_t>(at - line_start_) + 1; }
    Span since(std::size_t start) const { return {source_, line_, column(start), line_, column(at_)}; }

    std::string_view name() {
        const std::size_t start = at_;
        skip(bare_key);
        return text_.substr(start, at_ - start);
    }

    /// Puts the members read since the last header into the table that they belong to.
    void close_table() {
        Table& table = table_ ? *table_ : root_;
        auto& members = open_.members;
        table.members.assign(std::make_move_iterator(members.begin()), std::make_move_iterator(members.end()));
        members.clear();
    }

    /// [NAME] or [[NAME]], of a new table.
    bool header() {
        const std::size_t start = at_++;
        const bool listed = take('[');
        const std::size_t key_start = at_;
        const std::string_view key = name();
        const Span key_at = since(key_start);
        if (key.empty() || !take(']') || (listed && !take(']'))) return false;
        close_table();
        Value* value = root_.find(key);
        if (!value) {
            if (root_.members.size() == long_table) return false;
            root_.members.push_back({std::string(key), key_at, {{}, since(start)}});
            value = &root_.members.back().value;
            if (listed) value->data.emplace<Array>();
        } else if (const auto* array = value->as<Array>();
                   !listed || !array || array->empty() || !array->front().as<Table>()) {
            return false;  // an array of tables has grown from headers: a written one holds none here
        }
        if (listed) value = &value->as<Array>()->emplace_back(Value{{}, since(start)});
        table_ = &value->data.emplace<Table>();
        return true;
    }

    bool pair() {
        const std::size_t start = at_;
        const std::string_view key = name();
        if (key.empty() || open_.members.size() == long_table || open_.find(key)) return false;
        Member& member = open_.members.emplace_back(Member{std::string(key), since(start), {}});
        skip_spaces();
        if (!take('=')) return false;
        skip_spaces();
        return here() == '[' ? array(member.value) : scalar(member.value);
    }

    bool scalar(Value& to) {
        const std::size_t start = at_;
        const char first = here();
        const bool read = first == '"' || first == '\'' ? string(to) : word(to);
        to.at = since(start);
        return read;
    }

    bool string(Value& to) {
        const char quote = text_[at_++];
        const std::size_t start = at_;
        skip(quote == '"' ? basic_string : literal_string);
        to.data.emplace<std::string>(text_.substr(start, at_ - start));
        return take(quote);  // another quote behind it, as of three, ends no statement
    }

    /// A boolean or a decimal number, by all the letters of a bare key: a date or a fraction goes on behind them.
    bool word(Value& to) {
        const std::string_view word = name();
        if (word == "true" || word == "false") {
            to.data = word == "true";
            return true;
        }
        const std::string_view digits = word.substr(word.starts_with('-') ? 1 : 0);
        if (digits.starts_with('0') && digits.size() > 1) return false;
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || end != word.data() + word.size()) return false;
        to.data = number;
        return true;
    }

    /// Scalars between brackets, over as many lines as they take.
    bool array(Value& to) {
        const std::uint32_t line = line_, first = column(at_++);
        Array elements;
        while (true) {
            skip_between();
            if (take(']')) break;
            if (!scalar(elements.emplace_back())) return false;
            skip_between();
            if (here() != ']' && !take(',')) return false;
        }
        to = {std::move(elements), {source_, line, first, line_, column(at_)}};
        return true;
    }

    /// Over spaces, comments and the ends of lines.
    void skip_between() {
        while (at_ < text_.size() && end_statement()) {
            if (at_ == text_.size()) return;
            start_line();
        }
    }

    std::string_view text_;
    std::uint32_t source_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::uint32_t line_ = 1;
    Document root_;
    Table* table_ = nullptr;  ///< of the last header; the root's own keys come before all headers
    Table open_;              ///< what stands below it so far
};

}  // namespace

std::optional<Document> plain_toml(std::string_view text, std::uint32_t source) {
    if (text.size() > text_limit) return std::nullopt;
    return PlainReading(text, source).document();
}

}  // namespace nsrun
