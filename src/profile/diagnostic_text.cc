#include <nsrun/diagnostic.h>

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace nsrun {
namespace {

/// Code points of a source line that are shown, and how many of them stand before the caret when it is far right.
constexpr std::size_t widest_line = 120;
constexpr std::size_t before_caret = 40;
/// Code points of a message that are shown: what a profile says may be as long as the profile.
constexpr std::size_t longest_message = 600;
/// Diagnostics that get their source line; the rest of a hopeless text gets a line each.
constexpr std::size_t most_excerpts = 200;

struct Colors {
    std::string_view place, severity, caret, help, end;
};

Colors colors_of(Severity severity, bool color) {
    if (!color) return {};
    switch (severity) {
        case Severity::error: return {"\033[1m", "\033[1;31m", "\033[1;31m", "\033[1;32m", "\033[0m"};
        case Severity::warning: return {"\033[1m", "\033[1;33m", "\033[1;33m", "\033[1;32m", "\033[0m"};
        case Severity::note: return {"\033[1m", "\033[1;36m", "\033[1;36m", "\033[1;32m", "\033[0m"};
    }
    return {};
}

void append_escaped(std::string& out, std::string_view bytes) {
    for (const char byte : bytes) {
        fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(byte));
    }
}

/// Takes the first code point off a text, and gives it as it may be printed.
std::string take_printable(std::string_view& text) {
    const auto point = utf8::first(text);
    const auto bytes = text.substr(0, point.size == 0 ? 1 : point.size);
    text.remove_prefix(bytes.size());
    std::string shown;
    if (point.size == 0 || utf8::unprintable(point.value)) {
        append_escaped(shown, bytes);
    } else {
        shown = bytes;
    }
    return shown;
}

/// A message as it may be printed; of an endless one its beginning and its end.
std::string shortened(std::string_view text) {
    std::string shown;
    const std::size_t length = utf8::length(text);
    const std::size_t left_out = length > longest_message ? length - longest_message : 0;
    for (std::size_t here = 0; !text.empty(); ++here) {
        const bool out = here >= longest_message / 2 && here - longest_message / 2 < left_out;
        const std::string point = take_printable(text);
        if (!out) shown += point;
        if (left_out > 0 && here == longest_message / 2) shown += "...";
    }
    return shown;
}

/// The lines of one source, found once however many diagnostics point into it.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) starts_.push_back(at + 1);
    }
    /// The text of a line, counted from 1, without its end; empty beyond the last.
    std::string_view line(std::size_t number) const {
        if (number == 0 || number > starts_.size()) return {};
        const std::size_t start = starts_[number - 1];
        std::string_view line = text_.substr(start, text_.find('\n', start) - start);
        if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

/// A source line and the line of carets under it, as wide as what stands above.
struct Excerpt {
    std::string line;
    std::string carets;

    void add(std::string_view shown, std::size_t cells, bool marked) {
        line += shown;
        if (shown == "\t") {
            carets += '\t';
        } else {
            carets.append(cells, marked ? '^' : ' ');
        }
    }
};

Excerpt excerpt(std::string_view text, const Span& at) {
    const std::size_t total = utf8::length(text);
    const std::size_t column = std::clamp<std::size_t>(at.column, 1, total + 1);
    std::size_t end = at.end_line == at.line ? at.end_column : total + 1;
    end = std::max(std::min(end, total + 1), column + 1);

    const bool clipped = total > widest_line;
    const std::size_t first = clipped && column > widest_line - before_caret ? column - before_caret : 1;
    const std::size_t last = clipped ? std::min(total, first + widest_line - 1) : total;

    Excerpt result;
    if (first > 1) result.add("...", 3, false);
    for (std::size_t here = 1; here <= total && here <= last; ++here) {
        const bool tab = text.front() == '\t';
        const std::string shown = take_printable(text);
        if (here < first) continue;
        const bool escaped = shown.size() > 1 && shown.front() == '\\';
        const std::size_t cells = escaped ? shown.size() : utf8::cells(utf8::first(shown).value);
        result.add(tab ? "\t" : shown, cells, here >= column && here < end);
    }
    if (last < total) result.line += "...";
    if (result.carets.find('^') == std::string::npos) result.carets += '^';
    result.carets.erase(result.carets.find_last_of('^') + 1);
    return result;
}

class Renderer {
  public:
    Renderer(const Sources& sources, bool color) : sources_(sources), color_(color), lines_(sources.size()) {}

    void add(const Diagnostic& diagnostic) {
        const Colors colors = colors_of(diagnostic.severity, color_);
        fmt::format_to(out(), "{}{}:{} {}{}:{} {} [{}]\n", colors.place, position(diagnostic.at), colors.end,
                       colors.severity, spelling(diagnostic.severity), colors.end, shortened(diagnostic.message),
                       spelling(diagnostic.code));
        if (++excerpts_ <= most_excerpts) add_excerpt(diagnostic.at, colors);
        if (!diagnostic.step.empty()) fmt::format_to(out(), "  step: {}\n", printable(diagnostic.step));
        if (!diagnostic.help.empty()) {
            fmt::format_to(out(), "  {}help:{} {}\n", colors.help, colors.end, shortened(diagnostic.help));
        }
    }
    std::string take() { return std::move(text_); }

  private:
    std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

    std::string position(const Span& at) const {
        if (!at || at.source >= sources_.size()) return "nsrun";
        const Source& source = sources_[at.source];
        if (source.flag) return printable(source.name);
        return fmt::format("{}:{}:{}", printable(source.name), at.line, at.column);
    }

    void add_excerpt(const Span& at, const Colors& colors) {
        if (!at || at.source >= sources_.size()) return;
        auto& lines = lines_[at.source];
        if (lines.empty()) lines.emplace_back(sources_[at.source].text);
        const std::string_view line = lines.front().line(at.line);
        if (line.find_first_not_of(" \t") == line.npos) return;
        const Excerpt shown = excerpt(line, at);
        fmt::format_to(out(), "  {}\n  {}{}{}\n", shown.line, colors.caret, shown.carets, colors.end);
    }

    const Sources& sources_;
    bool color_;
    std::vector<std::vector<Lines>> lines_;  ///< none or one for each source
    std::size_t excerpts_ = 0;
    std::string text_;
};

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) shown += take_printable(text);
    return shown;
}

std::string place(const Span& span, const Sources& sources) {
    if (!span || span.source >= sources.size()) return "";
    const Source& source = sources[span.source];
    return source.flag ? source.name : fmt::format("{}:{}", source.name, span.line);
}

std::string to_text(const Diagnostics& diagnostics, const Sources& sources, bool color) {
    Renderer renderer(sources, color);
    for (const auto& diagnostic : diagnostics.list()) renderer.add(diagnostic);
    return renderer.take();
}

}  // namespace nsrun
