"""The key that the local stand-in for RunPod accepts."""

API_KEY = "rpa_TEST0123456789"
