"""A JSON-Schema validator accepts every shipped profile and every key's example, and refuses what nsrun refuses."""
import json
import pathlib
import sys
import tomllib

import jsonschema

schema = json.load(open("profiles/nsrun.schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
problems = []


def expect(right, name, document):
    errors = [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(document)]
    if right:
        problems.extend(f"{name}: {error[:200]}" for error in errors)
    elif not errors:
        problems.append(f"{name}: accepted")


profiles = sorted(pathlib.Path("profiles").glob("*.toml"))
if len(profiles) < 5:
    problems.append("profiles/: too few profiles to mean anything")
for profile in profiles:
    expect(True, profile.name, tomllib.loads(profile.read_text()))

keys = 0
for name, key in schema["properties"].items():
    table = key.get("items", key)
    if "properties" not in table:
        keys += 1
        expect(True, name, {name: key["examples"][0]})
        if "description" not in key:
            problems.append(f"{name}: no description")
        continue
    for inner, inner_key in table["properties"].items():
        if "properties" in inner_key.get("items", inner_key) and "examples" not in inner_key:
            continue  # keys of their own: below
        keys += 1
        for part in ("description", "examples"):
            if part not in inner_key:
                problems.append(f"{name}.{inner}: no {part}")
        value = {inner: inner_key["examples"][0]}
        expect(True, f"{name}.{inner}", {name: [value] if "items" in key else value})
        if "default" in inner_key:
            value = {inner: inner_key["default"]}
            expect(True, f"default of {name}.{inner}", {name: [value] if "items" in key else value})
network = schema["properties"]["network"]["properties"]
for inner, inner_key in network["interface"]["items"]["properties"].items():
    keys += 1
    expect(True, f"network.interface.{inner}", {"network": {"interface": [{"name": "x0"} | {inner: inner_key["examples"][0]}]}})
for inner, inner_key in network["pod"]["properties"].items():
    keys += 1
    expect(True, f"network.pod.{inner}", {"network": {"pod": {inner: inner_key["examples"][0]}}})
if keys < 70:
    problems.append(f"only {keys} keys")

expect(True, "when", {"when": {"env(X)": {"network": {"mode": "host"}, "reset": ["namespaces"]}}})
for name, text in {
    "an unknown key": "colour = 1",
    "an unknown key of a table": "[network]\nmod = 'none'",
    "an unknown word": "[network]\nmode = 'lopback'",
    "a number for a size": "[[mount]]\ntarget = '/x'\nsize = 512",
    "a size in megabytes": "[[mount]]\ntarget = '/x'\nsize = '512MB'",
    "a relative path": "[filesystem]\nro = ['srv']",
    "a string for a list": "[filesystem]\nro = '/srv'",
    "an entry twice": "namespaces = ['user', 'user']",
    "a negative uid": "[ids]\nuid = -1",
    "a range without a side": "[ids]\nuid-map = [{ inside = 0 }]",
    "a table for an array of tables": "[mount]\ntarget = '/x'",
    "another schema": "schema = 2",
    "a host name with a space": "hostname = 'a b'",
    "extends below when": "[when.\"uid == 0\"]\nextends = ['x']",
    "an unknown key below when": "[when.\"uid == 0\".network]\nmod = 'none'",
    "a mode in decimal": "[[mount]]\ntarget = '/x'\nmode = '0888'",
}.items():
    expect(False, name, tomllib.loads(text))

print("\n".join(problems))
sys.exit(bool(problems))
