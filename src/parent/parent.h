#pragma once
#include <nsrun/nsrun.h>

#include "base/fd.h"
#include "child/child.h"
#include "parent/kept.h"
#include "pod/pod.h"
#include "relay/relay.h"

#include <poll.h>
#include <sys/types.h>

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The launcher's half: it makes ready, clones, attaches from outside, and waits. What the files of this room share.
namespace nsrun::parent {

/// A step of a launch: nothing, or why the launch ends.
using Launched = std::expected<void, LaunchFailure>;

/// The sandbox's first process as its launcher holds it. Destroying it kills and reaps whatever still lives.
class Sandbox {
  public:
    Sandbox() = default;
    Sandbox(pid_t pid, Fd process, Fd channel)
        : pid_(pid), process_(std::move(process)), channel_(std::move(channel)) {}
    Sandbox(Sandbox&& other) noexcept;
    Sandbox& operator=(Sandbox&&) = delete;
    ~Sandbox();

    pid_t pid() const { return pid_; }
    int process() const { return process_.get(); }  ///< a pidfd
    int channel() const { return channel_.get(); }
    /// Waits for the end and reaps; answers the wait status.
    int reap();

  private:
    pid_t pid_ = 0;
    Fd process_;
    Fd channel_;
};

/// Everything that the child is given, and the memory that it points into.
struct Ready {
    std::vector<child::Opened> opened;
    std::vector<child::OwnMount> own_mounts;
    std::vector<Fd> joins;
    std::vector<int> join_numbers;
    std::vector<char*> argv, environment;
    Fd launcher_end, child_end, null;
    pod::Seat pod;  ///< empty unless the plan joins one
    child::Given given;

    explicit Ready(const Plan& plan);
};

// refusal.cc

/// Refuses a plan that would act on the host because a namespace is missing: the last lock, should planning err.
Launched check(const Plan& plan);

// ready.cc

/// Opens what both halves need but the namespaces to join, and blocks all signals: until the child has exec'ed and supervise() has its own way.
Launched make_ready(Ready& ready);
/// Opens the namespaces to join and makes sure that each is one of its kind. Those of a pod it has handed over.
Launched open_joins(Ready& ready);
/// Lets signals come as they came before make_ready.
void restore_signals(const Ready& ready);

// clone.cc

/// Makes the sandbox's first process, in new and joined namespaces.
std::expected<Sandbox, LaunchFailure> make_sandbox(Ready& ready);

// attach.cc

/// Does from outside what the child waits for. `child`: its pid; `channel`: the launcher's end; `awaits_map`: it waits
/// even where nothing is mapped; `ports`: what the publish steps opened. What a step starts for the sandbox's life goes to
/// `kept`.
Launched attach(const Plan& plan, pid_t child, int channel, bool awaits_map, std::vector<relay::Listener>& ports, Kept& kept);
/// True for a step that is done over netlink, while the child goes on.
bool is_network(const ParentStep& step);
/// True for a step that makes an interface from outside, and so must name the sandbox's namespace: which is open to us
/// only while the child waits.
bool names_space(const ParentStep& step);

// host_directory.cc

/// Makes a directory of the host with its parents. Errors: ELOOP where one of them is a symbolic link and may be none.
Result<> make_host_directory(const MakeHostDirectory& step);

// register.cc

/// Enters the sandbox that is to be into the list of those that run. `planned`: the step that `step` is of.
Launched register_sandbox(const Planned<ParentStep>& planned, const Register& step, Kept& kept);
/// Says there what others need to join it, if the step has these `numbers`. `first`: its first process, which must be
/// waiting when they are told.
Launched tell_registry(const Plan& plan, pid_t first, bool numbers, const Kept& kept);
/// True when the numbers of the sandbox's namespaces are to be told.
bool tells_numbers(const Plan& plan);

// id_maps.cc

/// Writes "deny" to /proc/CHILD/setgroups. `proc`: the open directory /proc/CHILD.
Result<> deny_setgroups(int proc);
/// Maps ids, directly or through the helper. Errors: EPERM when a range is not the caller's.
Result<> map_ids(int proc, pid_t child, const MapIds& step);

// pod.cc

/// Becomes a member of a pod, which is made when there is none of that name.
Result<pod::Seat> join_pod(const Plan& plan, const JoinPod& step);

// publish.cc

/// Opens a published port.
Result<relay::Listener> publish(const Publish& step);
/// What a relay needs of the sandbox, opened while the child waits: later its files below /proc are closed.
struct Doors {
    Fd user;  ///< none where the child is in our own
    Fd net;
    Fd life;  ///< a pidfd
};
Result<Doors> open_doors(int proc, pid_t child);
/// Starts the relay of the ports, which are its own then.
Result<relay::Starting> start_relay(std::vector<relay::Listener>& ports, const Doors& doors, bool die_with_parent);

// uplink.cc

/// Starts the helper of a way out, for the child that waits. `proc`: the open directory /proc/CHILD.
Result<Helper> start_uplink(int proc, const StartUplink& step);
/// Why a helper that was started is not what it should be: its own words after the error.
Error why_useless(Helper& helper, Error error);
/// What to note of helpers that ended before the sandbox, a line each.
std::vector<std::string> lost(std::vector<Helper>& helpers);

// in_place.cc

/// Enters with the calling process itself; returns only to say what failed.
LaunchFailure launch_in_place(Ready& ready);

// failure.cc

/// Puts a child's report into words, with the plan's line.
LaunchFailure explain(const Plan& plan, const Message& report);
/// The failure of an attach or prepare step.
LaunchFailure explain(const Planned<ParentStep>& planned, Error error);
/// A failure outside steps, for which the `namespaces` key stands.
LaunchFailure explain_clone(const Plan& plan, Call call, int code);
/// A namespace that the kernel does not let us join. `index`: of clone.joins.
LaunchFailure explain_join(const Plan& plan, std::size_t index, int code);

// supervise.cc

/// Opens what supervise() hears signals through. Before the sandbox is made: once the command runs, nothing may fail.
std::expected<Fd, LaunchFailure> listen(const Plan& plan);
/// Waits for the command: forwards signals, keeps the time limit, stops and goes on with it. `started`: told at the start.
/// `kept` is asked for the sandbox's traffic at the end.
std::expected<Exit, LaunchFailure> supervise(const Plan& plan, Sandbox sandbox, Fd signals, const LaunchEvents& events,
                                             const Table& started, Kept& kept);

// events.cc

/// What is told of the start: the sandbox's first process and its namespaces. `pid`: it must be waiting, not yet gone.
Table started_event(pid_t pid);
/// Writes the JSON line of the start.
void tell_started(int status_fd, const Table& event);
/// Writes the JSON line of the end. `status`: as nsrun will exit.
void tell_exited(int status_fd, const Exit& exit);

// memory.cc

/// Waits like poll(2); -1 milliseconds: for ever. A wait that lasts gives back what it does not need: free heap, stack,
/// the program's own code and constants. Answers a negative number when it was interrupted.
long wait_small(std::span<pollfd> watched, int milliseconds);
/// Waits for ever, and gives all that back at once, with the heap and what is in it: for a process of ours that needs
/// none any more.
void sleep_without_heap(std::span<pollfd> watched);

}  // namespace nsrun::parent
