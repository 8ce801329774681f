// Measures nsrun against a floor of raw system calls, and its peers beside it. Ratios are reported, not times: the
// launchers take turns, so that what the machine does meanwhile meets all of them.
#include "launchers.h"
#include "measure.h"
#include "report.h"

#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

using namespace bench;
namespace fs = std::filesystem;

namespace {

struct Options {
    Programs programs;
    std::string only, parts = "isolation,start,binds,memory,alive,rate", json;
    double seconds = 12;  ///< for each measurement
    int alive = 100;
    unsigned uid = 0, gid = 0;
};

constexpr const char* usage =
    "usage: bench --floor FILE --command FILE [--nsrun FILE] [OPTION...]\n"
    "  --seconds S    how long each measurement takes turns (default 12)\n"
    "  --alive N      how many sandboxes to keep alive at once (default 100; 1000 takes minutes)\n"
    "  --uid N        the ordinary user who launches (default: the first of this machine)\n"
    "  --only A,B     these launchers; the floor is always there\n"
    "  --parts A,B    of isolation, start, binds, memory, alive, rate\n"
    "  --json FILE    write the numbers there as well\n";

bool listed(const std::string& list, const std::string& word) {
    return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

void ordinary_user(Options& options) {
    if (getuid() != 0) {
        options.uid = options.gid = 0;  // already one
        return;
    }
    if (options.uid == 0)
        while (const passwd* entry = getpwent())
            if (entry->pw_uid >= 1000 && entry->pw_uid < 60000 && (options.uid == 0 || entry->pw_uid < options.uid))
                options.uid = entry->pw_uid;
    if (options.uid == 0) options.uid = 65534;
    const passwd* entry = getpwuid(options.uid);
    options.gid = entry ? entry->pw_gid : options.uid;
}

Options parse(int count, char** words) {
    Options options;
    for (int n = 1; n < count; ++n) {
        const std::string name = words[n];
        if (n + 1 == count) {
            std::fputs(usage, stderr);
            std::exit(2);
        }
        const std::string value = words[++n];
        if (name == "--floor") options.programs.floor = value;
        else if (name == "--command") options.programs.command = value;
        else if (name == "--nsrun") options.programs.nsrun = value;
        else if (name == "--seconds") options.seconds = std::atof(value.c_str());
        else if (name == "--alive") options.alive = std::atoi(value.c_str());
        else if (name == "--uid") options.uid = static_cast<unsigned>(std::atoi(value.c_str()));
        else if (name == "--only") options.only = "floor," + value;
        else if (name == "--parts") options.parts = value;
        else if (name == "--json") options.json = value;
        else {
            std::fputs(usage, stderr);
            std::exit(2);
        }
    }
    ordinary_user(options);
    return options;
}

/// A directory that the user owns, with copies of the programs: a build tree may lie where she cannot look.
std::string make_scratch(Options& options) {
    // Not below /var where we may choose: firejail lets nothing be executed there.
    char name[] = "/srv/nsrun-bench.XXXXXX", other[] = "/var/tmp/nsrun-bench.XXXXXX";
    const char* made = access("/srv", W_OK) == 0 ? mkdtemp(name) : mkdtemp(other);
    if (!made) {
        std::perror("bench: make a directory in /srv or /var/tmp");
        std::exit(1);
    }
    const std::string scratch = made;
    fs::create_directory(scratch + "/programs");
    fs::create_directory(scratch + "/inside");
    const auto take = [&](std::string& program, const char* where) {
        if (program.empty() || !fs::exists(program)) return program.clear();
        const std::string copy = scratch + where + fs::path(program).filename().string();
        fs::copy_file(program, copy);
        program = copy;
    };
    take(options.programs.floor, "/programs/");
    take(options.programs.nsrun, "/programs/");
    take(options.programs.command, "/inside/");
    fs::permissions(scratch, fs::perms(0755));
    if (options.uid && chown(scratch.c_str(), options.uid, options.gid) != 0) std::perror("bench: chown");
    return scratch;
}

Workload prepared(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, int binds,
                  const char* word) {
    const std::string name = std::to_string(binds) + (*word ? word : "-end");
    Workload work;
    as_user(options.uid, options.gid, [&]() -> Samples {
        Workload made = make_workload(name, scratch + "/" + name, options.programs, binds);
        made.word = word;
        for (const Launcher& launcher : all) launcher.prepare(made);
        return {};
    });
    work = make_workload(name, scratch + "/" + name, options.programs, binds);
    work.word = word;
    return work;
}

Samples slice(const Samples& joined, std::size_t which, std::size_t of) {
    const std::size_t each = joined.size() / of;
    return {joined.begin() + static_cast<std::ptrdiff_t>(which * each),
            joined.begin() + static_cast<std::ptrdiff_t>((which + 1) * each)};
}

/// What each launcher really gives, seen from inside; those that do not work are left out, with what they said.
std::vector<Launcher> working(const Options& options, const std::string& scratch, Report& report) {
    std::vector<Launcher> candidates, usable;
    for (Launcher& launcher : launchers(options.programs))
        if (options.only.empty() || listed(options.only, launcher.name)) candidates.push_back(std::move(launcher));
    const Workload work = prepared(options, candidates, scratch, profile_binds, "report");
    Table table{"Isolation, seen from inside", {"launcher", "mounts", "NoNewPrivs", "Seccomp", "CapBnd", "pid", "lacks"}, {}};
    for (const Launcher& launcher : candidates) {
        std::string text;
        const Samples status = as_user(options.uid, options.gid, [&]() -> Samples {
            int result = 0;
            text = output_of(launcher.command_line(work), work, result);
            std::ofstream(work.scratch + "/said") << text;
            return {static_cast<double>(result)};
        });
        text = contents(work.scratch + "/said");
        if (status.size() != 1 || status[0] != 0) {
            std::fprintf(stderr, "bench: %s does not run here and is left out: %s\n", launcher.name.c_str(), text.c_str());
            continue;
        }
        table.rows.push_back({launcher.name, line_of(text, "mounts:"), line_of(text, "NoNewPrivs:"),
                              line_of(text, "Seccomp:"), line_of(text, "CapBnd:"), line_of(text, "NSpid:"), launcher.lacks});
        usable.push_back(launcher);
    }
    if (listed(options.parts, "isolation")) report.add(table);
    if (usable.empty() || usable[0].name != "floor") {
        std::fputs("bench: without a floor there is nothing to compare\n", stderr);
        std::exit(1);
    }
    return usable;
}

void start_up(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, Report& report) {
    const Workload work = prepared(options, all, scratch, profile_binds, "");
    const Samples joined = as_user(options.uid, options.gid, [&] { return alternate(all, work, options.seconds * 2, 20); });
    if (joined.empty()) return;
    Table table{"Start to end with 30 mounts", {"launcher", "x floor", "95 %", "ms", "rounds"}, {}};
    const Samples floor = slice(joined, 0, all.size());
    for (std::size_t n = 0; n < all.size(); ++n) {
        const Samples samples = slice(joined, n, all.size());
        const Estimate ratio = ratio_estimate(samples, floor);
        table.rows.push_back({all[n].name, number(ratio.value, 2), interval(ratio, 2),
                              number(median(samples) * 1000, 2), std::to_string(samples.size())});
    }
    report.add(table);
}

void binds(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, Report& report) {
    std::vector<Launcher> able;
    for (const Launcher& launcher : all)
        if (launcher.binds) able.push_back(launcher);
    Table table{"Start to end against binds, x floor (95 %)", {"binds"}, {}};
    for (const Launcher& launcher : able) table.columns.push_back(launcher.name);
    table.columns.push_back("floor, ms");
    for (const int count : {1, 10, 100, 1000, 2000}) {
        const Workload work = prepared(options, able, scratch, count, "");
        const Samples joined =
            as_user(options.uid, options.gid, [&] { return alternate(able, work, options.seconds / 3, 5); });
        if (joined.empty()) continue;
        const Samples floor = slice(joined, 0, able.size());
        std::vector<std::string> row{std::to_string(count)};
        for (std::size_t n = 0; n < able.size(); ++n) {
            const Estimate ratio = ratio_estimate(slice(joined, n, able.size()), floor);
            row.push_back(number(ratio.value, 2) + " (" + interval(ratio, 2) + ")");
        }
        row.push_back(number(median(floor) * 1000, 2));
        table.rows.push_back(row);
    }
    report.add(table);
}

void memory(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, Report& report) {
    if (getuid() != 0) return report.note("Memory left behind is read as root; it was left out.");
    const Workload work = prepared(options, all, scratch, profile_binds, "wait");
    Table table{"Left behind while the command runs", {"launcher", "PSS, kB", "95 %", "processes"}, {}};
    for (const Launcher& launcher : all) {
        Samples samples;
        int processes = 0;
        for (int n = 0; n < 7; ++n) {
            const LeftBehind left = left_behind(launcher, work, options.uid, options.gid);
            samples.push_back(left.pss / 1024);
            processes = left.processes;
        }
        const Estimate pss = median_estimate(samples);
        table.rows.push_back({launcher.name, number(pss.value, 0), interval(pss, 0), std::to_string(processes)});
    }
    report.add(table);
}

void many_alive(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, Report& report) {
    if (getuid() != 0 || options.alive < 1) return report.note("Sandboxes kept alive are counted as root; left out.");
    const Workload work = prepared(options, all, scratch, profile_binds, "wait");
    Table table{"With " + std::to_string(options.alive) + " alive, everything counted",
                {"launcher", "kB each", "of them slab", "alive"}, {}};
    for (const Launcher& launcher : all) {
        if (launcher.name != "floor" && launcher.name != "nsrun" && launcher.name != "bubblewrap" && options.only.empty())
            continue;  // the others take minutes: name them with --only
        const Alive result = alive(launcher, work, options.alive, options.uid, options.gid);
        table.rows.push_back({launcher.name, number(result.all / 1024, 0), number(result.slab / 1024, 0),
                              std::to_string(result.count)});
    }
    report.add(table);
}

void rate(const Options& options, const std::vector<Launcher>& all, const std::string& scratch, Report& report) {
    const Workload work = prepared(options, all, scratch, profile_binds, "");
    Table table{"Launches a second", {"launcher", "1 at once", "8", "32", "x floor at 1", "8", "32"}, {}};
    std::vector<double> floor;
    for (const Launcher& launcher : all) {
        std::vector<std::string> row{launcher.name}, ratios;
        for (const int at_once : {1, 8, 32}) {
            const Samples result = as_user(options.uid, options.gid, [&]() -> Samples {
                return {throughput(launcher, work, at_once, options.seconds / 10)};
            });
            const double value = result.empty() ? 0 : result[0];
            if (&launcher == &all[0]) floor.push_back(value);
            row.push_back(number(value, 0));
            ratios.push_back(number(value / floor[ratios.size()], 2));
        }
        row.insert(row.end(), ratios.begin(), ratios.end());
        table.rows.push_back(row);
    }
    report.add(table);
}

/// crun refuses a machine with both versions of cgroups mounted: in our own mount namespace the second one goes.
void hide_hybrid_cgroups() {
    if (getuid() == 0 && access("/sys/fs/cgroup/unified", F_OK) == 0 && unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0)
        (void)umount2("/sys/fs/cgroup/unified", MNT_DETACH);  // best effort: crun is left out where it stays
}

}  // namespace

int main(int count, char** words) {
    Options options = parse(count, words);
    hide_hybrid_cgroups();
    const std::string scratch = make_scratch(options);
    Report report;
    const std::vector<Launcher> all = working(options, scratch, report);
    if (listed(options.parts, "start")) start_up(options, all, scratch, report);
    if (listed(options.parts, "binds")) binds(options, all, scratch, report);
    if (listed(options.parts, "memory")) memory(options, all, scratch, report);
    if (listed(options.parts, "alive")) many_alive(options, all, scratch, report);
    if (listed(options.parts, "rate")) rate(options, all, scratch, report);
    if (!options.json.empty()) report.write_json(options.json);
    fs::remove_all(scratch);
    return 0;
}
