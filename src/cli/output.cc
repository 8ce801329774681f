#include "cli/output.h"

#include <fmt/format.h>
#include <nsrun/nsrun.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "cli/log.h"

namespace nsrun::cli {
namespace {

bool wants_color(Color color) {
    if (color != Color::auto_) return color == Color::always;
    const char* no_color = std::getenv("NO_COLOR");
    if (no_color && *no_color != '\0') return false;
    const char* terminal = std::getenv("TERM");
    return terminal && std::string_view(terminal) != "dumb" && isatty(STDERR_FILENO) == 1;
}

/// Writes everything; returns 0 or the errno that kept it from it.
int write_text(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

/// A message that cannot be delivered has nowhere else to go.
void write_message(std::string_view text) {
    (void)write_text(STDERR_FILENO, text);
}

std::string help_line(std::string_view help) {
    return help.empty() ? std::string() : fmt::format("  help: {}\n", printable(help));
}

}  // namespace

Output::Output(Color color, bool quiet, bool verbose) : color_(wants_color(color)), quiet_(quiet), verbose_(verbose) {}

bool Output::print(std::string_view text) const {
    const int code = write_text(STDOUT_FILENO, text);
    if (code != 0) complain(Error{code, "write to standard output", {}});
    return code == 0;
}

void Output::complain(const Error& error) const {
    write_message(fmt::format("nsrun: {}\n{}", printable(to_text(error)), help_line(error.help)));
}

void Output::complain(const Usage& usage) const {
    write_message(fmt::format("nsrun: {}\n{}", usage.message, help_line(usage.help)));
}

void Output::complain(Diagnostics diagnostics, const Sources& sources) const {
    diagnostics.sort();
    Diagnostics shown;
    for (const auto& diagnostic : diagnostics.list()) {
        if (!quiet_ || diagnostic.severity == Severity::error) shown.add(diagnostic);
    }
    if (!shown.empty()) write_message(to_text(shown, sources, color_));
}

void Output::tell(std::string_view what) const {
    if (verbose_) log(printable(what));
}

}  // namespace nsrun::cli
