#include "probe_reach.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

/// Runs inside a sandbox and says what it sees: "name: value" lines, a question an argument.
namespace {

extern "C" char** environ;

void say(const std::string& name, const std::string& value) { std::printf("%s: %s\n", name.c_str(), value.c_str()); }
void say(const std::string& name, long long value) { say(name, std::to_string(value)); }

std::string content(const char* path) {
    std::string text;
    const int file = open(path, O_RDONLY);
    if (file < 0) return "errno " + std::to_string(errno);
    char buffer[4096];
    for (ssize_t count; (count = read(file, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(count));
    close(file);
    for (char& letter : text) letter = letter == '\n' ? '|' : letter == '\0' ? ' ' : letter;
    return text;
}

std::string answer(long result) { return result < 0 ? "errno " + std::to_string(errno) : "ok"; }

void ids() {
    say("uid", getuid());
    say("gid", getgid());
    gid_t groups[256];
    say("groups", getgroups(256, groups));
    say("umask", static_cast<long long>(umask(0)));
}

void privileges() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    syscall(SYS_capget, &header, data);
    say("permitted", data[0].permitted | static_cast<long long>(data[1].permitted) << 32);
    say("effective", data[0].effective | static_cast<long long>(data[1].effective) << 32);
    say("inheritable", data[0].inheritable | static_cast<long long>(data[1].inheritable) << 32);
    long long bounding = 0, ambient = 0;
    for (int capability = 0; capability < 64; ++capability) {
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) bounding |= 1LL << capability;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1) ambient |= 1LL << capability;
    }
    say("bounding", bounding);
    say("ambient", ambient);
    say("securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
    say("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    say("seccomp", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

void process() {
    say("pid", getpid());
    say("ppid", getppid());
    say("session_leader", getsid(0) == getpid() ? 1 : 0);
    say("session", getsid(0));
    sigset_t mask;
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    long long blocked = 0;
    for (int signal = 1; signal < 32; ++signal) blocked |= sigismember(&mask, signal) == 1 ? 1LL << signal : 0;
    say("blocked", blocked);
    char directory[4096] = "?";
    if (syscall(SYS_getcwd, directory, sizeof directory) > 0) say("cwd", directory);
    utsname names;
    uname(&names);
    say("hostname", names.nodename);
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    say("pdeathsig", death);
}

void descriptors() {
    std::string open_ones;
    for (int descriptor = 0; descriptor < 4096; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) >= 0) open_ones += std::to_string(descriptor) + " ";
    }
    say("descriptors", open_ones);
}

void environment() {
    for (char** entry = environ; *entry != nullptr; ++entry) say("environment", *entry);
}

void init() {
    say("init_cmdline", content("/proc/1/cmdline"));
    say("init_environ", content("/proc/1/environ"));
    char link[64];
    say("init_exe", answer(readlink("/proc/1/exe", link, sizeof link)));
    say("init_maps", content("/proc/1/maps"));
    say("init_mem", answer(open("/proc/1/mem", O_RDONLY)));
    struct stat about;
    say("init_root", answer(stat("/proc/1/root/.", &about)));
    DIR* const list = opendir("/proc/1/fd");
    say("init_fd", list != nullptr ? "ok" : "errno " + std::to_string(errno));
    if (list != nullptr) closedir(list);
}

void path(const char* name) {
    struct statvfs about;
    const std::string what = name;
    if (statvfs(name, &about) != 0) return say("path " + what, "errno " + std::to_string(errno));
    std::string flags;
    for (const auto& [bit, word] : {std::pair{ST_RDONLY, "ro"}, {ST_NOSUID, "nosuid"}, {ST_NODEV, "nodev"}, {ST_NOEXEC, "noexec"}}) {
        if ((about.f_flag & static_cast<unsigned long>(bit)) != 0) flags += std::string(flags.empty() ? "" : ",") + word;
    }
    say("path " + what, flags.empty() ? "rw" : flags);
}

void directory(const char* name) {
    DIR* const list = opendir(name);
    if (list == nullptr) return say(std::string("list ") + name, "errno " + std::to_string(errno));
    std::string names;
    int count = 0;
    while (const dirent* entry = readdir(list)) {
        if (entry->d_name[0] == '.') continue;
        ++count;
        if (names.size() < 400) names += std::string(entry->d_name) + " ";
    }
    closedir(list);
    say(std::string("list ") + name, names);
    say(std::string("count ") + name, count);
}

void attack() {
    char letter = 'x';
    say("tiocsti", answer(ioctl(0, TIOCSTI, &letter)));
    say("unshare_user", answer(syscall(SYS_unshare, 0x10000000)));
    say("mount", answer(mount("none", "/tmp", "tmpfs", 0, nullptr)));
    say("sethostname", answer(sethostname("other", 5)));
    say("chroot", answer(chroot("/")));
    say("setuid0", answer(setuid(0)));
    say("keyring", static_cast<long long>(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0)));
    say("ptrace_init", answer(syscall(SYS_ptrace, 16, 1, 0, 0)));
}

void network() { say("links", content("/proc/net/dev")); }

}  // namespace

int main(int count, char** words) {
    for (int index = 1; index < count; ++index) {
        const std::string word = words[index];
        const char* const next = index + 1 < count ? words[index + 1] : "";
        if (answer_reach(word, next)) {
            for (const char* with_next : {"keys", "abstract", "file socket", "fill", "burn"}) index += word == with_next ? 1 : 0;
        } else if (word == "ids") ids();
        else if (word == "privileges") privileges();
        else if (word == "process") process();
        else if (word == "descriptors") descriptors();
        else if (word == "environment") environment();
        else if (word == "init") init();
        else if (word == "attack") attack();
        else if (word == "network") network();
        else if (word == "path") path(next), ++index;
        else if (word == "list") directory(next), ++index;
        else if (word == "read") say(std::string("read ") + next, content(next)), ++index;
        else if (word == "write") say(std::string("write ") + next, answer(open(next, O_WRONLY | O_CREAT, 0600))), ++index;
        else if (word == "chmod") say(std::string("chmod ") + next, answer(chmod(next, 0666))), ++index;
        else if (word == "stat") {
            struct stat about;
            say(std::string("stat ") + next, lstat(next, &about) == 0 ? std::to_string(about.st_mode) + " " + std::to_string(about.st_uid) + " " + std::to_string(about.st_gid) : "errno " + std::to_string(errno));
            ++index;
        } else if (word == "exit") std::fflush(stdout), _exit(std::atoi(next));
        else if (word == "raise") std::fflush(stdout), kill(getpid(), std::atoi(next)), ++index;
        else if (word == "sleep") std::fflush(stdout), usleep(static_cast<unsigned>(std::atoi(next)) * 1000), ++index;
        else if (word == "orphan") {
            std::fflush(stdout);
            if (fork() == 0) {
                usleep(static_cast<unsigned>(std::atoi(next)) * 1000);
                say("orphan", "done");
                return 0;
            }
            ++index;
        } else say("unknown", word);
    }
    return 0;
}
