#include "cli/wish.h"

#include <fmt/format.h>

#include <utility>

#include "cli/layers.h"

namespace nsrun::cli {

Result<Wish> load_wish(const CommandLine& line, std::string_view program, const Output& output) {
    Wish wish;
    wish.context = NSRUN_TRY(survey_context(""));
    LayerRequest request;
    request.profiles.assign(line.profiles.begin(), line.profiles.end());
    request.program = program;
    for (const auto& flag : line.flags) {
        request.flags.push_back(layer(flag, wish.context, wish.sources, wish.diagnostics));
    }
    wish.loaded = load(request, wish.context, wish.sources, wish.diagnostics);
    for (const auto& file : wish.loaded.files) output.tell(fmt::format("read {}", file));
    return wish;
}

void decode_wish(Wish& wish) {
    // The document has become the profile: planning uses its memory again.
    const Document document = std::exchange(wish.loaded.document, {});
    wish.profile = decode(document, wish.diagnostics);
    check(wish.profile, wish.diagnostics);
}

Result<Plan> plan_wish(Wish& wish, const Output& output) {
    const auto questions = wanted(wish.profile, wish.command, wish.context);
    output.tell(fmt::format("survey {} paths and {} patterns", questions.paths.size(), questions.globs.size()));
    const auto facts = NSRUN_TRY(survey(questions, wish.context));
    auto plan = resolve(wish.profile, facts, wish.command, wish.diagnostics);
    output.tell(fmt::format("planned {} steps", plan.prepare.size() + plan.attach.size() + plan.setup.size()));
    return plan;
}

}  // namespace nsrun::cli
