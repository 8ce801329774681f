#include "child/steps.h"

#include <linux/wait.h>
#include <sys/prctl.h>

#include <csignal>

/// Pid 1 of the sandbox: it forks the command, reaps, reports, and is as little as a process can be.
namespace nsrun::child {
namespace {

constexpr std::uintptr_t page = 4096;

/// What the rest of pid 1's life needs; all of it lies on the stack.
struct Reaper {
    int channel;
    int command;  ///< pid
    bool wait_all;
    std::uintptr_t stack;  ///< below here nothing is needed; 0: all of it is
    Message message;       ///< to be sent; only kind and value change
};

/// Gives all memory back but this function's own page and the stack, then reaps for ever. Everything that it touches is
/// on the stack, and it calls no function: there is none left.
[[noreturn, gnu::noinline, gnu::aligned(page), gnu::section(".text.nsrun_reaper"), gnu::no_stack_protector,
  gnu::no_sanitize("address", "undefined")]]
void reap_for_ever(Reaper& reaper) noexcept {
    const auto code = reinterpret_cast<std::uintptr_t>(&reap_for_ever);
    // A mapping that may not go (a sealed one) costs memory, nothing else.
    if (reaper.stack != 0) {
        call(SYS_munmap, 16 * page, code - 16 * page);
        call(SYS_munmap, code + page, reaper.stack - code - page);
    }
    for (;;) {
        int status = 0;
        const long pid = call(SYS_wait4, -1, &status, WUNTRACED | __WALL, 0);
        if (pid < 0 && pid != -4) break;  // EINTR aside: no child is left
        if (pid != reaper.command) continue;
        const bool stopped = (status & 0xff) == 0x7f;
        reaper.message.kind = stopped ? Message::Kind::stopped : Message::Kind::exited;
        reaper.message.value = stopped ? status >> 8 & 0xff : status;
        call(SYS_sendto, reaper.channel, &reaper.message, sizeof reaper.message, 0x4000 /* MSG_NOSIGNAL */, 0, 0);
        if (!stopped && !reaper.wait_all) break;
    }
    for (;;) call(SYS_exit_group, 0);
}

/// Wipes nsrun's own argument list and environment, which /proc/1/cmdline would show to the sandbox.
void wipe_words(std::span<char> words) noexcept {
    constexpr char name[] = "nsrun";
    for (char& letter : words) letter = '\0';
    for (std::size_t index = 0; index < sizeof name && index < words.size(); ++index) words[index] = name[index];
}

/// Closes every descriptor but the channel.
void close_others(int channel) noexcept {
    if (channel > 0) call(SYS_close_range, 0, channel - 1, 0);
    call(SYS_close_range, channel + 1, ~0u, 0);
}

/// Ends the kernel's writing into this thread's memory, rseq(2); libc registered it. Answers false when it goes on.
bool forget_rseq(const Given& given) noexcept {
    constexpr unsigned unregister = 1, signature = 0x53053053;
    if (given.rseq_size == 0) return true;
    if (call(SYS_rseq, given.rseq, 32, unregister, signature) == 0) return true;
    return call(SYS_rseq, given.rseq, given.rseq_size, unregister, signature) == 0;
}

/// Lives as the command's process until it executes. It shares the memory of pid 1, which waits: it writes nowhere but
/// on the stack below, and does not return.
[[noreturn, gnu::noinline]] void become_command(const Given& given) noexcept {
    if ((given.clone_flags & CLONE_NEWPID) == 0) call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    const Outcome outcome = execute(given);
    (void)tell(given.channel, {Message::Kind::failed, outcome.call, outcome.step, outcome.error});  // then just end
    for (;;) call(SYS_exit_group, 125);
}

}  // namespace

Outcome reap(const Given& given) noexcept {
    if ((given.clone_flags & CLONE_NEWPID) == 0) {
        const long answer = call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        if (answer < 0) return refused(Call::prctl, answer);
    }
    wipe_words(given.words);  // before anybody is there to read them
    // CLONE_VFORK: back here, the command is executing or has said why not. CLONE_VM: the memory would be copied only to
    // be given up. Not clone3, which filters refuse.
    int pidfd = -1;
    const long command = call(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, nullptr);
    // Nothing else may stand in this branch: its frame is that of pid 1.
    if (command == 0) become_command(given);
    if (command < 0) return refused(Call::clone3, command);
    (void)tell(given.channel, {Message::Kind::running, Call::none, at_exec, 0}, pidfd);  // a dead launcher kills us
    close_others(given.channel);
    call(SYS_chdir, "/");
    Reaper reaper{given.channel, static_cast<int>(command), given.plan.exec.wait_all, 0, {}};
    // With larger pages the code to keep would go with the code around it.
    if (given.small_pages && forget_rseq(given)) reaper.stack = (reinterpret_cast<std::uintptr_t>(&reaper) & ~(page - 1)) - 2 * page;
    reap_for_ever(reaper);
}

}  // namespace nsrun::child
