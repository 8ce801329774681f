#include "sandbox/sandbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sandbox {
using namespace nsrun;
namespace {

constexpr std::uint64_t quiet = 2 | 4;  ///< nosuid, nodev

void become_ordinary() {
    const auto& [user, group, name] = ordinary_user();
    if (setgroups(1, &group) != 0 || setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0) _exit(99);
}

std::string drain(int descriptor) {
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = read(descriptor, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(count));
    close(descriptor);
    return text;
}

std::uint32_t outside_id(As as, IdKind kind) {
    if (as == As::root) return 0;
    if (getuid() == 0) return kind == IdKind::uid ? ordinary_user().uid : ordinary_user().gid;
    return kind == IdKind::uid ? getuid() : getgid();
}

BindMount bind_step(std::string source, std::string target, NodeKind kind = NodeKind::directory) {
    BindMount step;
    step.source = std::move(source);
    step.target = std::move(target);
    step.kind = kind;
    step.attributes = {quiet};
    return step;
}

Plan with_command(Plan plan, std::vector<std::string> words) {
    plan.exec.path = "/probe";
    plan.exec.argv = {"probe"};
    for (auto& word : words) plan.exec.argv.push_back(std::move(word));
    plan.exec.environment = {"PATH=/usr/bin"};
    plan.exec.descriptors = {0, 1, 2};
    plan.supervise.forward = {1, 2, 3, 10, 12, 15, 28};
    return plan;
}

void add_identity(Plan& plan, As as) {
    if (as == As::user) plan.attach.push_back({DenySetgroups{}, {}});
    plan.attach.push_back({MapIds{IdKind::uid, {{1000, outside_id(as, IdKind::uid), 1}}, {}}, {}});
    plan.attach.push_back({MapIds{IdKind::gid, {{1000, outside_id(as, IdKind::gid), 1}}, {}}, {}});
}

void add_restrictions(Plan& plan) {
    plan.setup.push_back({SetIds{1000, 1000}, {}});
    plan.setup.push_back({ChangeDirectory{"/"}, {}});
    plan.setup.push_back({SetNoNewPrivileges{}, {}});
    plan.setup.push_back({SetCapabilities{{}, {}, 40, 0xff & ~0x10u & ~0x20u}, {}});
    plan.setup.push_back({CheckSelf{{}, {}, true, true, true, 1000, 1000}, {}});
}

}  // namespace

const Account& ordinary_user() {
    static const Account account = [] {
        const char* name = std::getenv("NSRUN_TEST_USER");
        const passwd* entry = getpwnam(name != nullptr && *name != '\0' ? name : "nsrun-test");
        return entry == nullptr ? Account{} : Account{entry->pw_uid, entry->pw_gid, entry->pw_name};
    }();
    return account;
}

std::uint32_t subordinate_ids(const char* file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(ordinary_user().name + ":")) return static_cast<std::uint32_t>(std::stoul(line.substr(line.find(':') + 1)));
    }
    FAIL("no line of " << ordinary_user().name << " in " << file);
    return 0;
}

std::string Ended::operator[](const std::string& name) const {
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    }
    return "(absent)";
}

bool requires_sandbox(As as) {
    if (as == As::root && getuid() != 0) {
        MESSAGE("skipped: this half runs as root");
        return false;
    }
    static const Ended tried = launch(closed_plan(As::user, {"ids"}), As::user);
    if (tried.launched) return true;
    if (const char* must = std::getenv("NSRUN_MUST_SANDBOX"); must != nullptr && *must == '1') {
        FAIL("no sandbox can be made here: " << tried.what);
    }
    MESSAGE("skipped: no sandbox can be made here: " << tried.what << " " << tried.help);
    return false;
}

Plan bare_plan(As as, std::vector<Namespace> namespaces, std::vector<std::string> words) {
    Plan plan;
    plan.clone.namespaces = std::move(namespaces);
    for (const Namespace kind : plan.clone.namespaces) {
        if (kind == Namespace::user) add_identity(plan, as);
    }
    plan = with_command(std::move(plan), std::move(words));
    plan.exec.path = SANDBOX_PROBE;
    return plan;
}

Plan closed_plan(As as, std::vector<std::string> words) {
    Plan plan;
    plan.clone.namespaces = {Namespace::user, Namespace::mount, Namespace::pid,   Namespace::net,
                             Namespace::ipc,  Namespace::uts,   Namespace::cgroup};
    add_identity(plan, as);
    plan.attach.push_back({SetLink{"lo", true}, {}});
    for (ChildStep step : std::initializer_list<ChildStep>{
             NewSession{}, SetPropagation{}, BecomeBuilder{1000, 1000}, MountRoot{}, PivotRoot{},
             MakeDirectory{"/usr", FileMode{0755}, 1000, 1000}, MakeDirectory{"/proc", FileMode{0755}, 1000, 1000},
             MakeDirectory{"/tmp", FileMode{01777}, 1000, 1000}, MakeFile{"/probe", "", FileMode{0644}, 1000, 1000},
             bind_step("/usr", "/usr"), bind_step(SANDBOX_PROBE, "/probe", NodeKind::file),
             MountTmpfs{"/tmp", {1 << 20}, FileMode{01777}, 1000, 1000, Access::read_write, {quiet}},
             MountKernelFs{"proc", "/proc", "", Access::read_write, {quiet | 8}}, SetReadOnly{"/", false},
             ForbidUserNamespaces{}, SetHostname{"inside"}, JoinSessionKeyring{}}) {
        plan.setup.push_back({std::move(step), {}});
    }
    add_restrictions(plan);
    return with_command(std::move(plan), std::move(words));
}

Ended launch(const Plan& plan, As as, const std::function<void(pid_t)>& meanwhile, const std::function<void()>& before,
             int status_fd) {
    int output[2], verdict[2];
    REQUIRE(pipe2(output, O_CLOEXEC) == 0);
    REQUIRE(pipe2(verdict, O_CLOEXEC) == 0);
    const pid_t launcher = fork();
    REQUIRE(launcher >= 0);
    if (launcher == 0) {
        if (as == As::user && getuid() == 0) become_ordinary();
        dup2(output[1], 1);
        if (before) before();
        const auto ended = nsrun::launch(plan, LaunchEvents{status_fd, status_fd >= 0});
        const std::string text = ended ? fmt::format("ok\n{}\n{}", ended->status, ended->timed_out ? 1 : 0)
                                       : fmt::format("failed\n{}\n0\n{}\n{}\n{}", ended.error().status, to_text(ended.error().error),
                                                     ended.error().error.help, ended.error().step);
        _exit(write(verdict[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    close(output[1]);
    close(verdict[1]);
    if (meanwhile) meanwhile(launcher);
    Ended ended;
    ended.output = drain(output[0]);
    std::istringstream lines(drain(verdict[0]));
    std::string word, timed_out;
    std::getline(lines, word);
    ended.launched = word == "ok";
    std::getline(lines, word);
    ended.status = std::atoi(word.c_str());
    std::getline(lines, timed_out);
    ended.timed_out = timed_out == "1";
    std::getline(lines, ended.what);
    std::getline(lines, ended.help);
    std::getline(lines, ended.step);
    waitpid(launcher, nullptr, 0);
    return ended;
}

Directory::Directory() {
    char name[] = "/tmp/nsrun-test-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
    chmod(name, 0777);
}

Directory::~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    chmod(path.c_str(), 0666);
}

}  // namespace sandbox
