"""Retrieval without I/O: the analysis of texts and questions, ranking, and the text of answers.

In the order in which they build on one another:

- `text` splits texts into words, dates, names and sentences, and writes the lexical index;
- `query` parses a question, and decides whether another one asks the same;
- `preferences` recognizes preferences, working rules and decisions;
- `message_classes` classifies the messages of a session, and links replies to what they answer;
- `ranking` computes signals from the rows read for a question, and orders candidates by them;
- `relevance` classifies whether the first hits answer;
- `answers` places replies and corrections among the hits, and applies thresholds;
- `context` writes texts for a model, within a token limit;
- `recall` selects the memories that a session receives without asking.
"""
