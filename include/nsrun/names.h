#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

/// The kernel's own names for numbers: capabilities, signals. One table each, for decoding, planning and rendering.
namespace nsrun {

/// Names of the capabilities as profiles write them, by number. Source: capabilities(7), linux/capability.h.
inline constexpr auto capability_names = std::to_array<std::string_view>({
    "chown",
    "dac-override",
    "dac-read-search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux-immutable",
    "net-bind-service",
    "net-broadcast",
    "net-admin",
    "net-raw",
    "ipc-lock",
    "ipc-owner",
    "sys-module",
    "sys-rawio",
    "sys-chroot",
    "sys-ptrace",
    "sys-pacct",
    "sys-admin",
    "sys-boot",
    "sys-nice",
    "sys-resource",
    "sys-time",
    "sys-tty-config",
    "mknod",
    "lease",
    "audit-write",
    "audit-control",
    "setfcap",
    "mac-override",
    "mac-admin",
    "syslog",
    "wake-alarm",
    "block-suspend",
    "audit-read",
    "perfmon",
    "bpf",
    "checkpoint-restore",
});
static_assert(capability_names.size() == 41 && capability_names[40] == "checkpoint-restore");

/// One letter of a name, in the form in which names are compared: "CAP_NET_RAW" is "net-raw".
constexpr char folded(char letter) {
    if (letter >= 'A' && letter <= 'Z') return static_cast<char>(letter - 'A' + 'a');
    return letter == '_' ? '-' : letter;
}

/// True when two names are the same but for case, and "_" for "-".
constexpr bool same_name(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    for (std::size_t i = 0; i < one.size(); ++i) {
        if (folded(one[i]) != folded(other[i])) return false;
    }
    return true;
}

/// The name without its prefix, when it has it, in any case: ("CAP_CHOWN", "cap-") is "CHOWN".
constexpr std::string_view without_prefix(std::string_view name, std::string_view prefix) {
    return same_name(name.substr(0, prefix.size()), prefix) ? name.substr(prefix.size()) : name;
}

/// The number of a capability: "CAP_NET_BIND_SERVICE" or "net-bind-service".
constexpr std::optional<std::uint32_t> capability_number(std::string_view name) {
    const std::string_view bare = without_prefix(name, "cap-");
    for (std::uint32_t number = 0; number < capability_names.size(); ++number) {
        if (same_name(bare, capability_names[number])) return number;
    }
    return std::nullopt;
}

/// A signal and its number.
struct SignalName {
    std::string_view name;
    int number;
};

/// Names of the signals, without "SIG". Source: signal(7), the numbers of x86-64 and arm64.
inline constexpr auto signal_names = std::to_array<SignalName>({
    {"HUP", 1},   {"INT", 2},     {"QUIT", 3},  {"ILL", 4},    {"TRAP", 5},  {"ABRT", 6},  {"BUS", 7},   {"FPE", 8},
    {"KILL", 9},  {"USR1", 10},   {"SEGV", 11}, {"USR2", 12},  {"PIPE", 13}, {"ALRM", 14}, {"TERM", 15}, {"STKFLT", 16},
    {"CHLD", 17}, {"CONT", 18},   {"STOP", 19}, {"TSTP", 20},  {"TTIN", 21}, {"TTOU", 22}, {"URG", 23},  {"XCPU", 24},
    {"XFSZ", 25}, {"VTALRM", 26}, {"PROF", 27}, {"WINCH", 28}, {"IO", 29},   {"PWR", 30},  {"SYS", 31},
});

/// The real-time signals that programs may use: glibc keeps 32 and 33 for itself.
inline constexpr int first_real_time_signal = 34;
inline constexpr int last_real_time_signal = 64;

/// Reads a number of at most nine decimal digits; nothing else, not even a sign.
constexpr std::optional<int> small_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    int number = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    return number;
}

/// The number of a signal: "TERM", "SIGTERM", "15", "RTMIN+1", "RTMAX-2".
constexpr std::optional<int> signal_number(std::string_view name) {
    if (const auto number = small_number(name)) {
        const bool real =
            (*number >= 1 && *number <= 31) || (*number >= first_real_time_signal && *number <= last_real_time_signal);
        return real ? number : std::nullopt;
    }
    const std::string_view bare = without_prefix(name, "sig");
    for (const auto& signal : signal_names) {
        if (same_name(bare, signal.name)) return signal.number;
    }
    const bool up = same_name(bare.substr(0, 5), "rtmin");
    if (!up && !same_name(bare.substr(0, 5), "rtmax")) return std::nullopt;
    const int base = up ? first_real_time_signal : last_real_time_signal;
    const std::string_view rest = bare.substr(5);
    if (rest.empty()) return base;
    const auto step = rest[0] == (up ? '+' : '-') ? small_number(rest.substr(1)) : std::nullopt;
    if (!step || *step > last_real_time_signal - first_real_time_signal) return std::nullopt;
    return up ? base + *step : base - *step;
}

static_assert(capability_number("CAP_NET_BIND_SERVICE") == 10 && capability_number("net-bind-service") == 10);
static_assert(signal_number("SIGTERM") == 15 && signal_number("RTMIN+1") == 35 && !signal_number("RTMIN+31"));

}  // namespace nsrun
