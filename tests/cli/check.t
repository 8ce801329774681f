All problems of a profile are told at once, in the order of the file.
  $ cat > wrong.toml <<'END'
  > schema = 1
  > hostname = 5
  > [filesystem]
  > hoem = "private"
  > home = "privat"
  > END
  $ nsrun check wrong.toml
  $ nsrun check wrong.toml --format json

A run with that profile does nothing.
  $ nsrun -p wrong.toml touch /tmp/it-ran

Several files are checked in one go; one that is wrong makes the status 1.
  $ printf 'schema = 1\n' > right.toml
  $ nsrun check right.toml wrong.toml 2>/dev/null
  $ nsrun check -q right.toml

An option is named like an option.
  $ nsrun -p right.toml --set network.mode=sideways true
  $ nsrun -p right.toml --set netwrok.mode=none true
  $ nsrun -p right.toml --timeout soon true
