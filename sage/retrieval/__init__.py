"""Retrieval without I/O: what a text is made of, what a question asks for, and what answers it.

In the order in which they build on one another:

- `text` cuts texts into words, dates, names and sentences, and writes the lexical index;
- `query` finds what a question asks for, and whether another one asks the same;
- `preferences` finds what people want kept to: preferences, working rules, decisions;
- `message_classes` classifies the messages of a session, and finds what replies to what;
- `ranking` turns the evidence read for a question into signals, and these into an order;
- `relevance` classifies whether the first hits answer;
- `answers` puts replies and corrections in their places, and applies thresholds;
- `context` writes what a model reads, within a bound of tokens;
- `recall` chooses what a session is given without asking.
"""
