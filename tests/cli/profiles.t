A new profile is written where names are searched, checks clean, and is never overwritten.
  $ nsrun profile new music
  $DIR/.config/nsrun/profiles/music.toml
  $ nsrun check music
  music: no problems
  $ nsrun profile path music
  $DIR/.config/nsrun/profiles/music.toml
  $ nsrun profile new music
  2> nsrun: $DIR/.config/nsrun/profiles/music.toml exists already
  2>   help: edit it, or choose another name
  [125]
  $ nsrun profile new ../music
  2> nsrun: '../music' cannot be the name of a profile
  2>   help: a name is made of letters, digits, '-', '_', '+' and '.', without '.toml'
  [2]

A name is never searched in the current directory; a path is.
  $ printf 'schema = 1\nhostname = "here"\n' > here.toml
  $ nsrun profile path here
  2> nsrun: there is no profile 'here'
  2>   help: nsrun profile list shows those that exist
  [125]
  $ nsrun profile path ./here.toml
  $DIR/./here.toml
  $ nsrun profile path musik
  2> nsrun: there is no profile 'musik'
  2>   help: did you mean 'music'?
  [125]

What a run would obey is printed whole.
  $ nsrun profile show ./here.toml --ro /srv -e A='$HOME' -s network.mode=none
  schema = 1
  hostname = "here"
  ~
  [filesystem]
  ro = ["/srv"]
  ~
  [environment.set]
  A = "$$HOME"
  ~
  [network]
  mode = "none"
  $ nsrun profile show ./here.toml --format json
  {
    "schema": 1,
    "hostname": "here"
  }

The profiles shipped check clean.
  $ for f in "$PROFILES"/*.toml; do nsrun check "$f" || echo "$f"; done
  $PROFILES/base.toml: no problems
  $PROFILES/browser.toml: no problems
  $PROFILES/build.toml: no problems
  $PROFILES/chromium.toml: no problems
  $PROFILES/curl.toml: no problems
  $PROFILES/default.toml: no problems
  $PROFILES/desktop-base.toml: no problems
  $PROFILES/firefox-esr.toml: no problems
  $PROFILES/firefox.toml: no problems
  $PROFILES/nginx.toml: no problems
  $PROFILES/python.toml: no problems
  $PROFILES/service.toml: no problems
  $PROFILES/shell.toml: no problems
