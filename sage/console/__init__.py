"""Pages for people: search with reasons, what was said, made on the server for a browser.

Served at `/` by what serves the application, which knows nothing of it. The pages call what the
REST routes call, never HTTP. A browser signs in with a token, once, for a cookie that only these
pages take.
"""
