#include "pod/holder.h"
#include "pod/letters.h"
#include "pod/remains.h"

#include "base/lock.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

/// The way into a pod: finds the one of a name, or makes it.
namespace nsrun::pod {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{5};  // for who makes it, or is just ending

/// The pod's directory, made when it is not there; nothing when it went meanwhile.
Result<std::optional<Fd>> open_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail(errno, "make the directory {}", path);
    Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory && errno == ENOENT) return std::nullopt;
    if (!directory) return fail(errno, "open the directory {}", path);
    struct stat about{};
    if (fstat(directory.get(), &about) != 0) return fail(errno, "look at the directory {}", path);
    const auto owner = about.st_uid;
    if (owner != geteuid() || (about.st_mode & 022) != 0) {
        auto foreign = fail(0, "use the directory {}: uid {} could put something there", path, owner);
        if (owner == geteuid()) foreign = fail(0, "use the directory {}: others than you can write it", path);
        foreign.error().help = "remove it";
        return foreign;
    }
    return directory;
}

/// The pod's socket by a name that fits an address, however long the directory's is.
sockaddr_un socket_address(const Fd& directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = fmt::format("/proc/self/fd/{}/socket", directory.get());
    std::ranges::copy(path, address.sun_path);
    return address;
}

Result<Fd> listen_at(const Fd& directory) {
    Fd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = socket_address(directory);
    if (!listener || bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener.get(), SOMAXCONN) != 0) {
        return fail(errno, "listen at the pod's socket");
    }
    return listener;
}

long clone_process(std::uint64_t flags) {
    clone_args arguments{};
    arguments.flags = flags;
    arguments.exit_signal = SIGCHLD;
    return syscall(SYS_clone3, &arguments, sizeof arguments);
}

/// The launcher's ends of what it shares with the processes of a new pod.
struct Ends {
    Fd birth;  ///< of the holder
    Fd word;   ///< of the helper's keeper; none where there is no way out
};

/// A pair of sockets. Errors: EMFILE.
Result<std::pair<Fd, Fd>> make_pair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail(errno, "make a pair of sockets");
    return std::pair(Fd(ends[0]), Fd(ends[1]));
}

/// Goes on as the process between the launcher and the holder, which is nobody's child then: nsrun may end before it, or
/// after. Tells the holder's pid.
[[noreturn]] void stand_between(Holding holding, Fd word, Fd lifeline, int teller) {
    const bool keeps = static_cast<bool>(word);
    if (keeps && fork() != 0) _exit(0);
    const long pid = clone_process(CLONE_NEWUSER | CLONE_NEWNET);
    if (pid == 0) {
        word.reset();
        lifeline.reset();
        hold(std::move(holding));
    }
    const long answer = pid < 0 ? -errno : pid;
    (void)!write(teller, &answer, sizeof answer);  // unheard, nobody waits for it
    if (!keeps || pid < 0) _exit(0);
    keep_uplink(static_cast<pid_t>(pid), std::move(word), std::move(lifeline), holding.name, *holding.hands);
}

/// Starts the processes of a pod; answers the holder's pid.
Result<pid_t> start(Holding holding, Ends& ends) {
    auto births = NSRUN_TRY(make_pair());
    Fd word, lifeline;
    if (holding.hands->uplink) {
        auto words = NSRUN_TRY(make_pair());
        auto lifelines = NSRUN_TRY(make_pair());
        ends.word = std::move(words.first);
        word = std::move(words.second);
        holding.lifeline = std::move(lifelines.first);
        lifeline = std::move(lifelines.second);
    }
    ends.birth = std::move(births.first);
    holding.birth = std::move(births.second);
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) return fail(errno, "make a pipe");
    const Fd reader(pipe_ends[0]);
    Fd writer(pipe_ends[1]);
    const pid_t between = fork();
    if (between < 0) return fail(errno, "make the pod's process");
    if (between == 0) stand_between(std::move(holding), std::move(word), std::move(lifeline), writer.get());
    writer.reset();
    long answer = 0;
    const bool told = read(reader.get(), &answer, sizeof answer) == sizeof answer;
    while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (!told) return fail(0, "make the pod's process: it ended early");
    if (answer > 0) return static_cast<pid_t>(answer);
    auto refused = fail(static_cast<int>(-answer), "make the pod's user and network namespace");
    refused.error().help = "nsrun doctor tells what this machine has of namespaces";
    return refused;
}

/// Starts the processes of the pod in its directory, from which they are to remove what they put there; answers the
/// holder's pid.
Result<pid_t> start_in(const Fd& directory, const Fd& lock, const JoinPod& step, const Hands& hands, Ends& ends) {
    clean(directory);
    const Fd listener = NSRUN_TRY(listen_at(directory));
    Holding holding;
    holding.name = step.pod;
    holding.share = step.share;
    holding.uplink = step.uplink;
    holding.uids = map_text(step.uids);
    holding.gids = map_text(step.gids);
    holding.settings = step.settings;
    holding.hands = &hands;
    // Copies for the process: each closes its own.
    holding.listener = Fd(fcntl(listener.get(), F_DUPFD_CLOEXEC, 3));
    holding.directory = Fd(fcntl(directory.get(), F_DUPFD_CLOEXEC, 3));
    holding.lock = Fd(fcntl(lock.get(), F_DUPFD_CLOEXEC, 3));
    return start(std::move(holding), ends);
}

/// Makes the pod; answers what is to be kept open until we are a member.
Result<Ends> make(const JoinPod& step, const Hands& hands, const Fd& directory, const Fd& lock) {
    sweep(step.directory.substr(0, step.directory.rfind('/')));
    Ends ends;
    const auto started = start_in(directory, lock, step, hands, ends);
    if (!started) remove(directory);
    // From here on that is the holder's task: two could remove what a third has begun anew.
    const pid_t pid = NSRUN_TRY(started);
    NSRUN_TRY(hands.map(pid, step));
    const char mapped = 1;
    for (const Fd* end : {&ends.word, &ends.birth}) {
        if (*end && write(end->get(), &mapped, 1) != 1) return fail(errno, "tell the pod's process to go on");
    }
    const auto told = NSRUN_TRY(receive(ends.birth));
    if (told && told->text == welcome) return ends;
    const Error refused = told ? read_refusal(told->text) : Error{0, "make the pod: its process ended early", {}};
    if (!ends.word || refused.code != ECHILD) return std::unexpected(refused);
    const auto why = NSRUN_TRY(receive(ends.word));  // the helper has ended
    return std::unexpected(why ? read_refusal(why->text) : refused);
}

/// Asks the pod for a seat; nothing when it ended meanwhile.
Result<std::optional<Seat>> ask(const JoinPod& step, Fd connection) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return fail(errno, "see whose pod it is");
    if (const auto owner = peer.uid; owner != geteuid()) {
        auto foreign = fail(0, "join the pod '{}': it belongs to uid {}", step.pod, owner);
        foreign.error().help = "write another network.pod.name";
        return foreign;
    }
    if (auto sent = send(connection, to_text(step)); !sent && sent.error().code != EMSGSIZE) return std::nullopt;
    else if (!sent) return std::unexpected(sent.error());
    auto letter = NSRUN_TRY(receive(connection));
    if (!letter) return std::nullopt;
    if (letter->text != welcome || letter->descriptors.size() != 3) {
        Error refused = read_refusal(letter->text);
        refused.what = fmt::format("join the pod '{}': {}", step.pod, refused.what);
        // The words say it all.
        refused.code = refused.help.empty() ? refused.code : 0;
        return std::unexpected(std::move(refused));
    }
    auto& handed = letter->descriptors;
    return Seat{std::move(connection), std::move(handed[0]), std::move(handed[1]), std::move(handed[2])};
}

/// One attempt: nothing when whoever holds the pod is not ready, or ended meanwhile.
Result<std::optional<Seat>> attempt(const JoinPod& step, const Hands& hands) {
    const auto directory = NSRUN_TRY(open_directory(step.directory));
    if (!directory) return std::nullopt;
    Fd lock(openat(directory->get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock && errno == ENOENT) return std::nullopt;
    if (!lock) return fail(errno, "open the lock of the pod '{}'", step.pod);
    Ends ends;  // until we are a member
    if (nsrun::lock(lock.get())) {
        if (!is_found(lock.get(), directory->get(), "lock")) return std::nullopt;
        auto made = make(step, hands, *directory, lock);
        if (!made) return std::unexpected(made.error());
        ends = *std::move(made);
    }
    lock.reset();
    Fd connection(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const sockaddr_un address = socket_address(*directory);
    if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
    return ask(step, std::move(connection));
}

}  // namespace

Result<Seat> join(const JoinPod& step, const Hands& hands) {
    const auto end = Clock::now() + patience;
    do {
        auto seat = NSRUN_TRY(attempt(step, hands));
        if (seat) return *std::move(seat);
        const timespec pause{0, 1'000'000};
        nanosleep(&pause, nullptr);
    } while (Clock::now() < end);
    return fail(ETIMEDOUT, "join the pod '{}': who holds it does not answer", step.pod);
}

}  // namespace nsrun::pod
