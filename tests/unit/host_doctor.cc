#include "host/doctor.h"
#include "host/trial.h"

#include <base/fd.h>
#include <base/file.h>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <nsrun/diagnostic.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

using namespace nsrun;

namespace {

/// What the doctor says of a facility in a child that `prepare` has changed; "unprepared" when that failed.
std::string finding_after(const std::function<bool()>& prepare, Facility facility) {
    std::array<int, 2> ends{-1, -1};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Fd input(ends[0]);
    Fd output(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        std::string text = "unprepared";
        if (prepare()) {
            const Finding finding = examine(facility);
            text = finding.present ? "present" : finding.cause + " | " + finding.remedy;
        }
        (void)write_all(output, text, "pipe");
        ::_exit(0);
    }
    output.reset();
    auto text = read_all(input, 65536, "pipe");
    ::waitpid(child, nullptr, 0);
    REQUIRE(text);
    return *text;
}

bool set(const char* file, std::string_view value) {
    const Fd setting(::open(file, O_WRONLY | O_CLOEXEC));
    return setting && write_all(setting, value, file);
}

/// A filter that answers one system call with EPERM, or kills who makes it.
bool refuse(unsigned call, unsigned action) {
    std::array<sock_filter, 4> filter{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, action),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{filter.size(), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

/// Where file systems of a type are mounted: see proc_pid_mountinfo(5).
std::vector<std::string> mounts_of(const std::string& type) {
    std::vector<std::string> found;
    std::ifstream table("/proc/self/mountinfo");
    for (std::string line; std::getline(table, line);) {
        if (line.find(" - " + type + " ") == line.npos) continue;
        std::istringstream fields(line);
        std::string field;
        for (int i = 0; i < 5; ++i) fields >> field;
        found.push_back(field);
    }
    return found;
}

constexpr std::string_view filter_remedy =
    "let the filter allow unshare, clone, mount and their kin; of a container: --security-opt seccomp=unconfined";

}  // namespace

TEST_CASE("a trial's refusal, death and value come back") {
    CHECK(attempt([] { return Outcome{0, 0, "", 42}; }).value == 42);
    const auto outcome = attempt([] {
        errno = EPERM;
        return refused("unshare");
    });
    CHECK(!outcome);
    CHECK(outcome.error == EPERM);
    CHECK(std::string_view(outcome.call) == "unshare");
    const auto died = attempt([] {
        ::raise(SIGKILL);
        return Outcome{};
    });
    CHECK(!died);
    CHECK(died.signal == SIGKILL);
}

TEST_CASE("here, what sandboxes stand on is found") {
    for (const auto facility : {Facility::kernel, Facility::seccomp, Facility::no_new_privileges, Facility::pidfd}) {
        CAPTURE(spelling(facility));
        CHECK(examine(facility).present);
    }
}

TEST_CASE("user namespaces that are switched off by their limit are named so") {
    const auto off = [] { return enter(CLONE_NEWUSER) && set("/proc/sys/user/max_user_namespaces", "0"); };
    const std::string text = finding_after(off, Facility::user_namespaces);
    CHECK(text == "user.max_user_namespaces is 0 | as root: sysctl user.max_user_namespaces=28633");
}

TEST_CASE("each other namespace that is switched off by its limit is named so") {
    const auto off = [] { return enter(CLONE_NEWUSER) && set("/proc/sys/user/max_net_namespaces", "0"); };
    CHECK(finding_after(off, Facility::net_namespaces) ==
          "user.max_net_namespaces is 0 | as root: sysctl user.max_net_namespaces=28633");
    CHECK(finding_after(off, Facility::loopback) ==
          "user.max_net_namespaces is 0 | as root: sysctl user.max_net_namespaces=28633");
    CHECK(finding_after(off, Facility::uts_namespaces) == "present");
}

TEST_CASE("a system call filter is named as the cause") {
    const auto filtered = [] { return refuse(SYS_unshare, SECCOMP_RET_ERRNO | EPERM); };
    CHECK(finding_after(filtered, Facility::user_namespaces) ==
          "a system call filter is in force and unshare is refused | " + std::string(filter_remedy));
    const auto killing = [] { return refuse(SYS_unshare, SECCOMP_RET_KILL_PROCESS); };
    CHECK(finding_after(killing, Facility::user_namespaces) ==
          "a system call filter kills who tries | " + std::string(filter_remedy));
    const auto keyless = [] { return refuse(SYS_keyctl, SECCOMP_RET_ERRNO | ENOSYS); };
    CHECK(finding_after(keyless, Facility::keyring) ==
          "a system call filter is in force and keyctl is refused | " + std::string(filter_remedy));
    const auto mountless = [] { return refuse(SYS_fsopen, SECCOMP_RET_ERRNO | EPERM); };
    CHECK(finding_after(mountless, Facility::tmpfs) ==
          "a system call filter is in force and fsopen is refused | " + std::string(filter_remedy));
}

TEST_CASE("a covered /proc is named as the cause") {
    // The namespace that covers belongs to another: its mounts are locked, as in a container.
    // Every procfs that this mount namespace shows is covered: one that is seen whole is enough for a fresh one.
    const auto covered = [] {
        if (!enter(CLONE_NEWUSER | CLONE_NEWNS)) return false;
        for (const auto& mount : mounts_of("proc")) {
            const auto made = make_file_system("tmpfs");
            if (!made) return false;
            const auto target = mount + "/sys";
            constexpr unsigned empty_path = 4;  // MOVE_MOUNT_F_EMPTY_PATH
            if (::syscall(SYS_move_mount, made.value, "", AT_FDCWD, target.c_str(), empty_path) != 0) return false;
        }
        return static_cast<bool>(enter(CLONE_NEWUSER | CLONE_NEWNS));
    };
    CHECK(finding_after(covered, Facility::proc) ==
          "parts of /proc are covered by mounts, and the kernel shows no fresh one to who cannot see all | of a "
          "container: --security-opt systempaths=unconfined (docker) or unmask=ALL (podman)");
}

TEST_CASE("a root directory of chroot is named as the cause") {
    if (::geteuid() != 0) return;  // only root changes its root
    const auto inside = [] {
        return ::chroot("/usr") == 0 && ::chdir("/") == 0 && ::setresgid(1001, 1001, 1001) == 0 &&
               ::setresuid(1001, 1001, 1001) == 0;
    };
    CHECK(
        finding_after(inside, Facility::user_namespaces) ==
        "the root directory was changed by chroot(2), where the kernel makes no user namespaces | enter the directory "
        "by pivot_root(2), as systemd-nspawn or a container does");
}

TEST_CASE("set no_new_privs is named as what keeps the id helpers from working") {
    const auto locked = [] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; };
    const Finding before = examine(Facility::subordinate_ids);
    const std::string text = finding_after(locked, Facility::subordinate_ids);
    if (before.present) {
        CHECK(text ==
              "no_new_privs is set, so newuidmap gains no privilege | start nsrun outside of what set it; of a systemd "
              "service: NoNewPrivileges=no");
    } else {
        CHECK(text == before.cause + " | " + before.remedy);
    }
}

TEST_CASE("findings are printed in lines that align, with a verdict") {
    const std::vector<Finding> good{{Facility::kernel, true, true, "6.18 x86_64", "", ""},
                                    {Facility::x11, false, false, "", "DISPLAY is not set", "start it"}};
    CHECK(to_text(good) ==
          "kernel  yes  6.18 x86_64\n"
          "x11     no   DISPLAY is not set\n"
          "             help: start it\n"
          "\n"
          "a profile of defaults can run here\n");
    CHECK(sufficient(good));
    const std::vector<Finding> bad{{Facility::user_namespaces, false, true, "", "it is off", ""},
                                   {Facility::proc, false, true, "", "", ""}};
    CHECK(to_text(bad) ==
          "user-namespaces  no   it is off\n"
          "proc             no\n"
          "\n"
          "a profile of defaults cannot run here: it needs user-namespaces, proc\n");
    CHECK(!sufficient(bad));
    CHECK(
        to_json(to_value({good[1]}), -1) ==
        R"({"nsrun_doctor":1,"sufficient":true,"facilities":[{"facility":"x11","meaning":"the caller has an X11 display",)"
        R"("present":false,"needed":false,"cause":"DISPLAY is not set","remedy":"start it"}]})");
}
