"""Trials on a RunPod serverless endpoint: the service's REST, one job, and the Ray Tune worker that waits for it.

Nothing here imports TensorFlow: a worker that waits takes next to no CPU and little memory.
"""
