// toml++ asserts on some texts that are merely wrong, and with NDEBUG promises the optimiser that they cannot happen.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <nsrun/nsrun.h>

#include "profile/toml_plain.h"
#include "profile/toml_scan.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

namespace nsrun {
namespace {

bool before(const toml::source_position& left, const toml::source_position& right) {
    return left.line != right.line ? left.line < right.line : left.column < right.column;
}

/// Makes a Document of what toml++ parsed.
class Conversion {
  public:
    Conversion(std::uint32_t source, const std::vector<Span>& headers, Diagnostics& diagnostics)
        : source_(source), headers_(headers), diagnostics_(diagnostics) {}

    Table table(toml::table& from) {
        struct Entry {
            const toml::key* key;
            toml::node* node;
        };
        std::vector<Entry> entries;
        entries.reserve(from.size());
        for (auto&& [key, node] : from) entries.push_back({&key, &node});
        // toml++ keeps keys by the alphabet; people read them in the order of the text.
        std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
            return before(left.key->source().begin, right.key->source().begin);
        });
        Table to;
        to.members.reserve(entries.size());
        for (const auto& entry : entries) {
            const Span at = span(entry.key->source());
            refuse_nul(entry.key->str(), at);
            Member& member = to.members.emplace_back(Member{std::string(entry.key->str()), at, {}});
            if (!fill(member.value, *entry.node, at)) to.members.pop_back();
        }
        return to;
    }

  private:
    Span span(const toml::source_region& region) const {
        return {source_, region.begin.line, region.begin.column, region.end.line, region.end.column};
    }

    /// Where a value stands: itself, its [header], or its key when it came to be by dots.
    Span span(const toml::node& node, const Span& key) const {
        const Span at = span(node.source());
        const auto header = std::lower_bound(headers_.begin(), headers_.end(), at.line,
                                             [](const Span& span, std::uint32_t line) { return span.line < line; });
        if (header != headers_.end() && header->line == at.line && header->column == at.column) return *header;
        const auto* table = node.as_table();
        return table && !table->is_inline() ? key : at;
    }

    /// False when the node has no value that a profile can hold.
    bool fill(Value& to, toml::node& from, const Span& key) {
        to.at = span(from, key);
        switch (from.type()) {
            case toml::node_type::boolean: to.data = from.as_boolean()->get(); return true;
            case toml::node_type::integer: to.data = std::int64_t{from.as_integer()->get()}; return true;
            case toml::node_type::floating_point: to.data = from.as_floating_point()->get(); return true;
            case toml::node_type::string:
                refuse_nul(from.as_string()->get(), to.at);
                to.data = std::move(from.as_string()->get());
                return true;
            case toml::node_type::array: to.data = array(*from.as_array()); return true;
            case toml::node_type::table: to.data = table(*from.as_table()); return true;
            case toml::node_type::none:
            case toml::node_type::date:
            case toml::node_type::time:
            case toml::node_type::date_time: break;
        }
        diagnostics_.error(Code::wrong_type, to.at, "no key takes a date or a time of day",
                           "put it in quotes if text is meant");
        return false;
    }

    Array array(toml::array& from) {
        Array to;
        to.reserve(from.size());
        for (auto& node : from) {
            if (!fill(to.emplace_back(), node, span(node.source()))) to.pop_back();
        }
        return to;
    }

    void refuse_nul(std::string_view text, const Span& at) {
        if (text.find('\0') == text.npos) return;
        diagnostics_.error(Code::nul_byte, at, "a text with a NUL in it", "remove \\u0000: no path or argument can hold it");
    }

    std::uint32_t source_;
    const std::vector<Span>& headers_;
    Diagnostics& diagnostics_;
};

/// What to do about toml++'s complaints, by a part of their words.
struct Remedy {
    std::string_view words, help;
};
constexpr Remedy remedies[] = {
    {"could not determine value type", "put text in quotes: \"...\""},
    {"cannot redefine", "keep one of the two"},
    {"cannot insert", "write the whole table in { }, or none of it"},
    {"unknown escape sequence", "write \\\\ for a backslash, or put the text in single quotes"},
    {"expected comma", "put a comma between elements"},
    {"closing '}'", "write { ... } in one line, with commas, or as a [table] of its own"},
    {"comment or whitespace", "begin a new line for the next key"},
    {"leading zeroes", "leave them away, or put the text in quotes"},
    {"not representable", "write a smaller number"},
    {"control characters", "write it as \\uNNNN in double quotes"},
    {"the text ends", "close the bracket, or write the value"},
};

/// toml++'s sentence in the tone of the house: without a capital, and with what it was about where that is all it says.
std::string in_our_words(std::string_view message) {
    constexpr std::string_view scope_begins = "Error while parsing ";
    if (!message.starts_with(scope_begins)) return std::string(message);
    const std::size_t colon = message.find(": ");
    if (colon == message.npos) return std::string(message);
    const std::string_view scope = message.substr(scope_begins.size(), colon - scope_begins.size());
    message.remove_prefix(colon + 2);
    if (message.find("end-of-file") != message.npos) return fmt::format("the text ends in the middle of: {}", scope);
    return std::string(message);
}

void report(const toml::parse_error& error, std::uint32_t source, const std::vector<Span>& headers,
            Diagnostics& diagnostics) {
    std::string message = in_our_words(error.description());
    const auto position = error.source().begin;
    Span at{source, position.line, position.column, position.line, position.column + 1};
    for (const auto& header : headers) {
        if (header.line == at.line && header.column == at.column) at = header;
    }
    std::string_view help = "each line is KEY = VALUE, [TABLE], [[TABLE]] or # COMMENT";
    for (const auto& remedy : remedies) {
        if (message.find(remedy.words) != message.npos) help = remedy.help;
    }
    const bool doubled = message.starts_with("cannot redefine");
    diagnostics.error(doubled ? Code::duplicate_entry : Code::syntax, at, std::move(message), std::string(help));
}

}  // namespace

Document parse_toml(std::string_view text, std::uint32_t source, Diagnostics& diagnostics) {
    if (auto plain = plain_toml(text, source)) return *std::move(plain);
    std::vector<Span> headers;
    if (!bearable(text, source, headers, diagnostics)) return {};
    toml::parse_result parsed = toml::parse(text, std::string_view{});
    if (parsed) return Conversion(source, headers, diagnostics).table(parsed.table());
    report(parsed.error(), source, headers, diagnostics);
    return {};
}

}  // namespace nsrun
