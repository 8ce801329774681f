#pragma once
#include <nsrun/document.h>

#include <optional>
#include <string_view>

namespace nsrun {

/// Reads a text of only the plainest statements, as most profiles and all long ones are: KEY = a string without
/// escapes, a decimal number, a boolean, or an array of these; [TABLE] and [[TABLE]] of one name; comments; all of it
/// in ASCII. Nothing when there is anything else in it, above all a mistake: the parser then reads and judges the whole
/// text. What is read is what the parser makes of it, to the last span: a property test and the fuzzer compare the two.
std::optional<Document> plain_toml(std::string_view text, std::uint32_t source);

}  // namespace nsrun
