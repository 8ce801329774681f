#include "plan/restrict.h"

#include "plan/filter.h"
#include "plan/namespaces.h"

#include <nsrun/names.h>

#include <fmt/format.h>
#include <linux/securebits.h>

namespace nsrun {
namespace {

constexpr std::uint64_t bit(std::uint32_t capability) {
    return 1ULL << capability;
}

CapabilitySet named_set(const List<std::string>& names, const HostFacts& facts, Diagnostics& diagnostics) {
    CapabilitySet set;
    for (const auto& name : names) {
        const auto number = capability_number(*name);
        if (!number) {
            diagnostics.error(Code::unknown_value, name.at, fmt::format("'{}' is not a capability", printable(*name)),
                              "capabilities(7) lists them");
        } else if (*number > facts.last_capability) {
            diagnostics.error(Code::needs_kernel, name.at,
                              fmt::format("this kernel does not know the capability '{}'", printable(*name)),
                              "remove it");
        } else {
            set.bits |= bit(*number);
        }
    }
    return set;
}

/// Without a user namespace only what the caller has can be kept.
void check_available(const Profile& profile, const HostFacts& facts, const Clone& clone, Diagnostics& diagnostics) {
    if (makes(clone, Namespace::user) || enters(clone, Namespace::user)) return;
    for (const auto& name : profile.security.capabilities) {
        const auto number = capability_number(*name);
        if (!number || (facts.capabilities & bit(*number)) != 0) continue;
        diagnostics.error(Code::needs_privilege, name.at,
                          fmt::format("the capability '{}' is not yours to keep", printable(*name)),
                          "add \"user\" to namespaces, or run nsrun as root");
    }
}

/// Nothing regains by being uid 0. With nothing kept, every other way of gaining is locked as well; a command that
/// keeps capabilities may carry them over setuid(2) itself (prctl PR_SET_KEEPCAPS), but loses them there by default.
std::uint32_t secure_bits(const CapabilitySet& keep) {
    constexpr std::uint32_t always = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED;
    constexpr std::uint32_t nothing_kept = SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS_LOCKED |
                                           SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    return keep.bits == 0 ? always | nothing_kept : always;
}

SetCapabilities capabilities(const Profile& profile, const HostFacts& facts, const Clone& clone,
                             Diagnostics& diagnostics) {
    const auto& wish = profile.security;
    SetCapabilities step;
    step.last = facts.last_capability;
    step.keep = named_set(wish.capabilities, facts, diagnostics);
    step.ambient = named_set(wish.ambient, facts, diagnostics);
    step.ambient.bits &= step.keep.bits;
    // Files give no capabilities on nosuid mounts, and uid 0 gives none with NOROOT: only what is ambient outlives
    // exec.
    if (wish.ambient.empty()) step.ambient = step.keep;
    check_available(profile, facts, clone, diagnostics);
    step.securebits = secure_bits(step.keep);
    return step;
}

Span place_of(const List<std::string>& names) {
    return names.empty() ? Span{} : names.front().at;
}

}  // namespace

std::vector<Planned<ChildStep>> plan_restrictions(const Profile& profile, const HostFacts& facts,
                                                  const Identity& identity, const Clone& clone,
                                                  const Surroundings& around, Diagnostics& diagnostics) {
    const auto& wish = profile.security;
    const auto caps = capabilities(profile, facts, clone, diagnostics);
    const bool nested = *wish.nested_namespaces;
    std::vector<Planned<ChildStep>> steps;
    // The limit is the user namespace's: written in one that is not ours it would bind others.
    if (!nested && makes(clone, Namespace::user)) {
        steps.push_back({ForbidUserNamespaces{}, wish.nested_namespaces.at});
    }
    if (*wish.keyring == Keyring::private_) steps.push_back({JoinSessionKeyring{}, wish.keyring.at});
    if (*wish.no_new_privileges) steps.push_back({SetNoNewPrivileges{}, wish.no_new_privileges.at});

    constexpr std::uint32_t sys_admin = 21;
    const bool mounts = (caps.keep.bits & bit(sys_admin)) != 0;
    const bool keys = *wish.keyring == Keyring::host;
    const auto program = filter(nested ? FilterKind::nested : mounts ? FilterKind::mounts : FilterKind::strict, keys);
    steps.push_back({InstallFilter{{program.begin(), program.end()}}, wish.nested_namespaces.at});
    steps.push_back({caps, place_of(wish.capabilities)});
    steps.push_back({CheckSelf{.keep = caps.keep,
                               .ambient = caps.ambient,
                               .no_new_privileges = *wish.no_new_privileges || facts.no_new_privileges,
                               .read_only_root = around.read_only_root,
                               .own_session = around.own_session,
                               .uid = identity.uid,
                               .gid = identity.gid},
                     Span{}});
    return steps;
}

}  // namespace nsrun
