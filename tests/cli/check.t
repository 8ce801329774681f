All problems of a profile are told at once, in the order of the file.
  $ cat > wrong.toml <<'END'
  > schema = 1
  > hostname = 5
  > [filesystem]
  > hoem = "private"
  > home = "privat"
  > END
  $ nsrun check wrong.toml
  2> wrong.toml:2:12: error: expected a string, found the number 5 [wrong-type]
  2>   hostname = 5
  2>              ^
  2>   help: write hostname = "5"
  2> wrong.toml:4:1: error: unknown key 'hoem' in [filesystem] [unknown-key]
  2>   hoem = "private"
  2>   ^^^^
  2>   help: did you mean 'home'?
  2> wrong.toml:5:8: error: 'privat' is not one of tmp, private, host, host-ro, none [unknown-value]
  2>   home = "privat"
  2>          ^^^^^^^^
  2>   help: did you mean 'private'?
  [1]
  $ nsrun check wrong.toml --format json
  {
    "nsrun_check": 1,
    "diagnostics": [
      {
        "severity": "error",
        "code": "wrong-type",
        "message": "expected a string, found the number 5",
        "help": "write hostname = \"5\"",
        "source": "wrong.toml",
        "line": 2,
        "column": 12,
        "end-line": 2,
        "end-column": 13
      },
      {
        "severity": "error",
        "code": "unknown-key",
        "message": "unknown key 'hoem' in [filesystem]",
        "help": "did you mean 'home'?",
        "source": "wrong.toml",
        "line": 4,
        "column": 1,
        "end-line": 4,
        "end-column": 5
      },
      {
        "severity": "error",
        "code": "unknown-value",
        "message": "'privat' is not one of tmp, private, host, host-ro, none",
        "help": "did you mean 'private'?",
        "source": "wrong.toml",
        "line": 5,
        "column": 8,
        "end-line": 5,
        "end-column": 16
      }
    ]
  }
  [1]

A run with that profile does nothing.
  $ nsrun -p wrong.toml touch /tmp/it-ran
  2> wrong.toml:2:12: error: expected a string, found the number 5 [wrong-type]
  2>   hostname = 5
  2>              ^
  2>   help: write hostname = "5"
  2> wrong.toml:4:1: error: unknown key 'hoem' in [filesystem] [unknown-key]
  2>   hoem = "private"
  2>   ^^^^
  2>   help: did you mean 'home'?
  2> wrong.toml:5:8: error: 'privat' is not one of tmp, private, host, host-ro, none [unknown-value]
  2>   home = "privat"
  2>          ^^^^^^^^
  2>   help: did you mean 'private'?
  [125]

Several files are checked in one go; one that is wrong makes the status 1.
  $ printf 'schema = 1\n' > right.toml
  $ nsrun check right.toml wrong.toml 2>/dev/null
  right.toml: no problems
  [1]
  $ nsrun check -q right.toml

An option is named like an option.
  $ nsrun -p right.toml --set network.mode=sideways true
  2> --set network.mode: error: 'sideways' is not one of none, loopback, host, user, private, pod, join [unknown-value]
  2>   network.mode=sideways
  2>                ^^^^^^^^
  2>   help: 'nsrun keys' explains mode
  [125]
  $ nsrun -p right.toml --set netwrok.mode=none true
  2> --set netwrok.mode: error: unknown key 'netwrok' at the top level [unknown-key]
  2>   netwrok.mode=none
  2>   ^^^^^^^
  2>   help: did you mean 'network'?
  [125]
  $ nsrun -p right.toml --timeout soon true
  2> --timeout: error: expected a time such as "10s", found 'soon' [wrong-type]
  2>   soon
  2>   ^^^^
  2>   help: units are ms, s, m, h, d
  [125]
