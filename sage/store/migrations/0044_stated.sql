-- What a session begins with is found by what memories state: preferences, wishes for answers, decisions, each by the
-- key that its words are kept with. Memories of earlier releases get their keys in the background, the newest first, as
-- the rules class them again.
-- squawk-ignore-file require-concurrent-index-creation

CREATE INDEX IF NOT EXISTS memories_preferring ON sage.memories (space_id, created_at, arrival)
WHERE forgotten_at IS NULL AND lexemes @@ '''@prefers''';

CREATE INDEX IF NOT EXISTS memories_wishing ON sage.memories (space_id, created_at, arrival)
WHERE forgotten_at IS NULL AND lexemes @@ '''@wishes''';

CREATE INDEX IF NOT EXISTS memories_deciding ON sage.memories (space_id, created_at, arrival)
WHERE forgotten_at IS NULL AND lexemes @@ '''@decides''';
