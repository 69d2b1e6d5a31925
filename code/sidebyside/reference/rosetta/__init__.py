"""The Rosetta table: one line in PyTorch, in TensorFlow core, in Keras, and all run.

`data/rosetta.yaml` holds the lines. `runner.check` runs them all and compares what they
give; `sidebyside translate` and the book's page answer from the same file.
"""
