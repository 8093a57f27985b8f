"""The served application: studies over HTTP, a live feed of what happens in them, predictions of their winners."""
