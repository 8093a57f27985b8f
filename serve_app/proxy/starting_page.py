"""The page that a browser gets while the application starts or stops: it says so, and asks again until it is served.

It needs no script, since the content security policy allows none. Nothing of the application is imported here.
"""

from __future__ import annotations

AGAIN_S = 3
"""Time after which the page loads itself again."""
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "vary": "Accept",
}
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="{AGAIN_S}">
<title>Tuner is starting</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 16px }}
</style>
</head>
<body>
<main>
<h1>The server is starting</h1>
<p>This takes up to a minute. The page opens by itself as soon as the server is ready.</p>
</main>
</body>
</html>
""".encode()
