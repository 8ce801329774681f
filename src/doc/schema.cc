#include "doc/doc.h"

#include "profile/keys.h"

#include <nsrun/nsrun.h>

namespace nsrun::doc {
namespace {

Value text(std::string_view words) {
    return {std::string(words), {}};
}
Value number(std::int64_t value) {
    return {value, {}};
}

Value typed(const char* type) {
    Table schema;
    schema.set("type", text(type));
    return {std::move(schema), {}};
}

Table& table_of(Value& value) {
    return *value.as<Table>();
}

/// A string with a pattern of its own, unless `pattern` is empty.
Value string_like(std::string_view pattern) {
    Value schema = typed("string");
    if (!pattern.empty()) table_of(schema).set("pattern", text(pattern));
    return schema;
}

Value one_of(std::span<const WordText> words) {
    Value schema = typed("string");
    Array names;
    Array meanings;
    for (const auto& word : words) {
        names.push_back(text(word.name));
        meanings.push_back(text(word.meaning));
    }
    table_of(schema).set("enum", {std::move(names), {}});
    Table docs;
    docs.set("enumValues", {std::move(meanings), {}});
    Table taplo;
    taplo.set("docs", {std::move(docs), {}});
    table_of(schema).set("x-taplo", {std::move(taplo), {}});
    return schema;
}

Value any_of(Value one, Value other) {
    Table schema;
    schema.set("anyOf", {Array{std::move(one), std::move(other)}, {}});
    return {std::move(schema), {}};
}

Value table_schema(std::span<const Key> keys, const Table& defaults);

/// Lists of one text are sets, but for those whose entries may repeat.
Value list_of(Value elements, bool repeats) {
    Value schema = typed("array");
    table_of(schema).set("items", std::move(elements));
    if (!repeats) table_of(schema).set("uniqueItems", {true, {}});
    return schema;
}

/// The schema of a value of that kind: a key's own, or its elements'.
Value of_kind(Kind kind, const Shape& shape) {
    switch (kind) {
        case Kind::boolean:
            return typed("boolean");
        case Kind::integer: {
            Value schema = typed("integer");
            if (shape.sort->least != INT64_MIN) table_of(schema).set("minimum", number(shape.sort->least));
            if (shape.sort->most != INT64_MAX) table_of(schema).set("maximum", number(shape.sort->most));
            return schema;
        }
        // Variables are expanded before values are judged: every pattern lets them through.
        case Kind::text: {
            const std::string_view pattern = shape.sort->pattern;
            return string_like(pattern.empty() ? std::string() : "[$][{]|" + std::string(pattern));
        }
        case Kind::path:
            return string_like(shape.sort->any_path ? "." : "^[~/$]");
        case Kind::path_rule:
            return string_like("^-?[~/$]");
        case Kind::size:
            return string_like("[$][{]|^[0-9]+[KMGT]?$");
        case Kind::rate:
            return string_like("[$][{]|^(0|[0-9]+[kmgt]?bit)$");
        case Kind::duration:
            return string_like("[$][{]|^(0|[0-9]+(ms|s|m|h|d))$");
        case Kind::mode:
            return string_like("[$][{]|^[0-7]{1,5}$");
        case Kind::word:
            return one_of(shape.words);
        case Kind::word_or_list:
            return any_of(one_of(shape.words), list_of(of_kind(Kind::text, shape), false));
        case Kind::list:
            return list_of(of_kind(shape.element, shape), shape.sort->repeats);
        case Kind::entries: {
            Value schema = typed("object");
            table_of(schema).set("additionalProperties", typed("string"));
            return schema;
        }
        case Kind::table:
            return table_schema(shape.keys, *shape.blank().as<Table>());
        case Kind::tables: {
            Value schema = typed("array");
            table_of(schema).set("items", table_schema(shape.keys, *shape.blank().as<Table>()));
            return schema;
        }
        case Kind::settled:
            break;
    }
    return {Table{}, {}};
}

/// What is written by hand: the keys that shape the text itself.
Value settled(std::string_view name) {
    if (name == "extends" || name == "reset") return list_of(typed("string"), false);
    Value schema = typed("object");
    if (name == "vars") {
        table_of(schema).set("additionalProperties", any_of(typed("string"), list_of(typed("string"), true)));
    } else {
        Table section;
        section.set("$ref", text("#/definitions/section"));
        table_of(schema).set("additionalProperties", {std::move(section), {}});
    }
    return schema;
}

/// The example of a key as a tree. Examples are written in TOML, of which this needs only one line.
Value example_of(const Key& key) {
    Diagnostics diagnostics;
    Document document = parse_toml("x = " + std::string(key.text.example), 0, diagnostics);
    return *document.find("x");
}

Value key_schema(const Key& key, const Table& defaults) {
    Value schema = key.shape->kind == Kind::settled ? settled(key.name()) : of_kind(key.shape->kind, *key.shape);
    std::string description = key.text.summary;
    if (*key.text.details) description += "\n\n" + std::string(key.text.details);
    if (*key.text.otherwise) description += "\n\nDefault: " + std::string(key.text.otherwise) + ".";
    table_of(schema).set("description", text(description));
    const Value* fallback = defaults.find(key.name());
    const bool own_keys = key.shape->kind == Kind::table || key.shape->kind == Kind::tables;
    if (fallback && !own_keys && !*key.text.otherwise) table_of(schema).set("default", *fallback);
    if (*key.text.example) table_of(schema).set("examples", {Array{example_of(key)}, {}});
    return schema;
}

Value table_schema(std::span<const Key> keys, const Table& defaults) {
    Table properties;
    Array needed;
    for (const Key& key : keys) {
        properties.set(key.name(), key_schema(key, defaults));
        if (key.required()) needed.push_back(text(key.name()));
    }
    Value schema = typed("object");
    table_of(schema).set("properties", {std::move(properties), {}});
    if (!needed.empty()) table_of(schema).set("required", {std::move(needed), {}});
    table_of(schema).set("additionalProperties", {false, {}});
    return schema;
}

/// A `[when."EXPR"]` section: all but what speaks of the whole text.
Value section_schema() {
    Table properties;
    for (const Key& key : profile_keys()) {
        const std::string_view name = key.name();
        if (name == "schema" || name == "extends" || name == "when") continue;
        Table reference;
        reference.set("$ref", text("#/properties/" + std::string(name)));
        properties.set(name, {std::move(reference), {}});
    }
    Value schema = typed("object");
    table_of(schema).set("properties", {std::move(properties), {}});
    table_of(schema).set("additionalProperties", {false, {}});
    return schema;
}

}  // namespace

std::string schema() {
    const Value defaults = to_value(Profile{});
    Value body = table_schema(profile_keys(), *defaults.as<Table>());
    Table root;
    root.set("$schema", text("http://json-schema.org/draft-07/schema#"));
    root.set("title", text("nsrun profile"));
    root.set("description", text("What a program sees and may do: see nsrun.toml(5)."));
    for (auto& member : table_of(body).members) root.members.push_back(std::move(member));
    Table definitions;
    definitions.set("section", section_schema());
    root.set("definitions", {std::move(definitions), {}});
    return to_json({std::move(root), {}}) + "\n";
}

}  // namespace nsrun::doc
