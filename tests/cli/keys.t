A key is explained.
  $ nsrun keys network.mode
  $ nsrun keys network.mode --format json

A prefix that is none is answered with the nearest.
  $ nsrun keys netwrok.mode
  $ nsrun keys zzzzzzzzzz
