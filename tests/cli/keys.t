A key is explained.
  $ nsrun keys network.mode
  network.mode
      The network that the sandbox has.
      With 'host' the sandbox reaches the services that listen on the host's
      loopback addresses, too; see 'landlock.scope' for abstract sockets.  With
      'user' a helper speaks to the network with the caller's own rights: see
      'helper'. The sandbox has an interface eth0 with the address 10.0.2.100,
      and with one of IPv6 where the host reaches that. The helper ends with
      nsrun: without it there is no network.
          none         no interface is up
          loopback     the loopback interface only
          host         the host's network, shared
          user         out to the network through a helper, without privilege; nothing of the host's own
          private      the interfaces of [[network.interface]]
          pod          a network that sandboxes of one user share: see [network.pod]
          join         the network that join.net names
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
      "details": "With 'host' the sandbox reaches the services that listen on the host's loopback addresses, too; see 'landlock.scope' for abstract sockets.\n\nWith 'user' a helper speaks to the network with the caller's own rights: see 'helper'. The sandbox has an interface eth0 with the address 10.0.2.100, and with one of IPv6 where the host reaches that. The helper ends with nsrun: without it there is no network.",
      "example": "\"none\"",
      "words": [
        "none",
        "loopback",
        "host",
        "user",
        "private",
        "pod",
        "join"
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
