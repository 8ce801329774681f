#pragma once
#include <nsrun/nsrun.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// A variable that nsrun itself knows.
struct Variable {
    std::string_view name;
    std::string_view meaning;  ///< one clause for the manual
};

/// The variables of `${NAME}`, beside `${vars.x}`, `${env:FOO}` and `${env:FOO:-default}`.
inline constexpr auto variables = std::to_array<Variable>({
    {"HOME", "your home directory"},
    {"CWD", "the directory that nsrun was started in"},
    {"USER", "your user name"},
    {"UID", "your user id"},
    {"GID", "your group id"},
    {"RUNTIME_DIR", "XDG_RUNTIME_DIR"},
    {"CONFIG_HOME", "XDG_CONFIG_HOME, else ~/.config"},
    {"DATA_HOME", "XDG_DATA_HOME, else ~/.local/share"},
    {"STATE_HOME", "XDG_STATE_HOME, else ~/.local/state"},
    {"CACHE_HOME", "XDG_CACHE_HOME, else ~/.cache"},
    {"DESKTOP", "your desktop directory, as user-dirs.dirs says"},
    {"DOCUMENTS", "your documents"},
    {"DOWNLOADS", "your downloads"},
    {"MUSIC", "your music"},
    {"PICTURES", "your pictures"},
    {"PUBLICSHARE", "your public files"},
    {"TEMPLATES", "your templates"},
    {"VIDEOS", "your videos"},
    {"NAME", "the profile's name"},
    {"INSTANCE", "what follows \"@\" in the profile's name on the command line"},
});

/// Expands `${...}` and `$$` in texts. A "$" before anything else stays.
class Variables {
  public:
    /// `vars` are the user's own, or null where there are none.
    Variables(const Context& context, const Table* vars, Diagnostics& diagnostics);

    /// The expanded text; nothing when something in it is wrong, which has been reported.
    std::optional<std::string> text(std::string_view raw, const Span& at);
    /// The elements that an array's string stands for: those of the list when it is `${vars.x}` alone and x is a list,
    /// else itself, expanded.
    std::vector<Value> elements(Value element);
    /// Reports what is wrong in `vars`, used or not.
    void check_all();

  private:
    enum class State : std::uint8_t { fresh, busy, done, wrong };
    struct Own {
        State state = State::fresh;
        Value value;  ///< expanded: a string or an array
    };

    std::optional<std::string> value_of(std::string_view name, const Span& at);
    std::optional<std::string> environment(std::string_view name, const Span& at);
    std::optional<std::string> known(std::string_view name, const Span& at);
    const Value* own(std::string_view key, const Span& at);
    bool descend(const Span& at);
    bool settle(std::size_t index);
    bool settle(Own& own, const Member& member);
    bool afford(std::size_t bytes, const Span& at);
    void unknown(std::string_view name, const Span& at);

    const Context& context_;
    const Table* vars_;
    Diagnostics& diagnostics_;
    std::vector<Own> own_;  ///< beside vars_->members
    std::vector<std::pair<std::string_view, std::size_t>> index_;  ///< of vars_->members by key, ascending
    std::size_t spent_ = 0;  ///< bytes that variables have become
    std::size_t depth_ = 0;
    std::size_t unknown_ = 0;
};

}  // namespace nsrun
