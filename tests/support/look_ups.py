"""Count the look-ups of tokens that are messages of their own."""


def counted(monkeypatch, gate):
    """Return the tokens that a class of gates looks up from now on, as they are looked up."""
    tokens = []
    looking_up = gate.principal_of

    async def counting(self, token):
        tokens.append(token)
        return await looking_up(self, token)

    monkeypatch.setattr(gate, "principal_of", counting)
    return tokens
