#include "doc/roff.h"

namespace nsrun::doc {
namespace {

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '\\':
                out += "\\e";
                break;
            case '-':
                out += "\\-";
                break;
            case '\'':
                out += "\\(aq";
                break;
            case '`':
                out += "\\(ga";
                break;
            case '^':
                out += "\\(ha";
                break;
            case '~':
                out += "\\(ti";
                break;
            case '"':
                out += "\\(dq";
                break;
            case '.':
                out += out.empty() || out.back() == '\n' ? "\\&." : ".";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

std::string prose(std::string_view text) {
    std::string out;
    bool quoted = false;
    std::string plain;
    const auto flush = [&] {
        // Hyphens of prose stay hyphens; those of quoted words are for copying.
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const bool hyphen = plain[i] == '-' && i > 0 && i + 1 < plain.size() && is_letter(plain[i - 1]) &&
                                is_letter(plain[i + 1]) && !quoted;
            if (hyphen) {
                out += '-';
            } else if (plain[i] == '.' && (out.empty() || out.back() == '\n')) {
                out += "\\&.";
            } else {
                out += escaped(std::string_view(plain).substr(i, 1)) == "\\&."
                           ? "."
                           : escaped(std::string_view(plain).substr(i, 1));
            }
        }
        plain.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool opens = text[i] == '\'' && !quoted && (i == 0 || !is_letter(text[i - 1]));
        const bool closes = text[i] == '\'' && quoted && (i + 1 == text.size() || !is_letter(text[i + 1]));
        if (opens || closes) {
            flush();
            quoted = opens;
            out += opens ? "\\fB" : "\\fR";
            continue;
        }
        plain += text[i];
        const bool ends = (text[i] == '.' || text[i] == ':') && i + 2 < text.size() && text[i + 1] == ' ' &&
                          text[i] == '.' && text[i + 2] >= 'A' && text[i + 2] <= 'Z' && !quoted;
        if (!ends) continue;
        flush();
        out += '\n';
        ++i;
    }
    flush();
    return out + "\n";
}

std::string paragraphs(std::string_view text, std::string_view separator) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find("\n\n");
        if (!out.empty()) out += separator;
        out += prose(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    }
    return out;
}

std::string filled(const std::string& frame, std::string_view name, const std::string& text) {
    const std::string mark = "@" + std::string(name) + "@\n";
    const std::size_t at = frame.find(mark);
    if (at == std::string::npos) return frame;
    return frame.substr(0, at) + text + frame.substr(at + mark.size());
}

}  // namespace nsrun::doc
