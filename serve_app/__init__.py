"""The served application: studies over HTTP, their live feed, and predictions of their winners."""
