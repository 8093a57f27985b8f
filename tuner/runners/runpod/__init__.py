"""Trials on a RunPod serverless endpoint: the service's REST, one job, and the Ray Tune worker that waits for it.

No module here imports TensorFlow: a waiting worker uses no CPU and little memory.
"""
