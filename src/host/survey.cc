#include "host/accounts.h"
#include "host/capabilities.h"
#include "host/glob.h"
#include "host/helpers.h"
#include "host/links.h"
#include "host/network.h"
#include "host/paths.h"
#include "host/sandboxes.h"

#include <base/file.h>
#include <registry/registry.h>
#include <nsrun/nsrun.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>

/// The machine's answers to what planning wants to know. It runs at every launch: nothing is read that was not wanted,
/// and what does not depend on the profile is read by the cheapest call there is.
namespace nsrun {
namespace {

/// Files that plans copy are small: a larger one is not what it seems.
constexpr std::size_t largest_text = 4 * 1024 * 1024;

std::vector<Namespace> kernel_namespaces() {
    constexpr auto files = std::to_array<std::pair<Namespace, const char*>>({
        {Namespace::user, "user"},
        {Namespace::mount, "mnt"},
        {Namespace::pid, "pid"},
        {Namespace::net, "net"},
        {Namespace::ipc, "ipc"},
        {Namespace::uts, "uts"},
        {Namespace::cgroup, "cgroup"},
        {Namespace::time, "time"},
    });
    std::vector<Namespace> found;
    const Fd directory(::open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (const auto& [kind, file] : files) {
        // Without /proc nothing is known: all are taken to be there, and the clone meets the truth.
        if (!directory || ::faccessat(directory.get(), file, F_OK, AT_SYMLINK_NOFOLLOW) == 0) found.push_back(kind);
    }
    return found;
}

bool has_terminal() {
    return ::isatty(0) || ::isatty(1) || ::isatty(2);
}

/// The ABI of Landlock; 0 where it is missing or not switched on. Source: landlock_create_ruleset(2).
std::uint32_t landlock_abi() {
    constexpr unsigned version = 1;  // LANDLOCK_CREATE_RULESET_VERSION
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, version);
    return abi < 0 ? 0 : static_cast<std::uint32_t>(abi);
}

void add_account(std::vector<Account>& list, std::optional<Account> account) {
    if (!account) return;
    for (const auto& known : list) {
        if (known.name == account->name) return;
    }
    list.push_back(std::move(*account));
}

std::vector<Account> accounts(Accounts database, const std::vector<std::string>& names,
                              const std::vector<std::uint32_t>& ids, bool all) {
    std::vector<Account> list;
    if (all) list = database.all();
    for (const auto& name : names) add_account(list, database.named(name));
    for (const auto id : ids) add_account(list, database.with_id(id));
    return list;
}

void read_paths(const Wanted& wanted, HostFacts& facts) {
    PathReader reader;
    facts.paths.reserve(wanted.paths.size());
    for (const auto& path : wanted.paths) {
        facts.paths.emplace(path, reader.fact(path));
    }
    for (const auto& pattern : wanted.globs) {
        if (facts.globs.contains(pattern)) continue;
        auto found = expand_glob(pattern);
        if (!found) {
            facts.wide_globs.emplace(pattern, std::move(found).error().what);
            continue;
        }
        for (const auto& path : *found) {
            const auto [place, fresh] = facts.paths.try_emplace(path);
            if (fresh) place->second = reader.fact(path);
        }
        facts.globs.emplace(pattern, std::move(*found));
    }
    // An unreadable text has no entry; its PathFact, when one is wanted, says why.
    for (const auto& path : wanted.texts) {
        if (auto text = read_file(path, largest_text)) facts.texts.insert_or_assign(path, std::move(*text));
    }
}

}  // namespace

Result<HostFacts> survey(const Wanted& wanted, Context context) {
    HostFacts facts;
    facts.context = std::move(context);
    if (wanted.subordinate_ids) {
        auto ids = host_ids(facts.context.caller.name, facts.context.caller.uid);
        facts.subuid = std::move(ids.subuid);
        facts.subgid = std::move(ids.subgid);
        facts.newuidmap = std::move(ids.newuidmap);
        facts.newgidmap = std::move(ids.newgidmap);
    }
    if (wanted.network) facts.network = network_facts();
    if (wanted.interfaces) facts.interfaces = survey_links(wanted.links);
    facts.namespaces = kernel_namespaces();
    facts.users = accounts(Accounts(Accounts::Kind::users), wanted.users, wanted.user_ids, wanted.all_accounts);
    facts.groups = accounts(Accounts(Accounts::Kind::groups), wanted.groups, wanted.group_ids, wanted.all_accounts);
    facts.last_capability = last_capability();
    facts.capabilities = permitted_capabilities();
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) facts.descriptor_limit = descriptors.rlim_max;
    facts.terminal = has_terminal();
    if (wanted.registry) facts.registry = registry::examine(facts.context.registry);
    if (!wanted.sandboxes.empty()) find_sandboxes(wanted.sandboxes, facts);
    if (wanted.landlock) facts.landlock_abi = landlock_abi();
    facts.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    utsname name{};
    if (::uname(&name) == 0) facts.machine = name.machine;
    read_paths(wanted, facts);
    return facts;
}

}  // namespace nsrun
