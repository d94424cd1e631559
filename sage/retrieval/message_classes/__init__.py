"""What each message of a session is: a question, a request, an answer, a statement, ...

`classification.classify_messages` classifies by rules; the patterns of each class stand in modules
of their own, for all languages in which it is known.
"""
