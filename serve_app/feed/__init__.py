"""The live feed: sends what happens in studies to any number of clients while it happens.

`Feed(store)` is the feed of one replica; `router(feed)` returns its routes. `feed.md` and `feed.schema.json` describe
the protocol.
"""

from serve_app.feed.feed import Feed
from serve_app.feed.routes import router

__all__ = ["Feed", "router"]
