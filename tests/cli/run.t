A command's own status is nsrun's.
  $ nsrun -p "$PROFILES/default.toml" true
  $ nsrun -p "$PROFILES/default.toml" sh -c 'exit 7'
  [7]
  $ nsrun -p "$PROFILES/default.toml" sh -c 'kill -TERM $$'
  [143]

A program that is not there, or cannot run, is told from one that fails.
  $ nsrun -p "$PROFILES/default.toml" no-such-program
  2> nsrun: error: no program 'no-such-program' in the PATH of the sandbox [missing-command]
  2>   help: install it, or show it with filesystem.ro
  [127]
  $ nsrun -p "$PROFILES/default.toml" /etc/passwd
  2> nsrun: execute /etc/passwd in the sandbox: Permission denied (EACCES)
  2>   help: the file must be executable, and not on a mount with noexec
  [126]
  $ nsrun -p "$PROFILES/default.toml" /no/such/program
  2> nsrun: error: /no/such/program does not exist inside [missing-command]
  2>   help: install it, or show it with filesystem.ro
  [127]

A limit of time.
  $ nsrun -p "$PROFILES/default.toml" --timeout 200ms sleep 20
  [124]

Arguments, words that look like options and standard streams reach the command as they are.
  $ echo in | nsrun -p "$PROFILES/default.toml" -- sh -c 'cat; echo "$@"; echo err >&2' sh -p --help '$HOME'
  in
  -p --help $HOME
  2> err

Closed standard streams become /dev/null, and no descriptor of the caller's is inside.
  $ nsrun -p "$PROFILES/default.toml" ls /proc/self/fd <&- 7</dev/null
  0
  1
  2
  3

What the command sees of itself.
  $ nsrun -p "$PROFILES/default.toml" --hostname box -n boxed -w /tmp -e A='$HOME' -e B=2 sh -c 'hostname; pwd; echo "$A $B"'
  box
  /tmp
  $HOME 2
  $ mkdir data; nsrun -p "$PROFILES/default.toml" --ro "$PWD/data:/seen" --rw "$PWD/data:/kept" --tmpfs /scratch sh -c 'touch /seen/x 2>/dev/null || echo refused; touch /kept/x /scratch/x && ls /kept'
  refused
  x

The run can be followed.
  $ nsrun -p "$PROFILES/default.toml" --status-fd 3 sh -c 'exit 3' 3>status; sed 's/[0-9][0-9]*/N/g' status
  {"event":"started","pid":N,"namespaces":{"user":N,"mount":N,"pid":N,"net":N,"ipc":N,"uts":N,"cgroup":N,"time":N}}
  {"event":"exited","status":N,"signalled":false,"timed_out":false,"usage":{"user_seconds":N.N,"system_seconds":N.N,"max_rss_kib":N}}

Nothing runs when the profile cannot be honoured.
  $ nsrun -p "$PROFILES/default.toml" --ro /no/such/file touch /tmp/ran
  2> --ro: error: /no/such/file does not exist [missing-source]
  2>   /no/such/file
  2>   ^^^^^^^^^^^^^
  2>   help: create it, or write "-/no/such/file" to run without it
  [125]
  $ nsrun -p "$PROFILES/default.toml" --ro -/no/such/file true
  $ nsrun -p "$PROFILES/default.toml" --net host --set landlock.scope=false true
  2> --net: warning: network.mode = "host" with landlock.scope = false shares the host's abstract sockets [shared-abstract-sockets]
  2>   host
  2>   ^^^^
  2>   help: remove landlock.scope = false where they are not needed
  $ nsrun -q -p "$PROFILES/default.toml" --net host --set landlock.scope=false true
  $ nsrun -p no-such-profile true
  2> --profile: error: there is no profile 'no-such-profile' [unknown-profile]
  2>   no-such-profile
  2>   ^^^^^^^^^^^^^^^
  2>   help: put it into $DIR/.config/nsrun/profiles/no-such-profile.toml, or write ./no-such-profile.toml for a file here
  [125]
