#include "profile/variables.h"

#include "base/nearest.h"
#include "profile/span.h"
#include "profile/toml_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace nsrun {
namespace {

/// Variables inside variables, and defaults inside defaults.
constexpr std::size_t deepest = 64;
/// What an element of a list costs besides its text, so that a few lists of lists cannot fill the memory.
constexpr std::size_t element_cost = 64;
/// Unknown variables that get a guess at what was meant, and own variables that are guessed from.
constexpr std::size_t most_suggestions = 100;
constexpr std::size_t most_candidates = 1000;

/// The end of "${...}" that begins a text: behind its "}", those of inner variables passed over; npos without one.
std::size_t end_of_variable(std::string_view text) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "${") {
            ++open;
            ++i;
        } else if (text[i] == '}' && --open == 0) {
            return i + 1;
        }
    }
    return text.npos;
}

/// The value of a variable that nsrun knows; empty when it has none here.
std::string value_in(const Context& context, std::string_view name) {
    if (name == "HOME") return context.caller.home;
    if (name == "CWD") return context.caller.cwd;
    if (name == "USER") return context.caller.name;
    if (name == "UID") return fmt::to_string(context.caller.uid);
    if (name == "GID") return fmt::to_string(context.caller.gid);
    if (name == "RUNTIME_DIR") return context.runtime_dir;
    if (name == "CONFIG_HOME") return context.config_home;
    if (name == "DATA_HOME") return context.data_home;
    if (name == "STATE_HOME") return context.state_home;
    if (name == "CACHE_HOME") return context.cache_home;
    if (name == "NAME") return context.name;
    if (name == "INSTANCE") return context.instance;
    for (const auto& [directory, path] : context.user_dirs) {
        if (directory == name) return path;
    }
    return {};
}

std::string_view remedy(std::string_view name) {
    if (name == "NAME") return "write name = \"...\" at the top of the profile";
    if (name == "INSTANCE") return "start the profile as NAME@INSTANCE";
    if (name == "RUNTIME_DIR") return "set XDG_RUNTIME_DIR";
    if (name == "CWD") return "start nsrun in a directory that exists";
    return "set it in user-dirs.dirs(5), or write the path itself";
}

}  // namespace

Variables::Variables(const Context& context, const Table* vars, Diagnostics& diagnostics)
    : context_(context), vars_(vars), diagnostics_(diagnostics), own_(vars ? vars->members.size() : 0) {
    index_.reserve(own_.size());
    for (std::size_t i = 0; i < own_.size(); ++i) index_.emplace_back(vars_->members[i].key, i);
    std::sort(index_.begin(), index_.end());
}

std::optional<std::string> Variables::text(std::string_view raw, const Span& at) {
    std::string expanded;
    bool right = true;
    for (std::size_t i = 0; i < raw.size();) {
        const std::size_t dollar = std::min(raw.find('$', i), raw.size());
        expanded += raw.substr(i, dollar - i);
        i = dollar;
        const std::string_view rest = raw.substr(i);
        if (rest.starts_with("${")) {
            const std::size_t end = end_of_variable(rest);
            if (end == rest.npos) {
                diagnostics_.error(Code::unknown_variable, part_of(at, raw, i, rest.size()), "\"${\" without \"}\"",
                                   "close it, or write \"$$\" for a dollar sign");
                return std::nullopt;
            }
            const auto value = value_of(rest.substr(2, end - 3), part_of(at, raw, i, end));
            if (value) expanded += *value;
            right = right && value;
            i += end;
        } else if (!rest.empty()) {
            expanded += '$';
            i += rest.starts_with("$$") ? 2 : 1;
        }
    }
    if (!right) return std::nullopt;
    return expanded;
}

std::vector<Value> Variables::elements(Value element) {
    std::string* raw = element.as<std::string>();
    std::vector<Value> result;
    const bool alone = raw->starts_with("${vars.") && end_of_variable(*raw) == raw->size();
    if (alone) {
        const std::string_view key = std::string_view(*raw).substr(7, raw->size() - 8);
        const Value* value = own(key, element.at);
        if (value == nullptr) return {};
        if (const Array* list = value->as<Array>()) {
            for (const auto& item : *list) {
                if (!afford(item.as<std::string>()->size() + element_cost, element.at)) return {};
                result.push_back(item);
            }
            return result;
        }
    }
    auto expanded = text(*raw, element.at);
    if (!expanded) return {};
    *raw = std::move(*expanded);
    result.push_back(std::move(element));
    return result;
}

void Variables::check_all() {
    for (std::size_t i = 0; i < own_.size(); ++i) settle(i);
}

/// Goes one level deeper, or reports that it is one too many.
bool Variables::descend(const Span& at) {
    if (depth_ < deepest) {
        ++depth_;
        return true;
    }
    diagnostics_.error(Code::too_deep, at, fmt::format("variables nest deeper than {} levels", deepest),
                       "let them refer to each other less");
    return false;
}

std::optional<std::string> Variables::value_of(std::string_view name, const Span& at) {
    if (!descend(at)) return std::nullopt;
    std::optional<std::string> value;
    if (name.starts_with("env:")) {
        value = environment(name.substr(4), at);
    } else if (name.starts_with("vars.")) {
        if (const Value* found = own(name.substr(5), at)) {
            if (const auto* text = found->as<std::string>()) {
                value = *text;
            } else {
                diagnostics_.error(Code::wrong_type, at, fmt::format("'{}' is a list, and cannot be part of a text", name),
                                   "let it be a whole element of a list");
            }
        }
    } else {
        value = known(name, at);
    }
    --depth_;
    if (value && !afford(value->size(), at)) return std::nullopt;
    return value;
}

/// `name` is "FOO" or "FOO:-default"; the default counts when FOO is not set, or empty.
std::optional<std::string> Variables::environment(std::string_view name, const Span& at) {
    const std::size_t sign = name.find(":-");
    const std::string_view variable = name.substr(0, sign);
    if (variable.empty() || variable.find_first_of("=:{}$") != variable.npos) {
        diagnostics_.error(Code::unknown_variable, at, fmt::format("'{}' cannot be the name of an environment variable", variable),
                           "write ${env:NAME} or ${env:NAME:-default}");
        return std::nullopt;
    }
    const auto value = context_.variable(variable);
    if (sign != name.npos && (!value || value->empty())) return text(name.substr(sign + 2), at);
    if (value) return std::string(*value);
    diagnostics_.error(Code::unknown_variable, at, fmt::format("the environment variable '{}' is not set", variable),
                       fmt::format("set it, or write ${{env:{}:-default}}", variable));
    return std::nullopt;
}

std::optional<std::string> Variables::known(std::string_view name, const Span& at) {
    const bool exists = std::any_of(variables.begin(), variables.end(),
                                    [&](const Variable& variable) { return variable.name == name; });
    if (!exists) {
        unknown(name, at);
        return std::nullopt;
    }
    std::string value = value_in(context_, name);
    if (!value.empty()) return value;
    diagnostics_.error(Code::unknown_variable, at, fmt::format("${{{}}} has no value here", name),
                       std::string(remedy(name)));
    return std::nullopt;
}

void Variables::unknown(std::string_view name, const Span& at) {
    if (++unknown_ > most_suggestions) {
        diagnostics_.error(Code::unknown_variable, at, fmt::format("unknown variable '{}'", name));
        return;
    }
    std::vector<std::string> owned;
    std::vector<std::string_view> candidates;
    for (const auto& variable : variables) candidates.push_back(variable.name);
    const std::size_t listed = std::min(own_.size(), most_candidates);
    for (std::size_t i = 0; i < listed; ++i) owned.push_back("vars." + vars_->members[i].key);
    candidates.insert(candidates.end(), owned.begin(), owned.end());
    const std::string_view meant = nearest(name, candidates);
    std::string help = "nsrun.toml(5) lists the variables";
    if (!meant.empty()) {
        help = fmt::format("did you mean '${{{}}}'?", meant);
    } else if (context_.variable(name)) {
        help = fmt::format("for the environment variable write ${{env:{}}}", name);
    } else if (vars_ && std::find(owned.begin(), owned.end(), "vars." + std::string(name)) != owned.end()) {
        help = fmt::format("write ${{vars.{}}}", name);
    }
    diagnostics_.error(Code::unknown_variable, at, fmt::format("unknown variable '{}'", name), std::move(help));
}

const Value* Variables::own(std::string_view key, const Span& at) {
    const auto found = std::lower_bound(index_.begin(), index_.end(), key,
                                        [](const auto& entry, std::string_view sought) { return entry.first < sought; });
    if (found == index_.end() || found->first != key) {
        unknown(fmt::format("vars.{}", key), at);
        return nullptr;
    }
    const std::size_t index = found->second;
    if (own_[index].state == State::busy) {
        diagnostics_.error(Code::unknown_variable, at, fmt::format("'vars.{}' leads back to itself", key),
                           "let one of the variables be a plain text");
        return nullptr;
    }
    if (!descend(at)) return nullptr;
    const bool settled = settle(index);
    --depth_;
    return settled ? &own_[index].value : nullptr;
}

bool Variables::settle(std::size_t index) {
    Own& own = own_[index];
    if (own.state == State::fresh) {
        own.state = State::busy;
        own.state = settle(own, vars_->members[index]) ? State::done : State::wrong;
    }
    return own.state == State::done;
}

bool Variables::settle(Own& own, const Member& member) {
    const std::size_t before = diagnostics_.list().size();
    own.value.at = member.value.at;
    if (const auto* raw = member.value.as<std::string>()) {
        auto expanded = text(*raw, member.value.at);
        if (!expanded) return false;
        own.value.data = std::move(*expanded);
        return true;
    }
    const auto* list = member.value.as<Array>();
    const auto is_text = [](const Value& item) { return item.as<std::string>() != nullptr; };
    if (list == nullptr || !std::all_of(list->begin(), list->end(), is_text)) {
        diagnostics_.error(Code::wrong_type, member.value.at,
                           fmt::format("expected a text or a list of texts, found {}", described(member.value)),
                           "put it in quotes");
        return false;
    }
    Array items;
    for (const auto& item : *list) {
        for (auto& value : elements(item)) items.push_back(std::move(value));
    }
    own.value.data = std::move(items);
    return diagnostics_.list().size() == before;
}

bool Variables::afford(std::size_t bytes, const Span& at) {
    if (spent_ > text_limit) return false;
    spent_ += bytes;
    if (spent_ <= text_limit) return true;
    diagnostics_.error(Code::too_large, at, fmt::format("variables become more than {} bytes of text", text_limit),
                       "let them refer to each other less");
    return false;
}

}  // namespace nsrun
