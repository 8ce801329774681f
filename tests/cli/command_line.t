The version.
  $ nsrun version
  nsrun 0.1.0
  $ nsrun --version
  nsrun 0.1.0
  $ nsrun version --format json
  {
    "version": "0.1.0"
  }

A command line that is wrong ends with 2, before anything is read.
  $ nsrun
  2> nsrun: there is no command
  2>   help: nsrun COMMAND runs one; nsrun --help tells more
  [2]
  $ nsrun --porfile x
  2> nsrun: unknown option '--porfile'
  2>   help: did you mean '--profile'?
  [2]
  $ nsrun --net loopbak true
  2> nsrun: 'loopbak' of '--net' is not one of none, loopback, host, user, private, pod, join
  2>   help: did you mean 'loopback'?
  [2]
  $ nsrun check
  2> nsrun: 'check' needs a PROFILE
  [2]
  $ nsrun profile
  2> nsrun: 'profile' needs one of list, show, path, new
  [2]
  $ nsrun profile lst
  2> nsrun: 'lst' is not a verb of profile
  2>   help: did you mean 'profile list'?
  [2]
  $ nsrun version now
  2> nsrun: 'now' is one argument too many for 'version'
  [2]
  $ nsrun --status-fd 9 true 9>&-
  2> nsrun: '--status-fd' needs an open descriptor, 9 is closed
  2>   help: open it in the shell: nsrun --status-fd 9 ... 9>status
  [2]

Control characters never reach the terminal.
  $ nsrun "$(printf -- '--a\033[2Jb')"
  2> nsrun: unknown option '--a\x1B[2Jb'
  2>   help: nsrun --help lists the options; a command that begins with '-' goes after '--'
  [2]

Help.
  $ nsrun --help
  nsrun runs a program in a sandbox that a profile describes.
  ~
    nsrun [OPTION...] [--] COMMAND [ARG...]
    nsrun VERB [OPTION...] [ARGUMENT...]
  ~
  Verbs:
    run            run a command in a sandbox; the implied verb
    plan           print every step that run would take, and take none
    check          check profiles, without running anything
    keys           explain the keys of profiles
    doctor         try what this machine can do, and say how to get the rest
    version        print the version
    profile list   list the profiles that can be named
    profile show   print a profile with all its layers merged
    profile path   print where profiles are searched, or where one is found
    profile new    write a commented profile to start from
  ~
  Options of a run:
    -p, --profile NAME|FILE     the profile; more than one are layers, left to right
    -s, --set KEY=VALUE         set a key on top of the profile
        --ro PATH[:TARGET]      show a path read-only
        --rw PATH[:TARGET]      show a path read-write
        --tmpfs PATH            put an empty directory in memory at a path
        --hide PATH             hide a path
        --net MODE              the network inside: none, loopback, host, user, private, pod, join
    -e, --env NAME[=VALUE]      set an environment variable, or pass the caller's
    -w, --workdir DIR           the working directory, inside
        --hostname NAME         the host name inside
    -n, --name NAME             what to call the sandbox
        --timeout DURATION      end the command after a time: 90s, 5m, 2h
        --dry-run               do as 'plan' does: print the steps, take none
        --explain               name the profile line behind each step of the plan
        --format FORMAT         how results are printed: text, json
        --status-fd N           write JSON lines about the run to a descriptor
    -v, --verbose               tell on standard error what is read and done
    -q, --quiet                 print no warnings
        --color WHEN            when messages are colored: auto, always, never
    -h, --help                  print help and exit
        --version               print the version and exit
  ~
  nsrun VERB --help tells more of a verb, nsrun(1) everything, nsrun.toml(5) the profiles' keys.
  $ nsrun check --help
  nsrun check [OPTION...] PROFILE...
  ~
  Reports every problem of the profiles named, all at once, and exits with 0 when
  there is none, else with 1. The machine is not asked whether it could run them:
  a profile written for another machine checks the same.
  ~
  Options:
        --format FORMAT         how results are printed: text, json
    -v, --verbose               tell on standard error what is read and done
    -q, --quiet                 print no warnings
        --color WHEN            when messages are colored: auto, always, never
    -h, --help                  print help and exit
        --version               print the version and exit

A result that cannot be written is no success.
  $ nsrun version >/dev/full
  2> nsrun: write to standard output: No space left on device (ENOSPC)
  [125]
