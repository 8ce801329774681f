#pragma once
#include "profile/keys.h"

#include <nsrun/profile.h>

#include <array>
#include <string>
#include <string_view>

/// The small languages inside strings: sizes, rates, times, modes, paths. `read_text` gives what is wrong, or fills `out`;
/// `write_text` is its inverse.
namespace nsrun {

Complaint read_text(std::string_view text, ByteSize& out);
Complaint read_text(std::string_view text, BitRate& out);
Complaint read_text(std::string_view text, Duration& out);
Complaint read_text(std::string_view text, FileMode& out);
Complaint read_text(std::string_view text, Path& out);
Complaint read_text(std::string_view text, PathRule& out);
Complaint read_text(std::string_view text, PublishRule& out);

std::string write_text(const ByteSize& size);
std::string write_text(const BitRate& rate);
std::string write_text(const Duration& time);
std::string write_text(const FileMode& mode);
std::string write_text(const Path& path);
std::string write_text(const PathRule& rule);
std::string write_text(const PublishRule& rule);

/// What diagnostics expect where a value of such a type stands.
template <class T>
inline constexpr const char* expected_text = nullptr;
template <>
inline constexpr const char* expected_text<ByteSize> = "a size such as \"512M\"";
template <>
inline constexpr const char* expected_text<BitRate> = "a rate such as \"20mbit\"";
template <>
inline constexpr const char* expected_text<Duration> = "a time such as \"10s\"";
template <>
inline constexpr const char* expected_text<FileMode> = "a mode such as \"0750\"";
template <>
inline constexpr const char* expected_text<Path> = "a path such as \"/srv/data\"";
template <>
inline constexpr const char* expected_text<PathRule> = "a path such as \"/srv/data\"";

template <>
inline constexpr const char* expected_text<PublishRule> = "ports such as \"8080:80\"";

template <class T>
concept WrittenAsText = (expected_text<T> != nullptr);

/// A path of a profile: absolute or below "~", without "..", not empty.
Complaint judge_path(std::string_view text);
/// An absolute path: for places inside the sandbox that are not a home.
Complaint judge_absolute_path(std::string_view text);

// ---- sorts of text that rows ask for ----

Complaint judge_not_empty(std::string_view text);
Complaint judge_namespace(std::string_view text);
Complaint judge_profile_name(std::string_view text);
Complaint judge_host_name(std::string_view text);
Complaint judge_address(std::string_view text);
Complaint judge_cidr(std::string_view text);
Complaint judge_link_name(std::string_view text);
Complaint judge_mac(std::string_view text);
Complaint judge_pod_address(std::string_view text);
Complaint judge_version(std::string_view text);
Complaint judge_capability(std::string_view text);
Complaint judge_signal(std::string_view text);
Complaint judge_droppable(std::string_view text);
Complaint judge_variable_name(std::string_view text);
Complaint judge_directory_name(std::string_view text);
Complaint judge_run_as(std::string_view text);

/// What `on-unsupported` may list: that without which a program still runs as its profile's author expects.
inline constexpr auto droppable_names = std::to_array<WordText>({
    {"namespaces.pid", "process ids"},
    {"namespaces.net", "network devices, addresses, ports, abstract sockets"},
    {"namespaces.ipc", "System V IPC, POSIX message queues"},
    {"namespaces.uts", "host name and NIS domain name"},
    {"namespaces.cgroup", "the root of the cgroup hierarchy"},
    {"namespaces.time", "boot and monotonic clocks"},
    {"landlock.scope", "the scope of abstract sockets with network.mode = \"host\""},
    {"network.user", "the way out: loopback remains"},
});

}  // namespace nsrun
