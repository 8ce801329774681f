As root, what others can change is no profile, wherever it is.
  $ chmod 755 . && mkdir -m 755 safe && printf 'schema = 1\n' > safe/ok.toml
  $ printf 'schema = 1\n' > safe/group.toml; chmod 664 safe/group.toml
  $ nsrun -p ./safe/group.toml touch it-ran
  2> --profile: error: safe/group.toml can be changed by others than root: its mode is 0664 [untrusted-profile]
  2>   ./safe/group.toml
  2>   ^^^^^^^^^^^^^^^^^
  2>   help: chmod go-w safe/group.toml
  [125]
  $ printf 'schema = 1\n' > safe/theirs.toml; chown 1234 safe/theirs.toml
  $ nsrun -p ./safe/theirs.toml touch it-ran
  2> --profile: error: safe/theirs.toml can be changed by others than root: it belongs to uid 1234 [untrusted-profile]
  2>   ./safe/theirs.toml
  2>   ^^^^^^^^^^^^^^^^^^
  2>   help: as root: chown root: safe/theirs.toml
  [125]
  $ mkdir open && cp safe/ok.toml open && chmod 777 open
  $ nsrun -p ./open/ok.toml touch it-ran
  2> --profile: error: open/ok.toml can be changed by others than root: the directory $DIR/open has mode 0777 [untrusted-profile]
  2>   ./open/ok.toml
  2>   ^^^^^^^^^^^^^^
  2>   help: move it to /etc/nsrun/profiles
  [125]
  $ mkdir their && cp safe/ok.toml their && chown 1234 their
  $ nsrun -p ./their/ok.toml touch it-ran
  2> --profile: error: their/ok.toml can be changed by others than root: the directory $DIR/their belongs to uid 1234 [untrusted-profile]
  2>   ./their/ok.toml
  2>   ^^^^^^^^^^^^^^^
  2>   help: move it to /etc/nsrun/profiles
  [125]
  $ ln -s ../open/ok.toml safe/link.toml
  $ nsrun -p ./safe/link.toml touch it-ran
  2> --profile: error: safe/link.toml can be changed by others than root: the directory $DIR/open has mode 0777 [untrusted-profile]
  2>   ./safe/link.toml
  2>   ^^^^^^^^^^^^^^^^
  2>   help: move it to /etc/nsrun/profiles
  [125]
  $ printf 'extends = ["../open/ok.toml"]\n' > safe/child.toml
  $ nsrun -p ./safe/child.toml touch it-ran
  2> safe/child.toml:1:12: error: safe/../open/ok.toml can be changed by others than root: the directory $DIR/open has mode 0777 [untrusted-profile]
  2>   extends = ["../open/ok.toml"]
  2>              ^^^^^^^^^^^^^^^^^
  2>   help: move it to /etc/nsrun/profiles
  [125]
  $ nsrun check ./safe/group.toml
  2> --profile: error: safe/group.toml can be changed by others than root: its mode is 0664 [untrusted-profile]
  2>   ./safe/group.toml
  2>   ^^^^^^^^^^^^^^^^^
  2>   help: chmod go-w safe/group.toml
  [1]
  $ ls it-ran
  2> ls: cannot access 'it-ran': No such file or directory
  [2]
