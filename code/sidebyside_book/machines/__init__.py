"""Executes the chapters as other machines would, and says what comes out otherwise.

Every chapter runs under every setting that makes another machine of this one, and with
other seeds; see `settings`. `make test-machines` is the command.
"""
