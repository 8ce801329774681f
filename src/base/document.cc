#include <nsrun/document.h>

#include <fmt/format.h>

#include <utility>

namespace nsrun {

const Value* Table::find(std::string_view key) const {
    for (const auto& member : members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Value* Table::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

void Table::set(std::string_view key, Value value, const Span& at) {
    for (auto& member : members) {
        if (member.key != key) continue;
        member.at = at;
        member.value = std::move(value);
        return;
    }
    members.push_back({std::string(key), at, std::move(value)});
}

std::string described(const Value& value) {
    struct {
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return fmt::format("the number {}", number); }
        std::string operator()(double number) const { return fmt::format("the number {}", number); }
        std::string operator()(const std::string&) const { return "a string"; }
        std::string operator()(const Array&) const { return "an array"; }
        std::string operator()(const Table&) const { return "a table"; }
    } describe;
    return std::visit(describe, value.data);
}

}  // namespace nsrun
