#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/document.h>
#include <nsrun/host.h>
#include <nsrun/plan.h>
#include <nsrun/profile.h>
#include <nsrun/result.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// The verbs of the pipeline, from text to exit status. Each room implements its own.
namespace nsrun {

// ---- profile: text to Profile; pure ----

/// Renders diagnostics as an array of tables for JSON; stable names.
Value to_value(const Diagnostics& diagnostics, const Sources& sources);

/// Parses TOML 1.0. `source` is the text's index in the Sources. At most 1 MiB and 64 levels; problems become diagnostics.
Document parse_toml(std::string_view text, std::uint32_t source, Diagnostics& diagnostics);

/// Parses "KEY=VALUE" of `--set`: a dotted key, a value as TOML, a bare word as a string.
Document parse_setting(std::string_view setting, std::uint32_t source, Diagnostics& diagnostics);

/// What a text takes over from one that it extends: all but what speaks of that text alone, which is its `schema`,
/// `name`, `description` and `extends`.
Document inherited(Document parent);

/// Lays `over` onto `under`: scalars replace, arrays append, tables merge, [[mount]] merges by target and
/// [[network.interface]] by name; `reset` of `over` first empties what `under` says. Associative: the `reset` lists stay
/// in the result, one after the other. Keys without a meaning here are merged like any other.
Document merge(Document under, Document over, Diagnostics& diagnostics);

/// A question that a Document's conditions ask of the machine.
struct Question {
    enum class Kind : std::uint8_t { exists, has } kind;
    std::string subject;  ///< variables expanded
    bool operator==(const Question&) const = default;
};

/// The questions of all `[when."EXPR"]` sections, so that the survey can answer them into the Context.
std::vector<Question> questions(const Document& document, const Context& context);

/// Settles the `[when."EXPR"]` sections of one text: those whose condition holds are laid over it, and all are removed.
/// Each text is settled before it is merged, so that a layer's condition never outranks a later layer.
Document apply_conditions(Document document, const Context& context, Diagnostics& diagnostics);

/// Expands `${...}` and `$$` in every key and string of the merged document by `[vars]` and the context, and removes
/// `[vars]`. At most 1 MiB comes of it.
Document expand(Document document, const Context& context, Diagnostics& diagnostics);

/// Decodes by the key table. Everything wrong is reported; what could be decoded is returned.
Profile decode(const Document& document, Diagnostics& diagnostics);

/// Checks the rules that span several keys and need no machine.
void check(const Profile& profile, Diagnostics& diagnostics);

// ---- host: the machine to facts; only reads ----

/// Answers who calls, from where, and the questions of the conditions.
Result<Context> survey_context(std::string_view profile_name);
void answer(std::vector<Question> questions, Context& context);

/// Answers what planning wants to know, and nothing else.
Result<HostFacts> survey(const Wanted& wanted, Context context);

// ---- plan: Profile and facts to Plan; pure ----

/// What must be known of the machine to plan this profile: the only list of what a survey reads.
Wanted wanted(const Profile& profile, const Command& command, const Context& context);

/// Decides everything, for a profile that `check` has passed. The plan is empty when diagnostics has errors.
Plan resolve(const Profile& profile, const HostFacts& facts, const Command& command, Diagnostics& diagnostics);

/// Renders a plan, a line a step. `sources` give the places after "#"; `explain` false leaves them out.
std::string to_text(const Plan& plan, const Sources& sources, bool explain);
/// Renders a plan as a tree for JSON; stable names, `"nsrun_plan": 1` first.
Value to_value(const Plan& plan, const Sources& sources);
/// Renders one step as in the text form, without its place.
std::string to_text(const ParentStep& step);
std::string to_text(const ChildStep& step);

// ---- parent: Plan to exit status; the only room that acts ----

/// What went through an interface of the sandbox, as the kernel counts it.
struct Traffic {
    std::string link;
    std::uint64_t received_bytes = 0, received_packets = 0, sent_bytes = 0, sent_packets = 0;
    bool operator==(const Traffic&) const = default;
};

/// How the command ended.
struct Exit {
    int status = 0;         ///< as nsrun exits: the command's, 128+n, 124, 126, 127
    bool signalled = false; ///< a signal ended the command
    bool timed_out = false;
    std::vector<Traffic> network;  ///< of its own interfaces but loopback, in their order; only when somebody asked
    std::vector<std::string> notes{};  ///< what a careful user may want to know of the run
};

/// A step that the system refused.
struct LaunchFailure {
    Error error;
    Span why;          ///< the profile line of the step
    std::string step;  ///< its text form; empty outside steps
    int status = 125;  ///< 126 and 127 when only the exec failed
};

/// What a caller may want to know while a launch goes on.
struct LaunchEvents {
    int status_fd = -1;    ///< JSON lines: started, exited
    bool traffic = false;  ///< whether Exit is to tell what went through the sandbox's interfaces
};

/// Does what the plan says, waits for the end, and leaves nothing behind. With `clone.in_place` it returns only to fail.
std::expected<Exit, LaunchFailure> launch(const Plan& plan, const LaunchEvents& events);

}  // namespace nsrun
