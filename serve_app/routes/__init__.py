"""The routes, a module for each part: typed body, one call, typed answer."""
