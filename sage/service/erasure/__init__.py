"""Delete for good, from every table and index, with a signed receipt; and after a time, unasked."""
