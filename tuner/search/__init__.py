"""What to try next: the search space, the searcher and the schedulers. Knows Ray Tune, not TensorFlow."""
