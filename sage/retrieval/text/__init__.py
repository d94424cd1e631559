"""What a text is made of: words and the terms they are indexed by, names, dates, sentences.

Nothing here knows questions or messages. `words` cuts a text of any language, `lexemes` writes the
lexical index and the query that meets it, `analysis` keeps what texts are compared by.
"""
