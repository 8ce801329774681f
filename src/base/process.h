#pragma once
#include "base/fd.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

namespace nsrun {

/// The one owner of a child process. Destroying it kills the process and reaps it.
class Process {
  public:
    Process() = default;
    /// `pidfd`: of the same process, so that the signal cannot meet another one.
    Process(pid_t pid, Fd pidfd) noexcept : pid_(pid), pidfd_(std::move(pidfd)) {}
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}
    Process& operator=(Process&& other) noexcept {
        if (this != &other) {
            end();
            pid_ = std::exchange(other.pid_, 0);
            pidfd_ = std::move(other.pidfd_);
        }
        return *this;
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { end(); }

    pid_t pid() const noexcept { return pid_; }
    int pidfd() const noexcept { return pidfd_.get(); }
    /// Waits until the process ends by itself, and reaps it; answers its wait status.
    int wait() noexcept {
        int status = 0;
        while (waitpid(pid_, &status, __WALL) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return status;
    }
    /// Kills the process, if it still lives, and reaps it.
    void end() noexcept {
        if (pid_ == 0) return;
        syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
        while (waitpid(pid_, nullptr, __WALL) < 0 && errno == EINTR) {
        }
        pid_ = 0;
    }

  private:
    pid_t pid_ = 0;
    Fd pidfd_;
};

}  // namespace nsrun
