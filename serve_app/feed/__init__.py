"""The live feed: what happens in studies, told to any number of clients while it happens.

`Feed(store)` is one replica's; `router(feed)` gives its routes. The protocol: `feed.md`, `feed.schema.json`.
"""

from serve_app.feed.feed import Feed
from serve_app.feed.routes import router

__all__ = ["Feed", "router"]
