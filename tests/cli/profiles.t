A new profile is written where names are searched, checks clean, and is never overwritten.
  $ nsrun profile new music
  $ nsrun check music
  $ nsrun profile path music
  $ nsrun profile new music
  $ nsrun profile new ../music

A name is never searched in the current directory; a path is.
  $ printf 'schema = 1\nhostname = "here"\n' > here.toml
  $ nsrun profile path here
  $ nsrun profile path ./here.toml
  $ nsrun profile path musik

What a run would obey is printed whole.
  $ nsrun profile show ./here.toml --ro /srv -e A='$HOME' -s network.mode=none
  $ nsrun profile show ./here.toml --format json

The profiles shipped check clean.
  $ for f in "$PROFILES"/*.toml; do nsrun check "$f" || echo "$f"; done
