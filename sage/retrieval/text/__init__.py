"""Analysis of texts: words and the terms they are indexed by, names, dates, sentences.

Nothing here knows questions or messages. `words` splits a text of any language, `lexemes` writes
the lexical index and the queries for it, `analysis` caches the parts by which texts are compared.
"""
