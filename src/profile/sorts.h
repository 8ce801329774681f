#pragma once
#include "profile/row.h"

#include <nsrun/names.h>

#include <array>
#include <cstdint>

/// What the texts and numbers of the keys must be; a namespace of their own, as their names are everyday words.
namespace nsrun::sorts {

inline constexpr std::int64_t largest_id = 4294967294;  // the kernel keeps 4294967295 for "no id"

inline constexpr Sort only_one{.least = 1, .most = 1};
inline constexpr Sort an_id{.least = 0, .most = largest_id};
inline constexpr Sort a_required_id{.least = 0, .most = largest_id, .required = true};
inline constexpr Sort a_count{.least = 1, .most = 4294967295};
inline constexpr Sort a_descriptor{.least = 0, .most = 1048575};
inline constexpr Sort a_first_port{.least = 0, .most = 65535};
inline constexpr Sort any_path{.any_path = true};
inline constexpr Sort words_of_any_kind{.repeats = true};
inline constexpr Sort a_program{.judge = judge_not_empty, .shape = "a name or a path"};
inline constexpr Sort a_glob{.judge = judge_not_empty, .shape = "a pattern"};
inline constexpr Sort a_profile_name{
    .judge = judge_profile_name, .shape = "a name", .pattern = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"};
inline constexpr Sort a_host_name{
    .judge = judge_host_name,
    .shape = "a host name",
    .pattern = "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"};
inline constexpr Sort a_version{.judge = judge_version, .shape = "a version", .pattern = "^[0-9]+([.][0-9]+){0,2}$"};
inline constexpr Sort a_namespace{.judge = judge_namespace,
                           .shape = "a path, or the name of a running sandbox",
                           .pattern = "^(/|\\$|[A-Za-z0-9][A-Za-z0-9._@-]*$)"};
inline constexpr Sort a_user{.judge = judge_run_as, .shape = "user[:group]"};
inline constexpr Sort published_ports{.shape = "[ADDRESS:]OUTSIDE:INSIDE[/udp]",
                               .pattern = "^(.*[$].*|([[][0-9A-Fa-f:.]+[]]:|[0-9.]+:)?[0-9]{1,5}:[0-9]{1,5}(/(tcp|udp))?)$"};
inline constexpr Sort a_link_name{.judge = judge_link_name, .shape = "the name of an interface", .pattern = "^[!-~]{1,15}$"};
inline constexpr Sort an_own_link_name{.judge = judge_link_name, .required = true, .shape = "the name of an interface", .pattern = "^[!-~]{1,15}$"};
inline constexpr Sort an_address_with_prefix{.judge = judge_cidr, .shape = "an address with a prefix", .pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"};
inline constexpr Sort a_required_network{.judge = judge_cidr, .required = true, .shape = "a network", .pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"};
inline constexpr Sort an_address{.judge = judge_address, .shape = "an address", .pattern = "^[0-9A-Fa-f:.]+$"};
inline constexpr Sort a_mac{.judge = judge_mac, .shape = "a link-layer address", .pattern = "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$"};
inline constexpr Sort an_mtu{.least = 68, .most = 65535};
inline constexpr Sort a_vlan{.least = 1, .most = 4094};
inline constexpr Sort a_metric{.least = 0, .most = 4294967295};
inline constexpr Sort hosts_to_addresses{.judge = judge_address, .judge_name = judge_host_name, .shape = "an address"};
inline constexpr Sort a_pod_address{
    .judge = judge_pod_address, .shape = "an address", .pattern = "^10[.]88[.][0-9]{1,3}[.][0-9]{1,3}$"};
inline constexpr Sort variables{.judge_name = judge_variable_name, .shape = "a value"};
inline constexpr Sort contents_by_path{.judge_name = judge_absolute_path, .shape = "the content"};
inline constexpr Sort links_by_path{
    .judge = judge_not_empty, .judge_name = judge_absolute_path, .shape = "what the link says"};
inline constexpr Sort a_directory_name{.judge = judge_directory_name, .shape = "a name"};
inline constexpr Sort a_droppable{.judge = judge_droppable, .shape = "a key", .words = droppable_names};
inline constexpr Sort a_group{.judge = judge_not_empty, .shape = "a group"};

inline constexpr auto capability_words = [] {
    std::array<WordText, capability_names.size()> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = {capability_names[i], ""};
    return list;
}();
inline constexpr auto signal_words = [] {
    std::array<WordText, signal_names.size()> list;
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = {signal_names[i].name, ""};
    return list;
}();
inline constexpr Sort a_capability{.judge = judge_capability,
                            .shape = "a capability",
                            .pattern = "^([Cc][Aa][Pp][_-])?[A-Za-z_-]+$",
                            .words = capability_words};
inline constexpr Sort a_signal{.judge = judge_signal,
                        .shape = "a signal",
                        .pattern = "^([0-9]+|([Ss][Ii][Gg])?[A-Za-z][A-Za-z0-9]*([+-][0-9]+)?)$",
                        .words = signal_words};

}  // namespace nsrun::sorts

namespace nsrun {
using namespace sorts;
}  // namespace nsrun
