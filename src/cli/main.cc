#include <fcntl.h>
#include <malloc.h>
#include <nsrun/diagnostic.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/help.h"

namespace {

using namespace nsrun::cli;

/// Opens /dev/null where a standard descriptor is closed, so that no file of ours ever becomes one of them.
bool open_standard_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) >= 0) continue;
        if (open("/dev/null", O_RDWR) != descriptor) return false;
    }
    return true;
}

/// Keeps what was freed for the next use: memory from the kernel anew costs a page fault for every page. All of it goes
/// back before nsrun waits.
void keep_freed_memory() {
    constexpr int most = 32 << 20, step = 256 << 10;  // no larger threshold is taken: mallopt(3)
    mallopt(M_MMAP_THRESHOLD, most);
    mallopt(M_TRIM_THRESHOLD, most);
    mallopt(M_TOP_PAD, step);
}

int dispatch(const CommandLine& line, const Output& output) {
    switch (line.verb) {
        case Verb::run:
            return line.dry_run ? plan(line, output) : run(line, output);
        case Verb::plan:
            return plan(line, output);
        case Verb::check:
            return check(line, output);
        case Verb::keys:
            return keys(line, output);
        case Verb::doctor:
            return doctor(line, output);
        case Verb::version:
            return version(line, output);
        case Verb::profile_list:
            return profile_list(line, output);
        case Verb::profile_show:
            return profile_show(line, output);
        case Verb::profile_path:
            return profile_path(line, output);
        case Verb::profile_new:
            return profile_new(line, output);
    }
    return refused;
}

}  // namespace

int main(int argc, char** argv) {
    keep_freed_memory();
    if (!open_standard_descriptors()) return refused;
    if (getauxval(AT_SECURE) != 0) {
        Output(Color::never, false, false)
            .complain(nsrun::Error{0, "refuses to run with privileges that its caller does not have",
                                   "remove the set-user-ID bit or file capabilities from nsrun: it needs neither"});
        return refused;
    }
    const auto line = parse({argv + (argc > 0 ? 1 : 0), argv + argc});
    if (!line) {
        Output(Color::never, false, false).complain(line.error());
        return 2;
    }
    const Output output(line->color, line->quiet, line->verbose);
    if (line->help) return output.print(line->bare ? help() : help(line->verb)) ? 0 : refused;
    return dispatch(*line, output);
}
