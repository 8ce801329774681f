#include "cli/commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nsrun/nsrun.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "cli/wish.h"
#include "host/doctor.h"
#include "host/own_program.h"
#include "profile/keys.h"

namespace nsrun::cli {
namespace {

/// The status for a plan that could not be made: 126 and 127 when only the program is the matter, as a shell has it.
int status_of(const Diagnostics& diagnostics) {
    int status = 0;
    for (const auto& diagnostic : diagnostics.list()) {
        if (diagnostic.severity != Severity::error) continue;
        const int one = diagnostic.code == Code::missing_command  ? 127
                        : diagnostic.code == Code::not_executable ? 126
                                                                  : refused;
        status = status == 0 || status == one ? one : refused;
    }
    return status;
}

/// A run, as far as it goes before anything is done.
struct Prepared {
    Wish wish;
    Plan plan;
    int status = 0;  ///< other than 0: told already, and nothing is to be done
};

Prepared prepare(const CommandLine& line, const Output& output) {
    Prepared prepared;
    if (line.words.empty() && line.profiles.empty()) {
        output.complain(Usage{"there is no command", "nsrun COMMAND runs one; nsrun --help tells more"});
        prepared.status = 2;
        return prepared;
    }
    auto wish = load_wish(line, line.words.empty() ? std::string_view() : line.words.front(), output);
    if (!wish) {
        output.complain(wish.error());
        prepared.status = refused;
        return prepared;
    }
    prepared.wish = *std::move(wish);
    auto& [sources, diagnostics, context, loaded, profile, command] = prepared.wish;
    command.words.assign(line.words.begin(), line.words.end());
    command.profile_files = loaded.files;
    command.drop_ins = loaded.drop_ins;
    command.status_fd = line.status_fd;
    decode_wish(prepared.wish);
    if (!diagnostics.has_errors()) {
        auto plan = plan_wish(prepared.wish, output);
        if (!plan) {
            output.complain(diagnostics, sources);
            output.complain(plan.error());
            prepared.status = refused;
            return prepared;
        }
        prepared.plan = *std::move(plan);
    }
    output.complain(diagnostics, sources);
    prepared.status = status_of(diagnostics);
    return prepared;
}

void complain(const LaunchFailure& failure, const Sources& sources, const Output& output) {
    if (!failure.why && failure.step.empty()) return output.complain(failure.error);
    Diagnostics diagnostics;
    diagnostics.add(
        {Severity::error, Code::step_failed, failure.why, to_text(failure.error), failure.error.help, failure.step});
    output.complain(std::move(diagnostics), sources);
}

void tell_traffic(const Exit& exit, const Output& output) {
    for (const Traffic& traffic : exit.network) {
        output.tell(fmt::format("{}: received {} bytes in {} packets, sent {} bytes in {} packets", traffic.link, traffic.received_bytes,
                                traffic.received_packets, traffic.sent_bytes, traffic.sent_packets));
    }
}

}  // namespace

int run(const CommandLine& line, const Output& output) {
    if (line.status_fd >= 0 && fcntl(line.status_fd, F_GETFD) < 0) {
        output.complain(
            Usage{fmt::format("'--status-fd' needs an open descriptor, {} is closed", line.status_fd),
                  fmt::format("open it in the shell: nsrun --status-fd {0} ... {0}>status", line.status_fd)});
        return 2;
    }
    if (auto ours = check_own_program(); !ours) {
        output.complain(ours.error());
        return refused;
    }
    const auto prepared = prepare(line, output);
    if (prepared.status != 0) return prepared.status;
    const auto exit = launch(prepared.plan, {line.status_fd, line.status_fd >= 0 || output.verbose()});
    if (exit) {
        tell_traffic(*exit, output);
        for (const auto& note : exit->notes) output.tell(note);
        // Taking plan and profile apart would only touch all of their memory once more.
        std::_Exit(exit->status);
    }
    complain(exit.error(), prepared.wish.sources, output);
    return exit.error().status;
}

int plan(const CommandLine& line, const Output& output) {
    const auto prepared = prepare(line, output);
    if (prepared.status != 0) return prepared.status;
    const auto& sources = prepared.wish.sources;
    const auto text = line.format == Format::json ? to_json(to_value(prepared.plan, sources)) + "\n"
                                                  : to_text(prepared.plan, sources, line.explain);
    return output.print(text) ? 0 : refused;
}

int check(const CommandLine& line, const Output& output) {
    Array found;
    bool wrong = false;
    for (const auto word : line.words) {
        CommandLine one;
        one.profiles.push_back(word);
        auto wish = load_wish(one, "", output);
        if (!wish) {
            output.complain(wish.error());
            return refused;
        }
        decode_wish(*wish);
        wrong = wrong || wish->diagnostics.has_errors();
        wish->diagnostics.sort();
        if (line.format == Format::json) {
            auto problems = to_value(wish->diagnostics, wish->sources);
            for (auto& problem : *problems.as<Array>()) found.push_back(std::move(problem));
            continue;
        }
        output.complain(wish->diagnostics, wish->sources);
        if (wish->diagnostics.empty() && !line.quiet) output.print(fmt::format("{}: no problems\n", printable(word)));
    }
    if (line.format == Format::json) {
        Table report;
        report.set("nsrun_check", Value{std::int64_t{1}, {}});
        report.set("diagnostics", Value{std::move(found), {}});
        if (!output.print(to_json(Value{std::move(report), {}}) + "\n")) return refused;
    }
    return wrong ? 1 : 0;
}

int keys(const CommandLine& line, const Output& output) {
    const auto prefix = line.words.empty() ? std::string_view() : line.words.front();
    const auto text = explain_keys(prefix);
    if (text.empty()) {
        std::vector<std::string> paths;
        for (auto& placed : placed_keys()) paths.push_back(std::move(placed.path));
        const auto near = nearest(prefix, std::vector<std::string_view>(paths.begin(), paths.end()));
        output.complain(Usage{fmt::format("no key begins with '{}'", printable(prefix)),
                              near.empty() ? "nsrun keys lists them all" : fmt::format("did you mean '{}'?", near)});
        return 2;
    }
    const auto shown = line.format == Format::json ? to_json(explained_keys(prefix)) + "\n" : text;
    return output.print(shown) ? 0 : refused;
}

int doctor(const CommandLine& line, const Output& output) {
    const auto facilities = examine();
    const auto text = line.format == Format::json ? to_json(to_value(facilities)) + "\n" : to_text(facilities);
    if (!output.print(text)) return refused;
    return sufficient(facilities) ? 0 : 1;
}

int version(const CommandLine& line, const Output& output) {
    Table table;
    table.set("version", Value{std::string(NSRUN_VERSION), {}});
    const auto text =
        line.format == Format::json ? to_json(Value{std::move(table), {}}) + "\n" : "nsrun " NSRUN_VERSION "\n";
    return output.print(text) ? 0 : refused;
}

}  // namespace nsrun::cli
