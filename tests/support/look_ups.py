"""Count the look-ups of tokens that are messages of their own."""


def counted(monkeypatch, place, name):
    """Return the tokens that a function of a place looks up from now on, as they are looked up."""
    tokens = []
    looking_up = getattr(place, name)

    async def counting(one, token):
        tokens.append(token)
        return await looking_up(one, token)

    monkeypatch.setattr(place, name, counting)
    return tokens
