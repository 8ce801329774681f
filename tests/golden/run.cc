// The golden plans: every directory beside this file is a case. `profile.toml` is parsed, decoded, checked and resolved
// for a machine, and the result is compared with `plan.txt`, or with `diagnostics.txt` when there is something to say.
//   shipped     instead of profile.toml: the name of a profile of profiles/, with what it extends; the plan says where
//               each step comes from
//   command     the words of the command line, one a line; absent: "true", or of a shipped profile what it says
//   facts.json  what the machine differs in from the usual desktop; {"machine": "service"} begins with root's
//   only        the steps to show, one a line: a case about ids does not change with the mounts
// NSRUN_ACCEPT=1 writes the results instead.

#include "support/facts.h"

#include <nsrun/nsrun.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace nsrun;

std::string content(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lines(const fs::path& path) {
    std::vector<std::string> all;
    std::stringstream text(content(path));
    for (std::string line; std::getline(text, line);) {
        if (!line.empty()) all.push_back(line);
    }
    return all;
}

/// The plan's lines about the steps of `only`, and those that are not steps.
std::string chosen(const std::string& plan, const std::vector<std::string>& only) {
    if (only.empty()) return plan;
    const std::set<std::string> shown(only.begin(), only.end());
    std::stringstream text(plan);
    std::string kept;
    for (std::string line; std::getline(text, line);) {
        std::stringstream words(line);
        std::string stage, step;
        words >> stage >> step;
        const bool is_step = stage == "prepare" || stage == "attach" || stage == "setup";
        if (is_step ? shown.contains(step) : stage == "nsrun" || shown.contains(stage)) kept += line + "\n";
    }
    return kept;
}

struct Outcome {
    std::string plan, diagnostics;
};

/// Answers a text's conditions from the facts: a path that they do not name does not exist.
void answer_from(const HostFacts& facts, const Document& document, Context& context) {
    for (auto& question : questions(document, context)) {
        if (question.kind != Question::Kind::exists) continue;
        const auto* fact = facts.path(question.subject);
        context.exists.emplace_back(question.subject, fact && fact->kind != PathKind::absent);
    }
}

/// A text and what it extends, as one document. What it extends is beside it.
Document layered(const fs::path& file, HostFacts& facts, Sources& sources, Diagnostics& diagnostics) {
    const auto index = static_cast<std::uint32_t>(sources.size());
    sources.push_back({file.filename(), content(file), false});
    Document document = parse_toml(sources.back().text, index, diagnostics);
    answer_from(facts, document, facts.context);
    document = apply_conditions(std::move(document), facts.context, diagnostics);
    Document below;
    const Value* extends = document.find("extends");
    const Array* names = extends ? extends->as<Array>() : nullptr;
    for (std::size_t i = 0; names && i < names->size(); ++i) {
        const auto* name = (*names)[i].as<std::string>();
        if (!name) continue;
        Document parent = layered(file.parent_path() / *name, facts, sources, diagnostics);
        below = merge(std::move(below), inherited(std::move(parent)), diagnostics);
    }
    return merge(std::move(below), std::move(document), diagnostics);
}

Outcome outcome(const fs::path& directory) {
    auto facts = nsrun::testing::facts_of(content(directory / "facts.json"));
    const bool shipped = fs::exists(directory / "shipped");
    const fs::path file =
        shipped ? fs::path(NSRUN_PROFILES_DIRECTORY) / lines(directory / "shipped").at(0) : directory / "profile.toml";
    if (shipped) facts.context.name = file.stem();
    Command command;
    if (!shipped) command.words = {"true"};
    if (fs::exists(directory / "command")) command.words = lines(directory / "command");

    Sources sources;
    Diagnostics diagnostics;
    const auto document = expand(layered(file, facts, sources, diagnostics), facts.context, diagnostics);
    const auto profile = decode(document, diagnostics);
    check(profile, diagnostics);
    Outcome result;
    if (!diagnostics.has_errors()) {
        if (shipped) nsrun::testing::close(facts, wanted(profile, command, facts.context));
        const auto plan = resolve(profile, facts, command, diagnostics);
        Diagnostics again;
        CHECK(plan == resolve(profile, facts, command, again));
        if (!diagnostics.has_errors()) result.plan = chosen(to_text(plan, sources, true), lines(directory / "only"));
    }
    diagnostics.sort();
    result.diagnostics = to_text(diagnostics, sources, false);
    return result;
}

void compare(const fs::path& file, const std::string& now) {
    if (std::getenv("NSRUN_ACCEPT")) {
        if (now.empty()) {
            fs::remove(file);
        } else {
            std::ofstream(file) << now;
        }
        return;
    }
    CHECK(now == content(file));
}

}  // namespace

TEST_CASE("every golden case comes out as it is written down") {
    std::size_t cases = 0;
    for (const auto& entry : fs::directory_iterator(NSRUN_GOLDEN_DIRECTORY)) {
        if (!fs::exists(entry.path() / "profile.toml") && !fs::exists(entry.path() / "shipped")) continue;
        ++cases;
        const std::string name = entry.path().filename();
        CAPTURE(name);
        const auto result = outcome(entry.path());
        CHECK((!result.plan.empty() || !result.diagnostics.empty()));
        compare(entry.path() / "plan.txt", result.plan);
        compare(entry.path() / "diagnostics.txt", result.diagnostics);
    }
    CHECK(cases > 0);
}

TEST_CASE("every code has a golden, and no golden a code that does not exist") {
    std::string said;
    for (const auto& entry : fs::directory_iterator(NSRUN_GOLDEN_DIRECTORY)) {
        said += content(entry.path() / "diagnostics.txt");
    }
    // What takes files, or a run, is told by the transcripts of the command line.
    for (const auto& entry : fs::directory_iterator(NSRUN_TRANSCRIPTS_DIRECTORY)) {
        if (entry.path().extension() == ".t") said += content(entry.path());
    }
    for (const auto& word : words<Code>) {
        const std::string code(word.name);
        CAPTURE(code);
        CHECK(said.find(" [" + code + "]\n") != said.npos);
    }
}
