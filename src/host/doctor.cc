#include "host/doctor.h"

#include "host/probes.h"

#include <nsrun/diagnostic.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace nsrun {
namespace {

struct Probe {
    Facility facility;
    bool needed;
    Finding (*run)(Facility);
};

/// In the order in which people read them: what a sandbox stands on comes first.
constexpr auto probes = std::to_array<Probe>({
    {Facility::kernel, true, probe::kernel},
    {Facility::user_namespaces, true, probe::namespaces},
    {Facility::mount_namespaces, true, probe::namespaces},
    {Facility::pid_namespaces, true, probe::namespaces},
    {Facility::net_namespaces, true, probe::namespaces},
    {Facility::ipc_namespaces, true, probe::namespaces},
    {Facility::uts_namespaces, true, probe::namespaces},
    {Facility::cgroup_namespaces, true, probe::namespaces},
    {Facility::time_namespaces, false, probe::namespaces},
    {Facility::subordinate_ids, false, probe::subordinate_ids},
    {Facility::mount_api, true, probe::mount_api},
    {Facility::tmpfs, true, probe::file_system},
    {Facility::proc, true, probe::file_system},
    {Facility::devpts, true, probe::file_system},
    {Facility::mqueue, false, probe::file_system},
    {Facility::sysfs, false, probe::file_system},
    {Facility::overlay, false, probe::overlay},
    {Facility::idmapped_mounts, false, probe::idmapped_mounts},
    {Facility::loopback, true, probe::loopback},
    {Facility::no_new_privileges, true, probe::no_new_privileges},
    {Facility::seccomp, true, probe::seccomp},
    {Facility::keyring, true, probe::keyring},
    {Facility::pidfd, true, probe::pidfd},
    {Facility::landlock, false, probe::landlock},
    {Facility::landlock_scope, false, probe::landlock},
    {Facility::tiocsti_closed, false, probe::tiocsti_closed},
    {Facility::cgroup2, false, probe::cgroup2},
    {Facility::cgroup_delegation, false, probe::cgroup_delegation},
    {Facility::apparmor, false, probe::security_module},
    {Facility::selinux, false, probe::security_module},
    {Facility::systemd, false, probe::surroundings},
    {Facility::pasta, false, probe::uplink_helper},
    {Facility::slirp4netns, false, probe::uplink_helper},
    {Facility::tun, false, probe::tun},
    {Facility::fuse, false, probe::surroundings},
    {Facility::wayland, false, probe::surroundings},
    {Facility::x11, false, probe::surroundings},
});

constexpr bool complete() {
    for (const auto& word : words<Facility>) {
        if (std::ranges::count(probes, word.value, &Probe::facility) != 1) return false;
    }
    return probes.size() == words<Facility>.size();
}
static_assert(complete(), "every facility has one probe");

Finding run(const Probe& probe) {
    Finding finding = probe.run(probe.facility);
    finding.needed = probe.needed;
    return finding;
}

/// The facilities without which a profile of defaults cannot run.
std::string missing(const std::vector<Finding>& findings) {
    std::string names;
    for (const auto& finding : findings) {
        if (finding.present || !finding.needed) continue;
        if (!names.empty()) names += ", ";
        names += spelling(finding.facility);
    }
    return names;
}

Value text_value(std::string_view text) {
    return Value{std::string(text), {}};
}

}  // namespace

std::vector<Finding> examine() {
    std::vector<Finding> findings;
    findings.reserve(probes.size());
    for (const auto& probe : probes) findings.push_back(run(probe));
    return findings;
}

Finding examine(Facility facility) {
    return run(*std::ranges::find(probes, facility, &Probe::facility));
}

bool sufficient(const std::vector<Finding>& findings) {
    return std::ranges::none_of(findings, [](const Finding& finding) { return finding.needed && !finding.present; });
}

std::string to_text(const std::vector<Finding>& findings) {
    std::size_t width = 0;
    for (const auto& finding : findings) width = std::max(width, spelling(finding.facility).size());
    std::string text;
    const auto out = std::back_inserter(text);
    for (const auto& finding : findings) {
        fmt::format_to(out, "{:<{}}  {:<3}", spelling(finding.facility), width, finding.present ? "yes" : "no");
        const std::string& beside = finding.present ? finding.detail : finding.cause;
        if (!beside.empty()) fmt::format_to(out, "  {}", printable(beside));
        while (text.ends_with(' ')) text.pop_back();
        text += '\n';
        if (!finding.present && !finding.remedy.empty()) {
            fmt::format_to(out, "{:<{}}  help: {}\n", "", width + 5, printable(finding.remedy));
        }
    }
    if (sufficient(findings)) return text + "\na profile of defaults can run here\n";
    return text + fmt::format("\na profile of defaults cannot run here: it needs {}\n", missing(findings));
}

Value to_value(const std::vector<Finding>& findings) {
    Array list;
    for (const auto& finding : findings) {
        Table row;
        row.set("facility", text_value(spelling(finding.facility)));
        row.set("meaning", text_value(words<Facility>[static_cast<std::size_t>(finding.facility)].meaning));
        row.set("present", Value{finding.present, {}});
        row.set("needed", Value{finding.needed, {}});
        if (!finding.detail.empty()) row.set("detail", text_value(finding.detail));
        if (!finding.cause.empty()) row.set("cause", text_value(finding.cause));
        if (!finding.remedy.empty()) row.set("remedy", text_value(finding.remedy));
        list.push_back(Value{std::move(row), {}});
    }
    Table root;
    root.set("nsrun_doctor", Value{std::int64_t{1}, {}});
    root.set("sufficient", Value{sufficient(findings), {}});
    root.set("facilities", Value{std::move(list), {}});
    return Value{std::move(root), {}};
}

}  // namespace nsrun
