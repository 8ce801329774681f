#include <nsrun/names.h>
#include <nsrun/nsrun.h>

#include "plan/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <variant>

namespace nsrun {
namespace {

constexpr std::size_t longest_text = 96;    // of a text value in a line; a longer one is told by length and digest
constexpr std::size_t comment_column = 80;  // where "# place" begins, on lines that are not longer

/// Converts to anything: stands for a member while members are counted.
struct Anything {
    template <class T>
    operator T() const;
};

/// The number of an aggregate's members: how many initializers it takes.
template <class T, class... Members>
consteval std::size_t member_count() {
    if constexpr (requires { T{Members{}..., Anything{}}; }) {
        return member_count<T, Members..., Anything>();
    } else {
        return sizeof...(Members);
    }
}

/// Calls `use(name, value)` for every field. A member that fields() does not name would be hidden from the reader of a
/// plan: that does not compile.
template <class Step, class Use>
void for_each_field(const Step& step, Use use) {
    constexpr auto fields = Step::fields();
    static_assert(std::tuple_size_v<decltype(fields)> == member_count<Step>(), "fields() must name every member");
    std::apply([&](const auto&... field) { (use(field.name, step.*field.member), ...); }, fields);
}

/// One line of the text form.
class Line {
  public:
    Line(std::string_view stage, std::string_view what) : text_(fmt::format("{:<8} {}", stage, what)) {}
    explicit Line(std::string_view what) : text_(what) {}

    template <class T>
    void field(std::string_view name, const T& value) {
        if (!says_nothing(value)) said(name, value);
    }
    template <class T>
    void said(std::string_view name, const T& value) {
        fmt::format_to(std::back_inserter(text_), "{}{}={}", text_.ends_with(' ') ? "" : " ", name,
                       in_line(name, value));
    }
    void word(std::string_view word) { fmt::format_to(std::back_inserter(text_), " {}", word); }

    std::string finished(const std::string& place) {
        while (text_.ends_with(' ')) text_.pop_back();
        if (place.empty()) return std::move(text_) + '\n';
        return fmt::format("{:<{}} # {}\n", text_, comment_column, place);
    }
    std::string bare() { return std::move(text_); }

  private:
    template <class T>
    static std::string in_line(std::string_view name, const T& value) {
        if constexpr (std::is_same_v<T, std::vector<sock_filter>>) {
            return fmt::format("{} digest={}", value.size(), digest(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (value.size() > longest_text) return fmt::format("<{} bytes, digest {}>", value.size(), digest(value));
            return quoted_word(value);
        } else {
            return word_of(name, value);
        }
    }
    std::string text_;
};

/// Who owns what a step makes, where it makes something.
template <class Step>
concept Owned = requires(Step step) { step.uid, step.gid, step.mode; };

/// Steps of many members, most of them as usual.
template <class Step>
concept Various = Owned<Step> || requires(Step step) { step.access; } || std::same_as<Step, AddLink> ||
                  std::same_as<Step, AddAddress> || std::same_as<Step, SetLink> || std::same_as<Step, AddRoute> ||
                  std::same_as<Step, MoveLink> || std::same_as<Step, LimitRate>;

/// What is said even where it is as usual: what a mount allows, which kind of interface is made.
constexpr bool always_said(std::string_view field) {
    return field == "access" || field == "type" || field == "up";
}

/// A step in one line. Left out is what goes without saying: what a step does unless told otherwise, and the owner
/// where it is the builder.
template <class Step>
std::string step_text(const Step& step, const BecomeBuilder& builder = {}) {
    static const Step usual{};
    const bool owned_by_builder = [&] {
        if constexpr (Owned<Step>) return step.uid == builder.uid && step.gid == builder.gid;
        return false;
    }();
    Line line(Step::name);
    constexpr auto fields = Step::fields();
    static_assert(std::tuple_size_v<decltype(fields)> == member_count<Step>(), "fields() must name every member");
    const auto show = [&](const auto& field) {
        const bool owner = field.name == "uid" || field.name == "gid";
        if constexpr (Various<Step>) {
            const bool goes_without_saying =
                owner ? owned_by_builder : !always_said(field.name) && step.*field.member == usual.*field.member;
            if (!goes_without_saying) line.said(shown_name(field.name), step.*field.member);
        } else {
            line.field(shown_name(field.name), step.*field.member);
        }
    };
    std::apply([&](const auto&... field) { (show(field), ...); }, fields);
    return line.bare();
}

/// The step that says who builds; where there is none, nobody is left out.
BecomeBuilder builder_of(const Plan& plan) {
    for (const auto& planned : plan.setup) {
        if (const auto* builder = std::get_if<BecomeBuilder>(&planned.step)) return *builder;
    }
    return {};
}

std::string where(const Span& why, const Sources& sources, bool explain) {
    return explain && why ? printable(place(why, sources)) : std::string{};
}

template <class Step>
std::string stage_text(std::string_view stage, const std::vector<Planned<Step>>& steps, const BecomeBuilder& builder,
                       const Sources& sources, bool explain) {
    std::string text;
    for (const auto& planned : steps) {
        Line line(stage, std::visit([&](const auto& step) { return step_text(step, builder); }, planned.step));
        text += line.finished(where(planned.why, sources, explain));
    }
    return text;
}

std::string clone_text(const Clone& clone, const Sources& sources, bool explain) {
    Line line("clone", "");
    line.field("namespaces", clone.namespaces);
    line.field("in_place", clone.in_place);
    std::string text = line.finished(where(clone.why, sources, explain));
    for (const auto& join : clone.joins) {
        Line entry("join", "");
        entry.field("namespace", join.kind);
        entry.field("path", join.path);
        entry.field("sandbox", join.sandbox);
        entry.field("pod", join.pod);
        text += entry.finished(where(join.why, sources, explain));
    }
    return text;
}

std::string exec_text(const Exec& exec, const Sources& sources, bool explain) {
    std::string text;
    for (const auto& variable : exec.environment) {
        Line line("env", quoted_word(variable));
        text += line.finished({});
    }
    Line line("exec", "");
    line.field("path", exec.path);
    line.field("argv", exec.argv);
    line.field("descriptors", exec.descriptors);
    line.field("init", exec.init);
    line.field("wait_all", exec.wait_all);
    return text + line.finished(where(exec.why, sources, explain));
}

std::string supervision_text(const Supervision& supervise) {
    Line line("watch", "");
    line.field("forward", signal_words(supervise.forward));
    line.field("time_limit", supervise.time_limit);
    line.field("stop_signal", signal_word(supervise.stop_signal));
    line.field("stop_timeout", supervise.stop_timeout);
    line.field("die_with_parent", supervise.die_with_parent);
    return line.finished({});
}

// ---- JSON ----

Value text_value(std::string text) {
    return Value{std::move(text), {}};
}

template <class Step>
Value step_value(const Step& step) {
    Table table;
    table.set("step", text_value(std::string(Step::name)));
    for_each_field(step, [&](std::string_view name, const auto& value) { table.set(name, value_of(name, value)); });
    return Value{std::move(table), {}};
}

template <class Step>
Value stage_value(const std::vector<Planned<Step>>& steps, const Sources& sources) {
    Array array;
    for (const auto& planned : steps) {
        Value value = std::visit([](const auto& step) { return step_value(step); }, planned.step);
        if (planned.why) value.as<Table>()->set("why", text_value(place(planned.why, sources)));
        array.push_back(std::move(value));
    }
    return Value{std::move(array), {}};
}

Value clone_value(const Clone& clone, const Sources& sources) {
    Table table;
    table.set("namespaces", value_of("", clone.namespaces));
    Array joins;
    for (const auto& join : clone.joins) {
        Table entry;
        entry.set("namespace", value_of("", join.kind));
        entry.set("path", value_of("", join.path));
        if (!join.sandbox.empty()) {
            entry.set("sandbox", value_of("", join.sandbox));
            entry.set("inode", Value{static_cast<std::int64_t>(join.inode), {}});
        }
        if (!join.pod.empty()) entry.set("pod", value_of("", join.pod));
        if (join.why) entry.set("why", text_value(place(join.why, sources)));
        joins.push_back(Value{std::move(entry), {}});
    }
    table.set("joins", Value{std::move(joins), {}});
    table.set("in_place", value_of("", clone.in_place));
    if (clone.why) table.set("why", text_value(place(clone.why, sources)));
    return Value{std::move(table), {}};
}

Value exec_value(const Exec& exec, const Sources& sources) {
    Table table;
    table.set("path", value_of("", exec.path));
    table.set("argv", value_of("", exec.argv));
    table.set("environment", value_of("", exec.environment));
    table.set("descriptors", value_of("", exec.descriptors));
    table.set("init", value_of("", exec.init));
    table.set("wait_all", value_of("", exec.wait_all));
    if (exec.why) table.set("why", text_value(place(exec.why, sources)));
    return Value{std::move(table), {}};
}

Value supervision_value(const Supervision& supervise) {
    Table table;
    Array forward;
    for (const int signal : supervise.forward) forward.push_back(text_value(signal_word(signal)));
    table.set("forward", Value{std::move(forward), {}});
    table.set("time_limit", value_of("", supervise.time_limit));
    table.set("stop_signal", text_value(signal_word(supervise.stop_signal)));
    table.set("stop_timeout", value_of("", supervise.stop_timeout));
    table.set("die_with_parent", value_of("", supervise.die_with_parent));
    return Value{std::move(table), {}};
}

}  // namespace

std::string to_text(const ParentStep& step) {
    return std::visit([](const auto& one) { return step_text(one); }, step);
}

std::string to_text(const ChildStep& step) {
    return std::visit([](const auto& one) { return step_text(one); }, step);
}

std::string to_text(const Plan& plan, const Sources& sources, bool explain) {
    const BecomeBuilder builder = builder_of(plan);
    std::string text = "nsrun plan 1\n";
    text += stage_text("prepare", plan.prepare, builder, sources, explain);
    text += clone_text(plan.clone, sources, explain);
    text += stage_text("attach", plan.attach, builder, sources, explain);
    text += stage_text("setup", plan.setup, builder, sources, explain);
    text += exec_text(plan.exec, sources, explain);
    text += supervision_text(plan.supervise);
    return text;
}

Value to_value(const Plan& plan, const Sources& sources) {
    Table table;
    table.set("nsrun_plan", Value{std::int64_t{1}, {}});
    table.set("prepare", stage_value(plan.prepare, sources));
    table.set("clone", clone_value(plan.clone, sources));
    table.set("attach", stage_value(plan.attach, sources));
    table.set("setup", stage_value(plan.setup, sources));
    table.set("exec", exec_value(plan.exec, sources));
    table.set("supervise", supervision_value(plan.supervise));
    return Value{std::move(table), {}};
}

}  // namespace nsrun
