"""What all tests share: Ctrl-C works in them, however they were started."""

import signal

# A background job ignores SIGINT, and its children with it: nohup, a CI runner.
signal.signal(signal.SIGINT, signal.default_int_handler)
