"""The classes of the messages of a session: question, request, answer, statement, ...

`classification.classify_messages` classifies by rules; the patterns of each class are in separate
modules, for all languages in which it is recognized.
"""
