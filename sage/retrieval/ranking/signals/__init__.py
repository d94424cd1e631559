"""The signals of relevance: each module computes some, as one value for each candidate.

Those of `meaning` and `words` have scales of their own and are standardized before they are added;
those of `times` and `turns` are 0 to 1.
"""
