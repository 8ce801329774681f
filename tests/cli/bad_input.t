Whatever a profile is, a run with it does nothing when it cannot be read: the status is 125.
  $ head -c 10000000 /dev/zero | tr '\0' x > large.toml
  $ nsrun -p ./large.toml touch it-ran
  2> --profile: error: large.toml is larger than 1 MiB [too-large]
  2>   ./large.toml
  2>   ^^^^^^^^^^^^
  2>   help: a profile is a short text; name the right file
  [125]
  $ yes 'a = "b"' | head -c 10000000 > large2.toml
  $ nsrun -p ./large2.toml touch it-ran
  2> --profile: error: large2.toml is larger than 1 MiB [too-large]
  2>   ./large2.toml
  2>   ^^^^^^^^^^^^^
  2>   help: a profile is a short text; name the right file
  [125]
  $ (printf '\177ELF\002\001\001\000\033[2J\210\343'; head -c 100000 /dev/zero) > junk.toml
  $ nsrun -p ./junk.toml touch it-ran
  2> junk.toml:1:8: error: a NUL byte in the text [nul-byte]
  2>   \x7FELF\x02\x01\x01\x00\x1B[2J\x88\xE3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00...
  2>                      ^^^^
  2>   help: remove it; a profile is plain text
  [125]
  $ printf '\377\376\000s' > utf16.toml
  $ nsrun -p ./utf16.toml touch it-ran
  2> utf16.toml:1:1: error: the byte 0xFF is not UTF-8 [not-utf8]
  2>   \xFF\xFE\x00s
  2>   ^^^^
  2>   help: save the file as UTF-8
  [125]
  $ printf 'schema = 1\ndescription = "caf\351"\n' > latin.toml
  $ nsrun -p ./latin.toml touch it-ran
  2> latin.toml:2:19: error: the byte 0xE9 is not UTF-8 [not-utf8]
  2>   description = "caf\xE9"
  2>                     ^^^^
  2>   help: save the file as UTF-8
  [125]
  $ (printf 'a = '; head -c 500000 /dev/zero | tr '\0' '['; echo) > deep.toml
  $ nsrun -p ./deep.toml touch it-ran 2>&1 | grep -v '^  '
  deep.toml:1:68: error: the text nests deeper than 64 levels [too-deep]
  $ (printf 'a'; head -c 400000 /dev/zero | tr '\0' '.' | sed 's/\./.a/g'; echo ' = 1') > dotted.toml
  $ nsrun -p ./dotted.toml touch it-ran 2>&1 | grep -v '^  '
  dotted.toml:1:128: error: the text nests deeper than 64 levels [too-deep]
  $ printf '[filesystem]\nro = ["/srv\\u0000/x"]\n' > nul.toml
  $ nsrun -p ./nul.toml touch it-ran
  2> nul.toml:2:7: error: a text with a NUL in it [nul-byte]
  2>   ro = ["/srv\u0000/x"]
  2>         ^^^^^^^^^^^^^^
  2>   help: remove \u0000: no path or argument can hold it
  [125]
  $ printf 'schema = 1\n\000\n' > raw-nul.toml
  $ nsrun -p ./raw-nul.toml touch it-ran
  2> raw-nul.toml:2:1: error: a NUL byte in the text [nul-byte]
  2>   \x00
  2>   ^^^^
  2>   help: remove it; a profile is plain text
  [125]
  $ mkfifo fifo.toml
  $ nsrun -p ./fifo.toml touch it-ran
  2> --profile: error: fifo.toml is not a regular file [unreadable]
  2>   ./fifo.toml
  2>   ^^^^^^^^^^^
  2>   help: write the profile into a file, and name that
  [125]
  $ nsrun -p /dev/zero touch it-ran
  2> --profile: error: /dev/zero is not a regular file [unreadable]
  2>   /dev/zero
  2>   ^^^^^^^^^
  2>   help: write the profile into a file, and name that
  [125]
  $ nsrun -p /dev/null touch it-ran
  2> --profile: error: /dev/null is not a regular file [unreadable]
  2>   /dev/null
  2>   ^^^^^^^^^
  2>   help: write the profile into a file, and name that
  [125]
  $ mkdir directory.toml
  $ nsrun -p ./directory.toml touch it-ran
  2> --profile: error: directory.toml is a directory, not a profile [unreadable]
  2>   ./directory.toml
  2>   ^^^^^^^^^^^^^^^^
  2>   help: name a file in it: directory.toml/NAME.toml
  [125]
  $ nsrun -p ./missing.toml touch it-ran
  2> --profile: error: missing.toml does not exist [unknown-profile]
  2>   ./missing.toml
  2>   ^^^^^^^^^^^^^^
  2>   help: nsrun profile list names those that are installed
  [125]
  $ nsrun -p missing touch it-ran
  2> --profile: error: there is no profile 'missing' [unknown-profile]
  2>   missing
  2>   ^^^^^^^
  2>   help: put it into $DIR/.config/nsrun/profiles/missing.toml, or write ./missing.toml for a file here
  [125]
  $ nsrun -p ./latin.toml/below touch it-ran
  2> --profile: error: latin.toml/below does not exist [unknown-profile]
  2>   ./latin.toml/below
  2>   ^^^^^^^^^^^^^^^^^^
  2>   help: nsrun profile list names those that are installed
  [125]
  $ printf 'schema = 1\n' > unreadable.toml; chmod 0 unreadable.toml
  $ nsrun -p ./unreadable.toml touch it-ran
  2> --profile: error: cannot read unreadable.toml: Permission denied (EACCES) [unreadable]
  2>   ./unreadable.toml
  2>   ^^^^^^^^^^^^^^^^^
  2>   help: let its owner give you the right to read it
  [125]
  $ ln -s loop.toml loop.toml
  $ nsrun -p ./loop.toml touch it-ran
  2> --profile: error: cannot read loop.toml: Too many levels of symbolic links (ELOOP) [unreadable]
  2>   ./loop.toml
  2>   ^^^^^^^^^^^
  2>   help: a symbolic link leads back to itself: name the file
  [125]
  $ ls it-ran
  2> ls: cannot access 'it-ran': No such file or directory
  [2]

A profile that others can write is not obeyed.
  $ printf 'schema = 1\n' > open.toml; chmod 666 open.toml
  $ nsrun -p ./open.toml touch it-ran
  2> --profile: error: open.toml can be changed by others: its mode is 0666 [untrusted-profile]
  2>   ./open.toml
  2>   ^^^^^^^^^^^
  2>   help: chmod o-w open.toml
  [125]

Profiles that extend each other in a circle.
  $ printf 'extends = ["./b.toml"]\n' > a.toml; printf 'extends = ["./a.toml"]\n' > b.toml
  $ nsrun -p ./a.toml touch it-ran
  2> b.toml:1:12: error: profiles extend each other in a circle: a.toml -> b.toml -> a.toml [extends-cycle]
  2>   extends = ["./a.toml"]
  2>              ^^^^^^^^^^
  2>   help: take one of them out of extends
  [125]
  $ printf 'extends = ["./itself.toml"]\n' > itself.toml
  $ nsrun -p ./itself.toml touch it-ran
  2> itself.toml:1:12: error: profiles extend each other in a circle: itself.toml -> itself.toml [extends-cycle]
  2>   extends = ["./itself.toml"]
  2>              ^^^^^^^^^^^^^^^
  2>   help: take one of them out of extends
  [125]

An empty profile, line ends of other systems and a byte order mark are no mistakes.
  $ : > empty.toml
  $ nsrun check ./empty.toml
  ./empty.toml: no problems
  $ printf '\357\273\277schema = 1\r\nhostname = "web"\r\n' > dos.toml
  $ nsrun check ./dos.toml
  ./dos.toml: no problems

Control characters are shown, never sent to the terminal: of texts, of keys, of paths, of file names, of arguments.
  $ printf '"k\\u001b[2J" = 1\nhostname = "\\u001b]0;x\\u0007"\n[filesystem]\nro = ["/\\u001b[31m"]\n' > control.toml
  $ nsrun check ./control.toml
  2> control.toml:1:1: error: unknown key 'k\x1B[2J' at the top level [unknown-key]
  2>   "k\u001b[2J" = 1
  2>   ^^^^^^^^^^^^
  2>   help: 'nsrun keys' lists the keys
  2> control.toml:2:12: error: '\x1B]0;x\x07' is not a host name [unknown-value]
  2>   hostname = "\u001b]0;x\u0007"
  2>              ^^^^^^^^^^^^^^^^^^
  2>   help: use letters, digits and '-', in parts separated by '.'
  [1]
  $ nsrun check ./control.toml --format json
  {
    "nsrun_check": 1,
    "diagnostics": [
      {
        "severity": "error",
        "code": "unknown-key",
        "message": "unknown key 'k\\x1B[2J' at the top level",
        "help": "'nsrun keys' lists the keys",
        "source": "control.toml",
        "line": 1,
        "column": 1,
        "end-line": 1,
        "end-column": 13
      },
      {
        "severity": "error",
        "code": "unknown-value",
        "message": "'\\x1B]0;x\\x07' is not a host name",
        "help": "use letters, digits and '-', in parts separated by '.'",
        "source": "control.toml",
        "line": 2,
        "column": 12,
        "end-line": 2,
        "end-column": 30
      }
    ]
  }
  [1]
  $ printf 'schema = 1\n[filesystem]\nro = ["/\\u001b[31m"]\n' > path.toml
  $ nsrun -p ./path.toml true
  2> path.toml:3:7: error: nothing matches /\x1B[31m [missing-source]
  2>   ro = ["/\u001b[31m"]
  2>         ^^^^^^^^^^^^^
  2>   help: create it, or write "-/\x1B[31m" to run without it
  [125]
  $ printf 'hoem = 1\n' > "$(printf 'n\033[31m\n.toml')"
  $ nsrun check "$(printf './n\033[31m\n.toml')"
  2> n\x1B[31m\x0A.toml:1:1: error: unknown key 'hoem' at the top level [unknown-key]
  2>   hoem = 1
  2>   ^^^^
  2>   help: 'nsrun keys' lists the keys
  [1]
  $ nsrun -p "$(printf './\033[31m.toml')" true
  2> --profile: error: \x1B[31m.toml does not exist [unknown-profile]
  2>   ./\x1B[31m.toml
  2>   ^^^^^^^^^^^^^^^
  2>   help: nsrun profile list names those that are installed
  [125]
  $ nsrun -p "$(printf '\033[31m')" true
  2> --profile: error: '\x1B[31m' cannot be the name of a profile [unknown-profile]
  2>   \x1B[31m
  2>   ^^^^^^^^
  2>   help: a name has letters, digits and the marks ._+:- and begins with no dot; a path has a slash
  [125]
  $ nsrun -p ./empty.toml "$(printf '\033[31m')"
  2> nsrun: error: no program '\x1B[31m' in the PATH of the sandbox [missing-command]
  2>   help: install it, or show it with filesystem.ro
  [127]
  $ nsrun -p ./empty.toml --set "$(printf 'a\033[31m=1')" true
  2> --set a\x1B[31m: error: expected '=', saw '\u001B' [syntax]
  2>   a\x1B[31m=1
  2>    ^^^^
  2>   help: each line is KEY = VALUE, [TABLE], [[TABLE]] or # COMMENT
  [125]
  $ nsrun "$(printf -- '--\033[31m')" true
  2> nsrun: unknown option '--\x1B[31m'
  2>   help: nsrun --help lists the options; a command that begins with '-' goes after '--'
  [2]
  $ nsrun keys "$(printf '\033[31m')"
  2> nsrun: no key begins with '\x1B[31m'
  2>   help: nsrun keys lists them all
  [2]

A namespace to join that is none: the system refuses, and the profile's line is named.
  $ printf 'schema = 1\n[join]\nnet = "/etc/passwd"\n' > join.toml
  $ nsrun -p ./join.toml true
  2> join.toml:3:7: error: /etc/passwd is not a namespace [step-failed]
  2>   net = "/etc/passwd"
  2>         ^^^^^^^^^^^^^
  2>   help: name a file such as /proc/PID/ns/net or /run/netns/NAME
  [125]
