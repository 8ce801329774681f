#include "launchers.h"

#include "filter.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bench {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

void operator+=(Words& words, Words more) {
    words.insert(words.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

bool is_bind(const Step& step) { return step.kind == 'r' || step.kind == 'w' || step.kind == 'f'; }

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// The filter of the floor, for launchers that take a compiled one.
void write_filter(const Workload& work) {
    write(work.scratch + "/filter", {reinterpret_cast<const char*>(filter_program), sizeof filter_program});
}

Words command_of(const Workload& work) {
    Words words{"/bench/command"};
    if (!work.word.empty()) words.push_back(work.word);
    return words;
}

std::string found(const std::string& program) {
    std::istringstream path("/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    for (std::string directory; std::getline(path, directory, ':');)
        if (access((directory + "/" + program).c_str(), X_OK) == 0) return directory + "/" + program;
    return {};
}

// ---- the floor ----

Words floor_line(const std::string& program, const Workload& work) {
    Words words{program};
    for (const Step& step : work.steps) {
        if (step.kind == 'd')
            words += {"d", step.target};
        else if (step.kind == 'l')
            words += {"l", step.target, step.source};
        else
            words += {std::string(1, step.kind), step.source, step.target};
    }
    words += {"--"};
    words += command_of(work);
    return words;
}

// ---- nsrun: a profile, its default isolation ----

void prepare_nsrun(const Workload& work) {
    std::string mounts;
    for (const Step& step : work.steps) {
        if (is_bind(step))
            mounts += "[[mount]]\nsource = \"" + step.source + "\"\ntarget = \"" + step.target + "\"\naccess = \"" +
                      (step.kind == 'w' ? "read-write" : "read-only") + "\"\n\n";
        if (step.kind == 'l')
            mounts += "[[mount]]\ntype = \"symlink\"\nsource = \"" + step.source + "\"\ntarget = \"" + step.target +
                      "\"\n\n";
    }
    write(work.scratch + "/bench.toml",
          "schema = 1\nhostname = \"bench\"\n\n[filesystem]\nbase = \"empty\"\nhome = \"none\"\ndev = \"minimal\"\n"
          "proc = \"private\"\ntmp = \"private\"\n\n" + mounts);
}

Words nsrun_line(const std::string& program, const Workload& work) {
    Words words{program, "-q", "-p", work.scratch + "/bench.toml", "--"};
    words += command_of(work);
    return words;
}

// ---- bubblewrap ----

Words bubblewrap_line(const std::string& program, const Workload& work) {
    Words words{program,        "--unshare-user", "--unshare-pid",    "--unshare-net",     "--unshare-ipc", "--unshare-uts",
                "--unshare-cgroup", "--disable-userns", "--die-with-parent", "--new-session", "--hostname", "bench",
                "--cap-drop",   "ALL",            "--proc",           "/proc",             "--dev",         "/dev",
                "--tmpfs",      "/tmp"};
    for (const Step& step : work.steps) {
        if (step.kind == 'd')
            words += {"--dir", step.target};
        else if (step.kind == 'l')
            words += {"--symlink", step.source, step.target};
        else
            words += {step.kind == 'w' ? "--bind" : "--ro-bind", step.source, step.target};
    }
    words += {"--remount-ro", "/", "--seccomp", "9", "--"};
    words += command_of(work);
    return words;
}

// ---- crun: an OCI bundle, rootless ----

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

void prepare_crun(const Workload& work) {
    const std::string bundle = work.scratch + "/bundle";
    for (const char* directory : {"/root/proc", "/root/dev", "/root/tmp", "/state"})
        fs::create_directories(bundle + directory);
    std::string mounts =
        R"({"destination":"/proc","type":"proc","source":"proc","options":["nosuid","nodev","noexec"]},
{"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]},
{"destination":"/dev/pts","type":"devpts","source":"devpts","options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=620"]},
{"destination":"/dev/shm","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","mode=1777"]},
{"destination":"/tmp","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","mode=1777"]})";
    for (const Step& step : work.steps) {
        const fs::path at = bundle + "/root" + step.target;
        fs::create_directories(step.kind == 'f' || step.kind == 'l' ? at.parent_path() : at);
        if (step.kind == 'f') write(at, "");
        if (step.kind == 'l' && !fs::is_symlink(at)) fs::create_symlink(step.source, at);
        if (is_bind(step))
            mounts += ",\n{\"destination\":" + quoted(step.target) + ",\"type\":\"bind\",\"source\":" + quoted(step.source) +
                      ",\"options\":[\"rbind\",\"nosuid\",\"nodev\",\"rprivate\"" + (step.kind == 'w' ? "" : ",\"ro\"") + "]}";
    }
    const std::string id = std::to_string(getuid()), gid = std::to_string(getgid());
    std::string arguments;
    for (const std::string& word : command_of(work)) arguments += (arguments.empty() ? "" : ",") + quoted(word);
    write(bundle + "/config.json", R"({"ociVersion":"1.0.0","hostname":"bench","root":{"path":"root","readonly":true},
"process":{"terminal":false,"user":{"uid":)" + id + ",\"gid\":" + gid + R"(},"cwd":"/","args":[)" + arguments +
        R"(],"env":["PATH=/usr/bin"],"noNewPrivileges":true,"capabilities":{}},
"mounts":[)" + mounts + R"(],
"linux":{"namespaces":[{"type":"user"},{"type":"mount"},{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"},{"type":"cgroup"}],
"uidMappings":[{"containerID":)" + id + ",\"hostID\":" + id + R"(,"size":1}],
"gidMappings":[{"containerID":)" + gid + ",\"hostID\":" + gid + R"(,"size":1}],
"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":4294967295,"valueTwo":21522,"op":"SCMP_CMP_MASKED_EQ"}]},
{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":4294967295,"valueTwo":21532,"op":"SCMP_CMP_MASKED_EQ"}]},
{"names":["unshare","setns","clone3","open_tree","move_mount","fsopen","fsconfig","fsmount","fspick","mount_setattr"],"action":"SCMP_ACT_ERRNO"}]}}})");
}

Words crun_line(const std::string& program, const Workload& work) {
    return {program, "--cgroup-manager=disabled", "--root", work.scratch + "/bundle/state", "run",
            "--bundle", work.scratch + "/bundle", "bench-@RUN@"};
}

// ---- nsjail, minijail, firejail, unshare ----

Words nsjail_line(const std::string& program, const Workload& work) {
    Words words{program, "-Mo", "-Q", "--time_limit", "0", "--disable_rlimits", "--hostname", "bench", "-u",
                std::to_string(getuid()), "-g", std::to_string(getgid()), "--cwd", "/", "-T", "/tmp", "-T", "/dev/shm"};
    for (const char* node : {"null", "zero", "full", "random", "urandom", "tty"})
        words += {"-B", std::string("/dev/") + node};
    words += {"-m", "none:/dev/pts:devpts:newinstance,ptmxmode=0666"};
    for (const Step& step : work.steps) {
        if (step.kind == 'l') words += {"-s", step.source + ":" + step.target};
        if (is_bind(step)) words += {step.kind == 'w' ? "-B" : "-R", step.source + ":" + step.target};
    }
    words += {"--seccomp_string", "ERRNO(1) { unshare, setns, mount } DEFAULT ALLOW", "--"};
    words += command_of(work);
    return words;
}

void prepare_minijail(const Workload& work) {
    const std::string root = work.scratch + "/minijail";
    for (const char* directory : {"/proc", "/dev", "/tmp"}) fs::create_directories(root + directory);
    for (const Step& step : work.steps) {
        const fs::path at = root + step.target;
        fs::create_directories(step.kind == 'f' || step.kind == 'l' ? at.parent_path() : at);
        if (step.kind == 'f') write(at, "");
        if (step.kind == 'l' && !fs::is_symlink(at)) fs::create_symlink(step.source, at);
    }
    write(work.scratch + "/minijail.bpf", {reinterpret_cast<const char*>(filter_program), sizeof filter_program});
}

Words minijail_line(const std::string& program, const Workload& work) {
    const std::string uid = std::to_string(getuid()), gid = std::to_string(getgid());
    Words words{program, "-U", "-m" + uid + " " + uid + " 1", "-M" + gid + " " + gid + " 1", "-p", "-e", "-l", "-N", "-v",
                "-r", "-n", "-d", "-t", "--uts=bench", "-c", "0", "-P", work.scratch + "/minijail",
                "--seccomp-bpf-binary", work.scratch + "/minijail.bpf"};
    for (const Step& step : work.steps)
        if (is_bind(step)) words += {"-b", step.source + "," + step.target + (step.kind == 'w' ? ",1" : ",0")};
    words += {"--"};
    words += command_of(work);
    return words;
}

/// An ordinary user cannot give firejail binds: each becomes a path made read-only where it is, a mount too.
Words firejail_line(const std::string& program, const Workload& work) {
    Words words{program, "--quiet", "--noprofile", "--net=none", "--private-dev", "--private-tmp", "--keep-var-tmp",
                "--caps.drop=all",
                "--seccomp", "--nonewprivs", "--hostname=bench", "--ipc-namespace"};
    for (const Step& step : work.steps)
        if (step.kind == 'r' || step.kind == 'f') words += {"--read-only=" + step.source};
    words += {"--"};
    for (const Step& step : work.steps)
        if (step.target == "/bench") words += {step.source + "/command"};
    if (!work.word.empty()) words += {work.word};
    return words;
}

Words unshare_line(const std::string& program, const Workload& work) {
    Words words{program, "--user", "--map-current-user", "--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc",
                "--uts", "--cgroup", "--mount-proc"};
    for (const Step& step : work.steps)
        if (step.target == "/bench") words += {step.source + "/command"};
    if (!work.word.empty()) words += {work.word};
    return words;
}

}  // namespace

Workload make_workload(const std::string& name, const std::string& scratch, const Programs& programs, int binds) {
    Workload work{name, scratch, {}, ""};
    // With the root, /proc, six devices, /dev/pts, /dev/shm and /tmp these seven and 12 numbered ones make 30.
    work.steps = {{'d', "", "/etc"}, {'d', "", "/srv"}, {'r', "/usr", "/usr"}, {'l', "usr/bin", "/bin"},
                  {'l', "usr/lib", "/lib"}, {'r', fs::path(programs.command).parent_path(), "/bench"}};
    for (const char* file : {"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ld.so.cache"})
        work.steps.push_back({'f', file, file});
    fs::create_directories(scratch);
    for (int n = 0; n < binds; ++n) {
        const std::string number = std::to_string(n);
        fs::create_directories(scratch + "/tree/" + number);
        work.steps.push_back({n % 4 == 3 ? 'w' : 'r', scratch + "/tree/" + number, "/srv/" + number});
    }
    return work;
}

std::vector<Launcher> launchers(const Programs& programs) {
    const auto with = [](auto line, std::string program) {
        return [line, program](const Workload& work) { return line(program, work); };
    };
    const auto nothing = [](const Workload&) {};
    std::vector<Launcher> all{{"floor", "", true, nothing, with(floor_line, programs.floor)}};
    if (!programs.nsrun.empty()) all.push_back({"nsrun", "", true, prepare_nsrun, with(nsrun_line, programs.nsrun)});
    if (auto at = found("bwrap"); !at.empty())
        all.push_back({"bubblewrap", "session keyring, securebits", true, write_filter, with(bubblewrap_line, at)});
    if (auto at = found("minijail0"); !at.empty())
        all.push_back({"minijail", "symbolic links, lock on nested namespaces", true, prepare_minijail, with(minijail_line, at)});
    if (auto at = found("nsjail"); !at.empty())
        all.push_back({"nsjail", "session keyring, pid 1, terminal filter", true, nothing, with(nsjail_line, at)});
    if (auto at = found("crun"); !at.empty())
        all.push_back({"crun", "pid 1, end with the parent", true, prepare_crun, with(crun_line, at)});
    if (auto at = found("firejail"); !at.empty())
        all.push_back({"firejail", "own root, user namespace; set-user-ID", false, nothing, with(firejail_line, at)});
    if (auto at = found("unshare"); !at.empty())
        all.push_back({"unshare", "mounts, filter, capabilities: namespaces only", false, nothing, with(unshare_line, at)});
    return all;
}

}  // namespace bench
