#include "cli/starter.h"

#include <fmt/format.h>

namespace nsrun::cli {

std::string starter(std::string_view name) {
    return fmt::format(R"(# nsrun --profile {0} COMMAND
#
# A program under this profile sees the system's programs and libraries, an empty
# home and an empty /tmp; no other process, no network but its own loopback, none
# of your files. What it shall have besides, say below.
#
#   nsrun check {0}             finds mistakes
#   nsrun plan -p {0} COMMAND   shows every step, and does none
#   nsrun keys                  explains every key; so does nsrun.toml(5)

schema = 1
description = "{0}"

# The program to run when the command line names none.
# [command]
# exec = "/usr/bin/{0}"

[filesystem]
# tmp: empty, gone at the end. private: kept between runs, apart from yours.
home = "tmp"

# The directory nsrun is started in: none, ro, rw, or overlay (changes are lost).
cwd = "none"

# Files and directories of yours. A leading "-": it may be absent.
ro = []  # such as ["~/Music", "-~/.config/{0}"]
rw = []  # such as ["${{DOWNLOADS}}"]

[network]
# none, loopback, or host: everything that you can reach.
mode = "loopback"

[environment]
# Names of the caller's variables are passed on when they are safe; others here.
# set = {{ LANG = "C.UTF-8" }}

# [limits]
# time = "10m"
)",
                       name);
}

}  // namespace nsrun::cli
