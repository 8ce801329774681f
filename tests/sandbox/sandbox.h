#pragma once
#include <nsrun/nsrun.h>

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

/// What the tests that launch for real share: plans made by hand, and a process that launches them.
namespace sandbox {

/// An ordinary user of this machine, for whom tests run when they are started by root: NSRUN_TEST_USER, else nsrun-test.
/// Absent there, uid 1001, which nobody need have.
struct Account {
    std::uint32_t uid = 1001, gid = 1001;
    std::string name = "1001";
};
const Account& ordinary_user();

/// The first id of the ordinary user's range in /etc/subuid or /etc/subgid; fails the test where there is none.
std::uint32_t subordinate_ids(const char* file);

/// What became of a launch: the command's output, and the exit or the failure.
struct Ended {
    std::string output;
    bool launched = false;
    int status = 0;
    bool timed_out = false;
    std::string what, help, step;  ///< of the failure, errno in words

    /// The value of a line "name: value" of the probe; "(absent)" when it said nothing.
    std::string operator[](const std::string& name) const;
};

enum class As { root, user };

/// True when this machine can make sandboxes as that user; with NSRUN_MUST_SANDBOX=1 a machine that cannot is a failure.
bool requires_sandbox(As as);

/// A plan with every namespace but time, a new root with /usr and the probe, a fresh /proc, no privileges: the base of
/// most tests. Its command is the probe with `words`.
nsrun::Plan closed_plan(As as, std::vector<std::string> words);

/// The same with fewer namespaces, for plans without a new root.
nsrun::Plan bare_plan(As as, std::vector<nsrun::Namespace> namespaces, std::vector<std::string> words);

/// Puts a step before the first one of type `Before`.
template <class Before>
void insert_before(nsrun::Plan& plan, nsrun::ChildStep step) {
    auto place = plan.setup.begin();
    while (place != plan.setup.end() && !std::holds_alternative<Before>(place->step)) ++place;
    plan.setup.insert(place, {std::move(step), {}});
}
template <class Step>
Step& find(nsrun::Plan& plan) {
    for (auto& planned : plan.setup) {
        if (auto* step = std::get_if<Step>(&planned.step)) return *step;
    }
    std::abort();
}

/// Launches in a process of its own, as root or as an ordinary user. `meanwhile` is called in this process with the
/// launcher's pid, `before` in the launcher. `status_fd`: what the launcher tells events through.
Ended launch(const nsrun::Plan& plan, As as, const std::function<void(pid_t)>& meanwhile = {},
             const std::function<void()>& before = {}, int status_fd = -1);

/// A directory in /tmp that anybody may write, removed at the end.
class Directory {
  public:
    Directory();
    ~Directory();
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

void write_file(const std::string& path, const std::string& text);

}  // namespace sandbox
