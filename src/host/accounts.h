#pragma once
#include <nsrun/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The user database of the host: /etc/passwd and /etc/group, and where they have no answer, getent(1). A static
/// program has no name service of its own.
namespace nsrun {

/// The account that one line of passwd(5) describes; nothing when the line is none.
std::optional<Account> parse_user(std::string_view line);

/// The account that one line of group(5) describes; nothing when the line is none.
std::optional<Account> parse_group(std::string_view line);

/// The ranges that a text of subuid(5) or subgid(5) gives to an account, by its name or its decimal id, in order.
std::vector<SubordinateRange> parse_subordinate(std::string_view text, std::string_view name, std::uint32_t id);

/// One of the two databases, read at the first question.
class Accounts {
  public:
    enum class Kind : std::uint8_t { users, groups };

    explicit Accounts(Kind kind) : kind_(kind) {}

    /// The account of that id. Errors of reading count as no answer.
    std::optional<Account> with_id(std::uint32_t id);
    /// The account of that name. Names of digits alone, or that no database could hold, have none.
    std::optional<Account> named(std::string_view name);
    /// All accounts of the file; of those that only the name service knows, none.
    std::vector<Account> all();

  private:
    const std::string& text();
    std::optional<Account> parse(std::string_view line) const;
    std::optional<Account> ask(std::string key) const;

    Kind kind_;
    std::optional<std::string> text_;
};

}  // namespace nsrun
