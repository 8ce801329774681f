#pragma once
#include "sandbox/sandbox.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

/// A network namespace that plays the host, and sandboxes in it.
namespace sandbox {

#define REQUIRE_LAUNCHED(ended)                                               \
    INFO(ended.what << " " << ended.help << " " << ended.step << "\n" << ended.output); \
    REQUIRE(ended.launched)

/// What a command prints, run by the shell in this process's network namespace.
std::string shell(const std::string& command);
bool has(const std::string& text, const std::string& part);

/// A network namespace that plays the host: the machine's own is never touched. One a test.
class Host {
  public:
    Host();
    std::string lock(const std::string& name) const { return directory_.path() + "/bridges/" + name + ".lock"; }

  private:
    Directory directory_;
};

bool requires_host();

/// A shell in a network namespace of its own, with loopback up, and nothing else of a sandbox.
nsrun::Plan shell_plan(const std::string& script);
void attach(nsrun::Plan& plan, nsrun::ParentStep step);
/// The same with an interface eth0 on a bridge of nsrun's, as planning writes it: 10.99.0.NUMBER, fd99::NUMBER.
nsrun::Plan bridged_plan(const Host& host, const std::string& script, int number = 5);

/// A command that succeeds when an address answers: nobody listens there, which it says at once.
std::string reach(const std::string& address);

/// Processes of that name in this network namespace.
std::vector<pid_t> processes(const std::string& name);

/// What is left in the host's namespace besides loopback: interfaces, tables, keepers.
std::string remains();
/// What is left when half a second has passed; the host end of a veth goes some milliseconds after its namespace.
std::string remains_soon();

/// Waits until something is so.
template <class Condition>
bool becomes(Condition condition) {
    for (int i = 0; i < 400 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

}  // namespace sandbox
