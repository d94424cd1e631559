"""A stand-in for a connection that borrows one for each statement."""


class LentForEach:
    """Sends each statement on a connection lent for it alone, so that each commits by itself.

    Behind a pooler all statements of one lent connection are one transaction.
    """

    def __init__(self, database):
        self._database = database

    def __getattr__(self, name):
        async def send(*args, **options):
            async with self._database.across_spaces() as conn:
                return await getattr(conn, name)(*args, **options)

        return send
