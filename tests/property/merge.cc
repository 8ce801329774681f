#include <nsrun/nsrun.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace nsrun;

namespace {

/// Few keys, so that layers meet; among them those that merge in ways of their own.
const std::vector<std::string> keys{"mount", "network", "interface", "filesystem", "rw", "target", "name", "groups"};
const std::vector<std::string> resets{"mount", "network", "filesystem", "filesystem.rw", "network.mode", "vars", "hostname"};

Value scalar() {
    if (*rc::gen::arbitrary<bool>()) return {*rc::gen::inRange<std::int64_t>(0, 3), {}};
    return {*rc::gen::element<std::string>("/a", "/b", "x"), {}};
}

Table table(int depth);

Value value(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 5 : 1);
    if (kind <= 1) return scalar();
    if (kind == 2) return {table(depth - 1), {}};
    Array elements;
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) elements.push_back(kind == 3 ? Value{table(depth - 1), {}} : scalar());
    return {std::move(elements), {}};
}

Table table(int depth) {
    Table result;
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) result.set(*rc::gen::elementOf(keys), value(depth));
    return result;
}

Document document() {
    Document result = table(3);
    const int size = *rc::gen::inRange(0, 3);
    Array list;
    for (int i = 0; i < size; ++i) list.push_back({*rc::gen::elementOf(resets), {}});
    if (size != 0) result.set("reset", {std::move(list), {}});
    return result;
}

/// Members by the alphabet: their order does not say anything.
void sort(Value& value) {
    if (auto* elements = value.as<Array>()) std::for_each(elements->begin(), elements->end(), sort);
    auto* inner = value.as<Table>();
    if (inner == nullptr) return;
    for (auto& member : inner->members) sort(member.value);
    std::sort(inner->members.begin(), inner->members.end(),
              [](const Member& left, const Member& right) { return left.key < right.key; });
}

std::string text(Document document) {
    Value all{std::move(document), {}};
    sort(all);
    return to_json(all, -1);
}

}  // namespace

int main() {
    const bool associative = rc::check("it does not matter which layers are merged first", [] {
        const Document a = document(), b = document(), c = document();
        Diagnostics unread;
        RC_ASSERT(text(merge(merge(a, b, unread), c, unread)) == text(merge(a, merge(b, c, unread), unread)));
    });
    const bool neutral = rc::check("an empty layer changes nothing", [] {
        const Document a = document();
        Diagnostics unread;
        RC_ASSERT(text(merge(a, {}, unread)) == text(a));
        RC_ASSERT(text(merge({}, a, unread)) == text(a));
    });
    return associative && neutral ? 0 : 1;
}
