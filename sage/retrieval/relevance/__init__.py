"""Whether what was found answers: features of the evidence, and the probabilities they make."""
