"""Decides which devices a trial gets and how it uses them, and predicts what its training costs.

Pure arithmetic on plain values, without TensorFlow or Ray. `choose_allocation` returns a trial's CPUs and GPUs, or its
share of a GPU, before Ray Tune starts it. `choose_training_settings` returns, in the process that trains it, how many
of the visible devices it uses, in which precision, and compiled how. Both return their reasons, which the trial's
record keeps. `should_yield` returns whether a study must leave a worker's devices to another study.
"""
