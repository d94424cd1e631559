"""What is found in LongMemEval, where every question has a chat history of its own."""
