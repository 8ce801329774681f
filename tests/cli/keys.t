A key is explained.
  $ nsrun keys network.mode
  network.mode
      The network that the sandbox has.
      With 'host' the sandbox reaches the services that listen on the host's
      loopback addresses, too; see 'landlock.scope' for abstract sockets.
          none         no interface is up
          loopback     the loopback interface only
          host         the host's network, shared
      Takes:   one of the words above
      Default: "loopback"
      Example: mode = "none"
  $ nsrun keys network.mode --format json
  [
    {
      "key": "network.mode",
      "type": "one of the words above",
      "default": "\"loopback\"",
      "summary": "The network that the sandbox has.",
      "details": "With 'host' the sandbox reaches the services that listen on the host's loopback addresses, too; see 'landlock.scope' for abstract sockets.",
      "example": "\"none\"",
      "words": [
        "none",
        "loopback",
        "host"
      ]
    }
  ]

A prefix that is none is answered with the nearest.
  $ nsrun keys netwrok.mode
  2> nsrun: no key begins with 'netwrok.mode'
  2>   help: did you mean 'network.mode'?
  [2]
  $ nsrun keys zzzzzzzzzz
  2> nsrun: no key begins with 'zzzzzzzzzz'
  2>   help: nsrun keys lists them all
  [2]
