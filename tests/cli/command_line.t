The version.
  $ nsrun version
  $ nsrun --version
  $ nsrun version --format json

A command line that is wrong ends with 2, before anything is read.
  $ nsrun
  $ nsrun --porfile x
  $ nsrun --net loopbak true
  $ nsrun check
  $ nsrun profile
  $ nsrun profile lst
  $ nsrun version now
  $ nsrun --status-fd 9 true 9>&-

Control characters never reach the terminal.
  $ nsrun "$(printf -- '--a\033[2Jb')"

Help.
  $ nsrun --help
  $ nsrun check --help

A result that cannot be written is no success.
  $ nsrun version >/dev/full
