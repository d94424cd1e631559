"""What speaks for a memory as the answer to a question: one module a kind of reason.

Each signal gives one value a candidate. `meaning`, `words` and `sessions` are scales of their own,
to be standardised; `speakers`, `times` and `turns` are 0 to 1.
"""
