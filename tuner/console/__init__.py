"""Input and output of the command line, one module per task.

The console reads a running study from the store and its live progress, like any other reader; no other package imports
it. Nothing here imports Ray or TensorFlow at its top: only `session` calls what does, to run a study.
"""
