#include "plan/words.h"

#include <nsrun/names.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/mount.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace nsrun {
namespace {

#ifndef MOUNT_ATTR_NOSYMFOLLOW
constexpr std::uint64_t MOUNT_ATTR_NOSYMFOLLOW = 0x00200000;
#endif

struct AttributeName {
    std::uint64_t mask, bits;
    std::string_view name;
};

/// Access times are one field of several bits; relatime, all zero, is the kernel's default.
constexpr auto attribute_names = std::to_array<AttributeName>({
    {MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, "read-only"},
    {MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSUID, "nosuid"},
    {MOUNT_ATTR_NODEV, MOUNT_ATTR_NODEV, "nodev"},
    {MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC, "noexec"},
    {MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME, "noatime"},
    {MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME, "strictatime"},
    {MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME, "nodiratime"},
    {MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow"},
});

std::vector<std::string> attribute_words(const MountAttributes& attributes) {
    std::vector<std::string> found;
    std::uint64_t rest = attributes.set;
    for (const auto& [mask, bits, name] : attribute_names) {
        if ((attributes.set & mask) != bits) continue;
        found.emplace_back(name);
        rest &= ~mask;
    }
    if (rest != 0) found.push_back(fmt::format("0x{:x}", rest));
    return found;
}

std::vector<std::string> capability_words(const CapabilitySet& set) {
    std::vector<std::string> found;
    for (std::uint32_t number = 0; number < 64; ++number) {
        if ((set.bits >> number & 1) == 0) continue;
        found.push_back(number < capability_names.size() ? std::string(capability_names[number])
                                                         : fmt::format("{}", number));
    }
    return found;
}

/// Words in a row; "none" for none.
std::string listed(const std::vector<std::string>& all) {
    if (all.empty()) return "none";
    return fmt::format("{}", fmt::join(all, ","));
}

template <class T>
Value array_of(const std::vector<T>& list) {
    Array array;
    for (const auto& element : list) {
        if constexpr (std::integral<T>) {
            array.push_back(Value{static_cast<std::int64_t>(element), {}});
        } else {
            array.push_back(value_of("", element));
        }
    }
    return Value{std::move(array), {}};
}

/// FNV-1a, 64 bits.
std::uint64_t fingerprint(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return hash;
}

}  // namespace

std::string quoted_word(std::string_view text) {
    constexpr std::string_view misread = " \"'\\,#<>";
    std::string clean;
    for (const char letter : text) {
        switch (letter) {
            case '\n':
                clean += "\\n";
                break;
            case '\t':
                clean += "\\t";
                break;
            case '"':
                clean += "\\\"";
                break;
            case '\\':
                clean += "\\\\";
                break;
            default:
                clean += letter;
        }
    }
    clean = printable(clean);
    const bool plain = clean == text && !text.empty() && text.find_first_of(misread) == std::string_view::npos;
    return plain ? clean : fmt::format("\"{}\"", clean);
}

std::string digest(std::string_view bytes) {
    return fmt::format("{:06x}", fingerprint(bytes) & 0xffffff);
}

std::string digest(const std::vector<sock_filter>& program) {
    return digest({reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)});
}

std::string signal_word(int signal) {
    for (const auto& known : signal_names) {
        if (known.number == signal) return std::string(known.name);
    }
    return signal == first_real_time_signal ? "RTMIN" : fmt::format("RTMIN+{}", signal - first_real_time_signal);
}

std::vector<std::string> signal_words(const std::vector<int>& signals) {
    std::vector<std::string> found;
    const auto real_time = std::ranges::lower_bound(signals, first_real_time_signal);
    for (auto at = signals.begin(); at != real_time; ++at) found.push_back(signal_word(*at));
    const auto count = signals.end() - real_time;
    if (count == last_real_time_signal - first_real_time_signal + 1) {
        found.emplace_back("RTMIN..RTMAX");
    } else {
        for (auto at = real_time; at != signals.end(); ++at) found.push_back(signal_word(*at));
    }
    return found;
}

std::string_view shown_name(std::string_view field) {
    return field == "program" ? "instructions" : field;
}

std::string word_of(std::string_view, const std::string& text) {
    return quoted_word(text);
}

std::string word_of(std::string_view, const std::vector<std::string>& texts) {
    std::vector<std::string> each;
    for (const auto& text : texts) each.push_back(quoted_word(text));
    return fmt::format("{}", fmt::join(each, ","));
}

std::string word_of(std::string_view, const std::vector<std::uint32_t>& ids) {
    return ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ","));
}

std::string word_of(std::string_view, const std::vector<int>& numbers) {
    return numbers.empty() ? "none" : fmt::format("{}", fmt::join(numbers, ","));
}

std::string word_of(std::string_view, const std::vector<IdRange>& ranges) {
    std::vector<std::string> each;
    for (const auto& range : ranges) each.push_back(fmt::format("{}:{}:{}", range.inside, range.outside, range.count));
    return listed(each);
}

std::string word_of(std::string_view, const std::vector<Namespace>& kinds) {
    std::vector<std::string> each;
    for (const auto kind : kinds) each.emplace_back(spelling(kind));
    return listed(each);
}

std::string word_of(std::string_view, const MountAttributes& attributes) {
    return listed(attribute_words(attributes));
}
std::string word_of(std::string_view, const CapabilitySet& set) {
    return listed(capability_words(set));
}

std::string word_of(std::string_view, ByteSize size) {
    constexpr std::string_view suffixes = "KMGT";
    std::uint64_t number = size.bytes;
    std::size_t power = 0;
    while (number != 0 && number % 1024 == 0 && power < suffixes.size()) {
        number /= 1024;
        ++power;
    }
    return power == 0 ? fmt::format("{}", number) : fmt::format("{}{}", number, suffixes[power - 1]);
}

std::string word_of(std::string_view, BitRate rate) {
    constexpr auto suffixes = std::to_array<std::string_view>({"bit", "kbit", "mbit", "gbit", "tbit"});
    std::uint64_t number = rate.bits_per_second;
    std::size_t power = 0;
    while (number != 0 && number % 1000 == 0 && power + 1 < suffixes.size()) {
        number /= 1000;
        ++power;
    }
    return fmt::format("{}{}", number, suffixes[power]);
}

std::string word_of(std::string_view, FileMode mode) {
    return fmt::format("{:04o}", mode.bits);
}

std::string word_of(std::string_view, Duration length) {
    const auto count = length.length.count();
    return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

std::string word_of(std::string_view name, std::uint32_t number) {
    return name == "securebits" ? fmt::format("0x{:x}", number) : fmt::format("{}", number);
}

Value value_of(std::string_view, const std::string& text) {
    return Value{text, {}};
}
Value value_of(std::string_view, const std::vector<std::string>& texts) {
    return array_of(texts);
}
Value value_of(std::string_view, const std::vector<std::uint32_t>& ids) {
    return array_of(ids);
}
Value value_of(std::string_view, const std::vector<int>& numbers) {
    return array_of(numbers);
}
Value value_of(std::string_view, const std::vector<Namespace>& kinds) {
    return array_of(kinds);
}

Value value_of(std::string_view, const std::vector<IdRange>& ranges) {
    Array array;
    for (const auto& range : ranges) {
        Table table;
        table.set("inside", Value{std::int64_t{range.inside}, {}});
        table.set("outside", Value{std::int64_t{range.outside}, {}});
        table.set("count", Value{std::int64_t{range.count}, {}});
        array.push_back(Value{std::move(table), {}});
    }
    return Value{std::move(array), {}};
}

Value value_of(std::string_view, const std::vector<sock_filter>& program) {
    Table table;
    table.set("instructions", Value{static_cast<std::int64_t>(program.size()), {}});
    table.set("digest", Value{digest(program), {}});
    return Value{std::move(table), {}};
}

Value value_of(std::string_view, const MountAttributes& attributes) {
    return array_of(attribute_words(attributes));
}
Value value_of(std::string_view, const CapabilitySet& set) {
    return array_of(capability_words(set));
}
Value value_of(std::string_view, ByteSize size) {
    return Value{static_cast<std::int64_t>(size.bytes), {}};
}
Value value_of(std::string_view, BitRate rate) {
    return Value{static_cast<std::int64_t>(rate.bits_per_second), {}};
}
Value value_of(std::string_view name, FileMode mode) {
    return Value{word_of(name, mode), {}};
}
Value value_of(std::string_view name, Duration length) {
    return Value{word_of(name, length), {}};
}
Value value_of(std::string_view, std::uint32_t number) {
    return Value{std::int64_t{number}, {}};
}

}  // namespace nsrun
