"""Pages for people, made on the server for a browser: search with explanations, conversations.

Served at `/` by the server of the application, which knows nothing of them. The pages call the same
services as the REST routes, never HTTP. A browser signs in with a token, once, for a cookie that
only these pages accept.
"""
