#define JSON_NOEXCEPTION 1
#include <nsrun/document.h>

#include <nlohmann/json.hpp>

namespace nsrun {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value);

struct ToJson {
    Json operator()(bool flag) const { return flag; }
    Json operator()(std::int64_t number) const { return number; }
    Json operator()(double number) const { return number; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(const Array& array) const {
        Json list = Json::array();
        for (const auto& element : array) list.push_back(json_of(element));
        return list;
    }
    Json operator()(const Table& table) const {
        Json object = Json::object();
        for (const auto& member : table.members) object[member.key] = json_of(member.value);
        return object;
    }
};

Json json_of(const Value& value) { return std::visit(ToJson{}, value.data); }

}  // namespace

std::string to_json(const Value& value, int indent) {
    // All but ASCII is escaped: what a terminal obeys is not below U+0020 alone.
    return json_of(value).dump(indent, ' ', true, Json::error_handler_t::replace);
}

}  // namespace nsrun
