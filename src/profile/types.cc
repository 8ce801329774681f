#include "profile/types.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>

namespace nsrun {
namespace {

/// A unit of a number in text and how much it stands for.
struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr auto size_units =
    std::to_array<Unit>({{"T", 1ULL << 40}, {"G", 1ULL << 30}, {"M", 1ULL << 20}, {"K", 1ULL << 10}});
constexpr auto rate_units = std::to_array<Unit>({{"tbit", 1'000'000'000'000},
                                                 {"gbit", 1'000'000'000},
                                                 {"mbit", 1'000'000},
                                                 {"kbit", 1000},
                                                 {"bit", 1}});
constexpr auto time_units =
    std::to_array<Unit>({{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}});

/// Reads decimal digits; nothing when there are none, anything else, or too many.
std::optional<std::uint64_t> number(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    std::uint64_t result = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return std::nullopt;
        if (__builtin_mul_overflow(result, 10U, &result)) return std::nullopt;
        if (__builtin_add_overflow(result, static_cast<std::uint64_t>(digit - '0'), &result)) return std::nullopt;
    }
    return result;
}

/// Splits "512M" at the first letter.
std::pair<std::string_view, std::string_view> digits_and_unit(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return {text.substr(0, end), text.substr(end)};
}

/// A number with its unit as a product; `most` bounds it. `expected` words the complaint.
Complaint measure(std::string_view text, std::span<const Unit> units, bool unit_optional, std::uint64_t most,
                  const char* expected, const char* units_help, std::uint64_t& out) {
    const auto [digits, suffix] = digits_and_unit(text);
    const bool shaped = !digits.empty();
    std::uint64_t factor = shaped && suffix.empty() && (unit_optional || digits == "0") ? 1 : 0;
    for (const auto& unit : units) {
        if (unit.suffix == suffix) factor = unit.factor;
    }
    if (!shaped || factor == 0) {
        return {Code::wrong_type, fmt::format("expected {}, found '{}'", expected, printable(text)), units_help};
    }
    const auto count = number(digits);
    if (!count || __builtin_mul_overflow(*count, factor, &out) || out > most) {
        return {Code::out_of_range, fmt::format("'{}' is too large", printable(text)), units_help};
    }
    return {};
}

/// True when a component of the path is "..".
bool climbs(std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (path.substr(0, slash) == "..") return true;
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return false;
}

Complaint bad_path(std::string_view text, const char* problem, std::string help) {
    return {Code::bad_path, fmt::format("'{}' {}", printable(text), problem), std::move(help)};
}

}  // namespace

Complaint judge_path(std::string_view text) {
    if (text.empty()) return {Code::bad_path, "a path is empty", "write an absolute path, or leave it out"};
    if (text.find('\0') != std::string_view::npos) {
        return {Code::nul_byte, "a text with a NUL in it", "remove \\u0000: no path or argument can hold it"};
    }
    if (text[0] == '~' && text.size() > 1 && text[1] != '/') {
        return bad_path(text, "names a home by its user", "write that home's absolute path");
    }
    if (text[0] != '/' && text[0] != '~') {
        return bad_path(text, "is not absolute", fmt::format("write \"${{CWD}}/{0}\" or \"~/{0}\"", printable(text)));
    }
    if (climbs(text)) return bad_path(text, "goes up with '..'", "write the path without '..'");
    return {};
}

Complaint judge_absolute_path(std::string_view text) {
    if (text.starts_with('~')) {
        return bad_path(text, "begins with '~'", "write the absolute path inside, as \"${HOME}/...\"");
    }
    return judge_path(text);
}

Complaint read_text(std::string_view text, ByteSize& out) {
    return measure(text, size_units, true, std::numeric_limits<std::int64_t>::max(), expected_text<ByteSize>,
                   "powers of 1024: K, M, G, T; no suffix for bytes", out.bytes);
}

Complaint read_text(std::string_view text, BitRate& out) {
    constexpr const char* units = "powers of 1000: bit, kbit, mbit, gbit, tbit";
    BitRate rate;
    auto complaint = measure(text, rate_units, false, std::numeric_limits<std::int64_t>::max(), expected_text<BitRate>,
                             units, rate.bits_per_second);
    if (!complaint && rate.bits_per_second != 0 && rate.bits_per_second < 8) {
        complaint = {Code::out_of_range, fmt::format("'{}' is less than a byte a second", printable(text)), units};
    }
    if (!complaint) out = rate;
    return complaint;
}

Complaint read_text(std::string_view text, Duration& out) {
    // A century: what is longer is a mistake, and sums of such times cannot overflow.
    constexpr std::uint64_t most = 36525ULL * 86'400'000;
    std::uint64_t length = 0;
    auto complaint =
        measure(text, time_units, false, most, expected_text<Duration>, "units are ms, s, m, h, d", length);
    if (!complaint) out.length = std::chrono::milliseconds(length);
    return complaint;
}

Complaint read_text(std::string_view text, FileMode& out) {
    std::uint32_t bits = 0;
    bool octal = !text.empty() && text.size() <= 5;
    for (const char digit : text) {
        octal = octal && digit >= '0' && digit <= '7';
        bits = bits * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    if (!octal) {
        return {Code::wrong_type, fmt::format("expected {}, found '{}'", expected_text<FileMode>, printable(text)),
                "write octal digits: \"0755\""};
    }
    if (bits > 07777) {
        return {Code::out_of_range, fmt::format("'{}' has bits above 07777", printable(text)),
                "write at most \"7777\""};
    }
    out.bits = bits;
    return {};
}

Complaint read_text(std::string_view text, Path& out) {
    auto complaint = judge_path(text);
    if (!complaint) out.text = text;
    return complaint;
}

Complaint read_text(std::string_view text, PathRule& out) {
    PathRule rule;
    std::string_view rest = text;
    rule.optional = rest.starts_with('-');
    if (rule.optional) rest.remove_prefix(1);
    bool in_target = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        std::string& part = in_target ? rule.target : rule.source;
        if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == ':') {
            part += rest[++i];
        } else if (rest[i] != ':') {
            part += rest[i];
        } else if (in_target) {
            return bad_path(text, "has more than one ':'", "write '\\:' for a colon of a name: \"/a\\\\:b\"");
        } else {
            in_target = true;
        }
    }
    if (auto complaint = judge_path(rule.source)) return complaint;
    if (in_target && rule.target.empty()) return bad_path(text, "ends with ':'", "write a target after ':', or no ':'");
    if (in_target) {
        if (auto complaint = judge_path(rule.target)) return complaint;
    }
    out = std::move(rule);
    return {};
}

std::string write_text(const ByteSize& size) {
    for (const auto& unit : size_units) {
        if (size.bytes != 0 && size.bytes % unit.factor == 0) {
            return fmt::format("{}{}", size.bytes / unit.factor, unit.suffix);
        }
    }
    return fmt::format("{}", size.bytes);
}

std::string write_text(const BitRate& rate) {
    if (rate.bits_per_second == 0) return "0";
    for (const auto& unit : rate_units) {
        if (rate.bits_per_second % unit.factor == 0) {
            return fmt::format("{}{}", rate.bits_per_second / unit.factor, unit.suffix);
        }
    }
    return {};
}

std::string write_text(const Duration& time) {
    const auto length = static_cast<std::uint64_t>(time.length.count());
    if (length == 0) return "0";
    const Unit* best = &time_units[0];
    for (const auto& unit : time_units) {
        if (length % unit.factor == 0) best = &unit;
    }
    return fmt::format("{}{}", length / best->factor, best->suffix);
}

std::string write_text(const FileMode& mode) {
    return fmt::format("{:04o}", mode.bits);
}

std::string write_text(const Path& path) {
    return path.text;
}

std::string write_text(const PathRule& rule) {
    std::string text = rule.optional ? "-" : "";
    const auto append = [&text](std::string_view path) {
        for (const char letter : path) {
            if (letter == ':') text += '\\';
            text += letter;
        }
    };
    append(rule.source);
    if (!rule.target.empty()) {
        text += ':';
        append(rule.target);
    }
    return text;
}

}  // namespace nsrun
