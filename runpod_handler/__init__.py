"""The remote worker: one trial per job of a RunPod serverless endpoint. See runpod_handler/README.md."""
