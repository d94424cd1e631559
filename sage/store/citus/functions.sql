-- What statements call in a distributed database, where they cannot be sent as they are to any other one: the forms
-- `-- distributed:` of queries/*.sql. They are made when it is distributed, and again with every migration.
--
-- Most of what they take belongs to several spaces, each of which lies on one node: they send one statement after the
-- other, each of one space. What is of one space runs on the node of that space: sage.store.citus.distributing lists
-- which those are.

-- Tells that the database is distributed.
CREATE OR REPLACE FUNCTION sage.is_distributed() RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN true;

-- The plan is chosen on the node of the space: there, too, it is to be the same for any values.
CREATE OR REPLACE FUNCTION sage.plan_once() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL enable_seqscan = off;
    SET LOCAL enable_sort = off;
    SET LOCAL enable_incremental_sort = off;
    SET LOCAL enable_nestloop = off;
END
$$;

-- Set the given settings until the end of the transaction, on every node that takes part.
CREATE OR REPLACE FUNCTION sage.bound_transaction(names text[], setting_values text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT name, value FROM unnest(names, setting_values) AS setting (name, value) LOOP
        EXECUTE format('SET LOCAL %s = %L', one.name, one.value);
    END LOOP;
END
$$;


-- SERVERS THAT ARE AWAY. sage.absent_groups has the numbers of their groups in work in the background: what looks over all
-- spaces then looks over those of the others, and statements of single spaces pass theirs over.

CREATE OR REPLACE FUNCTION sage.absent_groups() RETURNS integer[] LANGUAGE sql STABLE AS $$
SELECT string_to_array(coalesce(current_setting('sage.absent_groups', true), ''), ',')::integer[]
$$;

-- Return whether the server of a space is not known to be away.
CREATE OR REPLACE FUNCTION sage.is_within_reach(space text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cardinality(sage.absent_groups()) = 0 THEN
        RETURN true;
    END IF;
    RETURN NOT EXISTS (
        SELECT FROM pg_dist_placement
        WHERE shardid = get_shard_id_for_distribution_column('sage.memories', space)
            AND groupid = ANY (sage.absent_groups())
    );
END
$$;

-- Return the spaces that have rows of a table which meet a condition, in order: at most so many, those that follow the
-- given one. While a server is away each of the others is asked for those of its shards.
CREATE OR REPLACE FUNCTION sage.find_spaces(of_table text, condition text, after text, most integer) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    rest text := ' WHERE ' || condition || format(
        ' AND space_id > %L GROUP BY space_id ORDER BY space_id LIMIT %s', after, coalesce(most::text, 'ALL')
    );
BEGIN
    IF cardinality(sage.absent_groups()) = 0 THEN
        RETURN QUERY EXECUTE format('SELECT space_id FROM sage.%I', of_table) || rest;
        RETURN;
    END IF;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT nodename::text AS host, nodeport AS port, format(
            'SELECT coalesce(json_agg(space_id), ''[]'') FROM (%s) AS found',
            string_agg(format('(SELECT space_id FROM sage.%I%s)', of_table || '_' || shardid, rest), ' UNION ALL ')
        ) AS command
        FROM pg_dist_placement
        JOIN pg_dist_shard USING (shardid)
        JOIN pg_dist_node USING (groupid)
        WHERE logicalrelid = format('sage.%I', of_table)::regclass AND noderole = 'primary'
            AND groupid <> ALL (sage.absent_groups())
        GROUP BY nodename, nodeport
    )
    SELECT found.space
    FROM (
        SELECT array_agg(host ORDER BY host, port) AS hosts, array_agg(port ORDER BY host, port) AS ports,
            array_agg(command ORDER BY host, port) AS commands
        FROM asked
    ) AS nodes
    CROSS JOIN LATERAL master_run_on_worker(nodes.hosts, nodes.ports, nodes.commands, true)
    CROSS JOIN LATERAL jsonb_array_elements_text(CASE WHEN success AND result <> '' THEN result::jsonb ELSE '[]' END)
        AS found (space)
    ORDER BY found.space
    LIMIT most;
END
$$;


-- ACTIVE MODEL. Its row is on every node, and to lock it there would have two transactions wait for each other. All of
-- them begin on the coordinator.

-- Return which model is active, and keep it from changing until the end of the transaction; alone, or with others.
CREATE OR REPLACE FUNCTION sage.lock_active_model(alone boolean) RETURNS smallint LANGUAGE plpgsql AS $$
BEGIN
    IF alone THEN
        PERFORM pg_advisory_xact_lock(7308604898146220);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7308604898146220);
    END IF;
    RETURN (SELECT model_id FROM sage.active_model);
END
$$;


-- SAVE. The conversation is kept on the node of its space, its event on the coordinator.

CREATE OR REPLACE FUNCTION sage.save_conversation(
    as_role text, space text, retry text, digest bytea, session text, ids uuid[], roles text[], names text[],
    contents text[], times timestamptz[], word_lists text[], about jsonb, lasts boolean,
    window_s double precision, outdated uuid[], by_author text, by_source text,
    is_masked boolean, by_default boolean,
    classes smallint[], rules smallint, replies uuid[], asked uuid[], answers uuid[], event text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    is_new boolean;
BEGIN
    SELECT kept INTO is_new FROM sage.keep_conversation(
        as_role, space, retry, digest, session, ids, roles, names, contents, times, word_lists, about, lasts,
        window_s, outdated, by_author, by_source, is_masked, by_default, classes, rules, replies, asked, answers
    ) AS kept;
    RETURN sage.record_save(is_new, event);
END
$$;


-- WORDS. In SQL, what is called by another function could not be planned: Citus does not see of which space it is. On the
-- nodes the view of memories is not there to be read; its operators are trusted there. These are as in migrations 40 and
-- 42, but for what they read memories by.

-- A small space is named twice, as elsewhere.
CREATE OR REPLACE FUNCTION sage.words_matching(space text, sought tsquery, is_large boolean) RETURNS SETOF tsvector
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_large THEN
        RETURN QUERY SELECT lexemes FROM sage.memories WHERE space_id = space AND lexemes @@ sought;
    ELSE
        RETURN QUERY SELECT lexemes FROM sage.memories
        WHERE space_id = space AND space_id = ANY (ARRAY[space]) AND lexemes @@ sought;
    END IF;
END
$$;

-- Count the memories of a space that a query matches, and stop at so many.
CREATE OR REPLACE FUNCTION sage.count_matching(space text, sought tsquery, is_large boolean, most bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_large THEN
        RETURN (SELECT count(*) FROM (
            SELECT 1 FROM sage.memories WHERE space_id = space AND lexemes @@ sought LIMIT most
        ) AS matching);
    END IF;
    RETURN (SELECT count(*) FROM (
        SELECT 1 FROM sage.memories
        WHERE space_id = space AND space_id = ANY (ARRAY[space]) AND lexemes @@ sought
        LIMIT most
    ) AS matching);
END
$$;

CREATE OR REPLACE FUNCTION sage.search_words(
    space text, words text[], terms text[], fewest_calls bigint, is_large boolean
) RETURNS TABLE (word text, is_name boolean, is_known boolean)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH latest AS MATERIALIZED (
        SELECT lexemes FROM sage.latest_words(space, CASE WHEN is_large THEN 100 ELSE 0 END) AS said (lexemes)
    ), asked AS (
        SELECT
            word,
            quote_literal('@by:' || word)::tsquery AS as_speaker,
            (quote_literal('@by:' || word) || ':*')::tsquery AS as_first_name,
            quote_literal('@to:' || word)::tsquery AS as_called,
            quote_literal(term)::tsquery AS as_term
        FROM unnest(words, terms) AS given (word, term)
    ), named AS MATERIALIZED (
        SELECT
            word,
            as_term,
            as_first_name,
            EXISTS (SELECT FROM latest WHERE lexemes @@ as_speaker)
            OR fewest_calls <= (SELECT count(*) FROM (SELECT FROM latest WHERE lexemes @@ as_called LIMIT fewest_calls) AS calls)
            OR sage.count_matching(space, as_speaker, is_large, 1) > 0
            OR fewest_calls <= sage.count_matching(space, as_called, is_large, fewest_calls) AS is_name
        FROM asked
    )
    SELECT
        word,
        is_name,
        as_term IS NULL OR is_name OR (
            (
                EXISTS (SELECT FROM latest WHERE lexemes @@ as_term)
                OR sage.count_matching(space, as_term, is_large, 1) > 0
            ) AND NOT (
                EXISTS (SELECT FROM latest WHERE lexemes @@ as_first_name)
                OR sage.count_matching(space, as_first_name, is_large, 1) > 0
            )
        )
    FROM named;
END
$$;

CREATE OR REPLACE FUNCTION sage.search_keys(
    space text, spellings text[], terms text[], most integer, is_large boolean
) RETURNS TABLE (lexeme text, held_by bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH given AS (
        SELECT spelling, term FROM unnest(spellings, terms) AS given (spelling, term)
    ), sought AS (
        SELECT DISTINCT term FROM given
    ), held AS MATERIALIZED (
        SELECT term, times
        FROM (
            SELECT term, sage.count_matching(space, quote_literal(term)::tsquery, true, most) AS times
            FROM sought
            WHERE is_large
            OFFSET 0
        ) AS counted
        WHERE times > 0
        UNION ALL
        SELECT one.term, least(count(*), most)
        FROM (
            SELECT array_agg(term) AS terms, string_agg(quote_literal(term), '|')::tsquery AS any_of_them
            FROM (SELECT term, row_number() OVER () AS number FROM sought) AS numbered
            WHERE NOT is_large
            GROUP BY number / 32
        ) AS part
        CROSS JOIN LATERAL sage.words_matching(space, part.any_of_them, is_large) AS matching (lexemes)
        CROSS JOIN LATERAL unnest(tsvector_to_array(matching.lexemes)) AS one (term)
        WHERE one.term = ANY (part.terms)
        GROUP BY one.term
    )
    SELECT term, times FROM held
    UNION ALL
    SELECT key, times
    FROM (
        SELECT key, sage.count_matching(space, quote_literal(key)::tsquery, is_large, most) AS times
        FROM (
            SELECT prefix || spelling AS key
            FROM held JOIN given USING (term)
            CROSS JOIN unnest(ARRAY['@by:', '@to:']) AS prefix
        ) AS named
        OFFSET 0
    ) AS counted
    WHERE times > 0;
END
$$;

CREATE OR REPLACE FUNCTION sage.latest_words(space text, most integer) RETURNS SETOF tsvector
LANGUAGE plpgsql STABLE SET enable_indexscan = on SET enable_bitmapscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT lexemes FROM sage.memories
    WHERE space_id = space AND forgotten_at IS NULL
    ORDER BY created_at DESC
    LIMIT most;
END
$$;


-- SESSIONS

CREATE OR REPLACE FUNCTION sage.lock_sessions(spaces text[], sessions text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT space_id, array_agg(session_id) AS session_ids
        FROM unnest(spaces, sessions) AS given (space_id, session_id)
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        PERFORM FROM sage.sessions
        WHERE space_id = part.space_id AND session_id = ANY (part.session_ids)
        ORDER BY session_id
        FOR UPDATE;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.delete_empty_sessions(spaces text[], sessions text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT space_id, array_agg(session_id) AS session_ids
        FROM unnest(spaces, sessions) AS given (space_id, session_id)
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        RETURN QUERY
        DELETE FROM sage.sessions
        WHERE space_id = part.space_id AND session_id = ANY (part.session_ids) AND NOT EXISTS (
            SELECT FROM sage.memories
            WHERE memories.space_id = part.space_id AND memories.session_id = sessions.session_id
        )
        RETURNING session_id;
    END LOOP;
END
$$;


-- CLASSES

CREATE OR REPLACE FUNCTION sage.lock_replies(spaces text[], memory_ids uuid[])
RETURNS TABLE (space_id text, memory_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT given.space_id, array_agg(given.memory_id) AS memory_ids
        FROM unnest(spaces, memory_ids) AS given (space_id, memory_id)
        GROUP BY given.space_id
        ORDER BY given.space_id
    LOOP
        RETURN QUERY
        SELECT memories.space_id, memories.memory_id
        FROM sage.memories
        WHERE memories.space_id = part.space_id AND memories.memory_id = ANY (part.memory_ids)
            AND forgotten_at IS NULL AND superseded_at IS NULL
        ORDER BY memories.memory_id
        FOR SHARE;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.store_classes(
    spaces text[], memory_ids uuid[], classes smallint[], versions smallint[], replies uuid[],
    old_classes smallint[], old_versions smallint[], old_replies uuid[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
    active smallint;
    ranked_again uuid[];
BEGIN
    FOR part IN
        SELECT space_id, array_agg(memory_id) AS memory_ids, array_agg(class) AS classes,
            array_agg(version) AS versions, array_agg(reply_id) AS replies, array_agg(old_class) AS old_classes,
            array_agg(old_version) AS old_versions, array_agg(old_reply_id) AS old_replies
        FROM unnest(
            spaces, memory_ids, classes, versions, replies, old_classes, old_versions, old_replies
        ) AS given (space_id, memory_id, class, version, reply_id, old_class, old_version, old_reply_id)
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        WITH given AS (
            SELECT * FROM unnest(
                part.memory_ids, part.classes, part.versions, part.replies,
                part.old_classes, part.old_versions, part.old_replies
            ) AS given (memory_id, class, rules_version, reply_id, old_class, old_version, old_reply_id)
        ), changed AS (
            UPDATE sage.memory_classes AS kept
            SET class = given.class, rules_version = given.rules_version, reply_id = given.reply_id
            FROM given
            WHERE kept.space_id = part.space_id AND kept.memory_id = given.memory_id
                AND kept.rules_version = given.old_version
                AND kept.reply_id IS NOT DISTINCT FROM given.old_reply_id
            RETURNING kept.memory_id, kept.class, kept.extent, given.old_class
        )
        SELECT array_agg(memory_id) INTO ranked_again FROM changed
        WHERE sage.is_embedded(class, extent) AND NOT sage.is_embedded(old_class, extent);
        IF array_position(part.old_versions, NULL) IS NOT NULL THEN
            INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id)
            SELECT part.space_id, given.memory_id, given.class, given.version, given.reply_id
            FROM unnest(part.memory_ids, part.classes, part.versions, part.replies, part.old_versions)
                AS given (memory_id, class, version, reply_id, old_version)
            JOIN sage.memories ON memories.space_id = part.space_id AND memories.memory_id = given.memory_id
            WHERE given.old_version IS NULL
            ON CONFLICT DO NOTHING;
        END IF;
        DELETE FROM sage.embedding_queue
        WHERE space_id = part.space_id AND memory_id = ANY (ARRAY(
            SELECT memory_id FROM sage.memory_classes
            WHERE space_id = part.space_id AND memory_id = ANY (part.memory_ids) AND NOT sage.is_ranked(class)
        ));
        IF ranked_again IS NOT NULL THEN
            active := sage.lock_active_model(false);
            INSERT INTO sage.embedding_queue (space_id, memory_id)
            SELECT space_id, memory_id FROM sage.memories
            WHERE space_id = part.space_id AND memory_id = ANY (ranked_again) AND forgotten_at IS NULL
                AND NOT EXISTS (
                    SELECT FROM sage.embeddings
                    WHERE embeddings.space_id = part.space_id AND embeddings.memory_id = memories.memory_id
                        AND embeddings.model_id = active
                )
            ON CONFLICT (space_id, memory_id) DO NOTHING;
        END IF;
    END LOOP;
END
$$;

-- Return memories to which the rules are to be applied again, of a space or of all. While a server is away, those of the
-- others, one space after the other.
CREATE OR REPLACE FUNCTION sage.find_due_classes(most bigint, space text) RETURNS TABLE (
    space_id text, memory_id uuid, session_id text, created_at timestamptz, arrival bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    one text;
    found bigint;
    chosen text[] := ARRAY[space];
BEGIN
    IF space IS NULL AND cardinality(sage.absent_groups()) = 0 THEN
        RETURN QUERY
        SELECT space_id, memory_id, session_id, created_at, arrival
        FROM sage.memory_classes JOIN sage.memories USING (space_id, memory_id)
        WHERE rules_version = 0
        LIMIT most;
        RETURN;
    END IF;
    IF space IS NULL THEN
        chosen := ARRAY(SELECT sage.find_spaces('memory_classes', 'rules_version = 0', '', most::integer));
    END IF;
    FOREACH one IN ARRAY chosen LOOP
        RETURN QUERY
        SELECT memory_classes.space_id, memories.memory_id, session_id, created_at, arrival
        FROM sage.memory_classes JOIN sage.memories
            ON memories.space_id = one AND memories.memory_id = memory_classes.memory_id
        WHERE memory_classes.space_id = one AND rules_version = 0
        LIMIT most;
        GET DIAGNOSTICS found = ROW_COUNT;
        most := most - found;
        EXIT WHEN most <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.list_unclassed_spaces(version smallint) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(sage.absent_groups()) > 0 THEN
        RETURN QUERY SELECT sage.find_spaces('memory_classes', format('rules_version < %s', version), '', NULL);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT space_id
    FROM (SELECT DISTINCT space_id FROM sage.memory_classes WHERE rules_version < version) AS outdated
    ORDER BY (
        SELECT max(created_at) FROM sage.memories
        WHERE memories.space_id = outdated.space_id AND forgotten_at IS NULL
    ) DESC NULLS LAST;
END
$$;

CREATE OR REPLACE FUNCTION sage.class_again(space text, changed_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    current_ids uuid[];
BEGIN
    current_ids := ARRAY(
        SELECT memory_id FROM sage.memories
        WHERE space_id = space AND memory_id = ANY (changed_ids) AND forgotten_at IS NULL AND superseded_at IS NULL
        ORDER BY memory_id
    );
    UPDATE sage.memory_classes SET reply_id = NULL, rules_version = 0
    WHERE space_id = space AND reply_id = ANY (changed_ids) AND reply_id <> ALL (current_ids);
    INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version)
    SELECT space, memory_id, 0, 0 FROM unnest(current_ids) AS current (memory_id)
    ON CONFLICT (space_id, memory_id) DO UPDATE SET rules_version = 0;
END
$$;


-- CORRECTIONS

CREATE OR REPLACE FUNCTION sage.settle_superseded(space text, given_ids uuid[], session text) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[];
    replaced uuid[];
BEGIN
    touched := ARRAY(
        SELECT memory_id FROM sage.memories
        WHERE space_id = space AND (memory_id = ANY (given_ids) OR session_id = session)
    );
    touched := ARRAY(
        SELECT replaced_id FROM sage.replacements WHERE space_id = space AND memory_id = ANY (touched)
        UNION
        SELECT unnest(touched)
    );
    PERFORM FROM sage.memories
    WHERE space_id = space AND memory_id = ANY (touched)
    ORDER BY memory_id
    FOR NO KEY UPDATE;
    replaced := ARRAY(
        SELECT replacements.replaced_id
        FROM sage.replacements
        JOIN sage.memories AS newer ON newer.space_id = space AND newer.memory_id = replacements.memory_id
        WHERE replacements.space_id = space AND replacements.replaced_id = ANY (touched)
            AND newer.forgotten_at IS NULL
    );
    RETURN QUERY
    UPDATE sage.memories SET superseded_at = now()
    WHERE space_id = space AND memory_id = ANY (touched) AND superseded_at IS NULL AND memory_id = ANY (replaced)
    RETURNING memory_id;
    RETURN QUERY
    UPDATE sage.memories SET superseded_at = NULL
    WHERE space_id = space AND memory_id = ANY (touched) AND superseded_at IS NOT NULL
        AND memory_id <> ALL (replaced)
    RETURNING memory_id;
END
$$;

CREATE OR REPLACE FUNCTION sage.link_arrivals(spaces text[], memory_ids uuid[], replaced_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT space_id, array_agg(memory_id) AS memory_ids, array_agg(replaced_id) AS replaced_ids
        FROM unnest(spaces, memory_ids, replaced_ids) AS given (space_id, memory_id, replaced_id)
        WHERE memory_id <> replaced_id
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
        SELECT part.space_id, given.memory_id, given.replaced_id
        FROM unnest(part.memory_ids, part.replaced_ids) AS given (memory_id, replaced_id)
        JOIN sage.memories ON memories.space_id = part.space_id AND memories.memory_id = given.memory_id
        ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;


-- VECTORS

-- Memories are locked by a statement of its own: one that is just being deleted is waited for, and not seen by the next.
CREATE OR REPLACE FUNCTION sage.store_vectors(
    model smallint, spaces text[], memory_ids uuid[], chunks smallint[], starts integer[], ends integer[],
    vectors sage.half_vector[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT space_id, array_agg(memory_id) AS memory_ids, array_agg(chunk) AS chunks,
            array_agg(starts_at) AS starts, array_agg(ends_at) AS ends, array_agg(embedding) AS vectors
        FROM unnest(spaces, memory_ids, chunks, starts, ends, vectors)
            AS given (space_id, memory_id, chunk, starts_at, ends_at, embedding)
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        PERFORM FROM sage.memories
        WHERE space_id = part.space_id AND memory_id = ANY (part.memory_ids)
        ORDER BY memory_id
        FOR KEY SHARE;
        INSERT INTO sage.embeddings (space_id, memory_id, model_id, chunk, starts_at, ends_at, embedding)
        SELECT part.space_id, vector.memory_id, model, vector.chunk, vector.starts_at, vector.ends_at,
            vector.embedding
        FROM unnest(part.memory_ids, part.chunks, part.starts, part.ends, part.vectors)
            AS vector (memory_id, chunk, starts_at, ends_at, embedding)
        JOIN sage.memories ON memories.space_id = part.space_id AND memories.memory_id = vector.memory_id
        WHERE vector.ends_at <= length(memories.content)
        ORDER BY vector.memory_id, vector.chunk
        ON CONFLICT (space_id, memory_id, model_id, chunk) DO UPDATE
        SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, embedding = excluded.embedding;
    END LOOP;
END
$$;


-- QUEUE

-- Return the items of each space: a statement of each is sent to its node. Those of a server that is away are left until
-- their leases end.
CREATE OR REPLACE FUNCTION sage.items_of_spaces(
    spaces text[], memory_ids uuid[], leases timestamptz[],
    OUT space_id text, OUT memory_ids_of_it uuid[], OUT leases_of_it timestamptz[]
) RETURNS SETOF record LANGUAGE sql STABLE AS $$
SELECT space_id, array_agg(memory_id), array_agg(leased_until)
FROM unnest(spaces, memory_ids, leases) AS item (space_id, memory_id, leased_until)
GROUP BY space_id
HAVING sage.is_within_reach(space_id)
ORDER BY space_id
$$;

CREATE OR REPLACE FUNCTION sage.renew_leases(
    spaces text[], memory_ids uuid[], leases timestamptz[], lease_s double precision
) RETURNS TABLE (space_id text, memory_id uuid, leased_until timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    part record;
    until timestamptz := now() + make_interval(secs => lease_s);
BEGIN
    FOR part IN SELECT * FROM sage.items_of_spaces(spaces, memory_ids, leases) LOOP
        RETURN QUERY
        UPDATE sage.embedding_queue AS waiting SET due_at = until
        FROM unnest(part.memory_ids_of_it, part.leases_of_it) AS item (memory_id, leased_until)
        WHERE waiting.space_id = part.space_id AND waiting.memory_id = item.memory_id
            AND waiting.due_at = item.leased_until
        RETURNING waiting.space_id, waiting.memory_id, waiting.due_at;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.complete_items(spaces text[], memory_ids uuid[], leases timestamptz[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM sage.items_of_spaces(spaces, memory_ids, leases) LOOP
        DELETE FROM sage.embedding_queue AS waiting
        USING unnest(part.memory_ids_of_it, part.leases_of_it) AS item (memory_id, leased_until)
        WHERE waiting.space_id = part.space_id AND waiting.memory_id = item.memory_id
            AND waiting.due_at IN (item.leased_until, 'infinity');
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.postpone_items(
    spaces text[], memory_ids uuid[], leases timestamptz[], delay_s double precision, reason text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
    until timestamptz := now() + make_interval(secs => delay_s);
BEGIN
    FOR part IN SELECT * FROM sage.items_of_spaces(spaces, memory_ids, leases) LOOP
        UPDATE sage.embedding_queue AS waiting SET due_at = until, deliveries = 0, last_error = reason
        FROM unnest(part.memory_ids_of_it, part.leases_of_it) AS item (memory_id, leased_until)
        WHERE waiting.space_id = part.space_id AND waiting.memory_id = item.memory_id
            AND waiting.due_at = item.leased_until;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.release_items(
    spaces text[], memory_ids uuid[], leases timestamptz[], reason text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM sage.items_of_spaces(spaces, memory_ids, leases) LOOP
        UPDATE sage.embedding_queue AS waiting
        SET due_at = now(), attempts = greatest(waiting.attempts - 1, 0),
            deliveries = greatest(waiting.deliveries - 1, 0), last_error = coalesce(reason, waiting.last_error)
        FROM unnest(part.memory_ids_of_it, part.leases_of_it) AS item (memory_id, leased_until)
        WHERE waiting.space_id = part.space_id AND waiting.memory_id = item.memory_id
            AND waiting.due_at = item.leased_until;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.fail_items(
    spaces text[], memory_ids uuid[], leases timestamptz[], reason text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM sage.items_of_spaces(spaces, memory_ids, leases) LOOP
        UPDATE sage.embedding_queue AS waiting SET failed_at = now(), last_error = reason
        FROM unnest(part.memory_ids_of_it, part.leases_of_it) AS item (memory_id, leased_until)
        WHERE waiting.space_id = part.space_id AND waiting.memory_id = item.memory_id
            AND waiting.due_at = item.leased_until;
    END LOOP;
END
$$;

-- Each node finds, in its index, which of its spaces wait; then each space is leased from by a statement of its own.
CREATE OR REPLACE FUNCTION sage.lease_due(most integer, lease_s double precision, after text) RETURNS TABLE (
    space_id text, memory_id uuid, content text, attempts integer, deliveries integer, extent integer,
    enqueued_at timestamptz, leased_until timestamptz, last_space text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    turn text[];
    one text;
    chosen uuid[];
    until timestamptz := now() + make_interval(secs => lease_s);
BEGIN
    turn := ARRAY(SELECT sage.find_spaces(
        'embedding_queue', 'failed_at IS NULL AND due_at < ''infinity'' AND due_at <= now()', after, most
    ));
    FOREACH one IN ARRAY turn LOOP
        chosen := ARRAY(
            SELECT embedding_queue.memory_id FROM sage.embedding_queue
            WHERE failed_at IS NULL AND due_at < 'infinity' AND due_at <= now() AND embedding_queue.space_id = one
            ORDER BY due_at
            LIMIT most / cardinality(turn)
            FOR UPDATE SKIP LOCKED
        );
        RETURN QUERY
        UPDATE sage.embedding_queue AS waiting
        SET due_at = until, attempts = waiting.attempts + 1, deliveries = waiting.deliveries + 1
        FROM sage.memories
        WHERE waiting.space_id = one AND waiting.memory_id = ANY (chosen)
            AND memories.space_id = one AND memories.memory_id = waiting.memory_id
        RETURNING waiting.space_id, waiting.memory_id, memories.content, waiting.attempts, waiting.deliveries,
            coalesce((
                SELECT memory_classes.extent FROM sage.memory_classes
                WHERE memory_classes.space_id = one AND memory_classes.memory_id = waiting.memory_id
            ), 0)::integer,
            waiting.enqueued_at, waiting.due_at,
            CASE WHEN cardinality(turn) = most THEN turn[most] ELSE '' END;
    END LOOP;
END
$$;


-- WHAT REACHES OVER ALL SPACES, some of them at a time

CREATE OR REPLACE FUNCTION sage.purge_forgotten(days integer, most integer)
RETURNS TABLE (space_id text, session_id text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    one text;
    chosen uuid[];
BEGIN
    FOR one IN
        SELECT sage.find_spaces('memories', format('forgotten_at < now() - make_interval(days => %s)', days), '', most)
    LOOP
        chosen := ARRAY(
            SELECT memory_id FROM sage.memories
            WHERE memories.space_id = one AND forgotten_at < now() - make_interval(days => days)
            ORDER BY forgotten_at
            LIMIT most
            FOR UPDATE SKIP LOCKED
        );
        most := most - cardinality(chosen);
        RETURN QUERY
        DELETE FROM sage.memories WHERE memories.space_id = one AND memory_id = ANY (chosen)
        RETURNING memories.space_id, memories.session_id;
        EXIT WHEN most <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.purge_saves(days integer, most integer) RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
    one text;
    chosen text[];
BEGIN
    FOR one IN
        SELECT sage.find_spaces('saves', format('saved_at < now() - make_interval(days => %s)', days), '', most)
    LOOP
        chosen := ARRAY(
            SELECT retry_key FROM sage.saves
            WHERE space_id = one AND saved_at < now() - make_interval(days => days)
            ORDER BY saved_at
            LIMIT most
            FOR UPDATE SKIP LOCKED
        );
        most := most - cardinality(chosen);
        RETURN QUERY DELETE FROM sage.saves WHERE space_id = one AND retry_key = ANY (chosen) RETURNING 1;
        EXIT WHEN most <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.purge_recalls(days integer, most integer) RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
    one text;
    chosen uuid[];
BEGIN
    FOR one IN
        SELECT sage.find_spaces('recalls', format('at < now() - make_interval(days => %s)', days), '', most)
    LOOP
        chosen := ARRAY(
            SELECT recall_id FROM sage.recalls
            WHERE space_id = one AND at < now() - make_interval(days => days)
            ORDER BY at
            LIMIT most
            FOR UPDATE SKIP LOCKED
        );
        most := most - cardinality(chosen);
        RETURN QUERY DELETE FROM sage.recalls WHERE space_id = one AND recall_id = ANY (chosen) RETURNING 1;
        EXIT WHEN most <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.undo_import(
    import uuid, most integer, space text, is_of_any boolean, of_author text
) RETURNS TABLE (space_id text, session_id text, memory_id uuid, replaced uuid[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    one text;
    chosen uuid[];
BEGIN
    FOR one IN
        SELECT memories.space_id FROM sage.memories
        WHERE import_id = import AND (space IS NULL OR memories.space_id = space)
            AND (is_of_any OR author IS NOT DISTINCT FROM of_author)
        GROUP BY memories.space_id
        ORDER BY memories.space_id
        LIMIT most
    LOOP
        chosen := ARRAY(
            SELECT memories.memory_id FROM sage.memories
            WHERE memories.space_id = one AND import_id = import
                AND (is_of_any OR author IS NOT DISTINCT FROM of_author)
            LIMIT most
        );
        chosen := ARRAY( -- locked in the order of their ids
            SELECT memories.memory_id FROM sage.memories
            WHERE memories.space_id = one AND memories.memory_id = ANY (chosen)
            ORDER BY memories.memory_id
            FOR UPDATE
        );
        most := most - cardinality(chosen);
        RETURN QUERY
        SELECT memories.space_id, memories.session_id, memories.memory_id, ARRAY(
            SELECT replaced_id FROM sage.replacements
            WHERE replacements.space_id = one AND replacements.memory_id = memories.memory_id
        )
        FROM sage.memories
        WHERE memories.space_id = one AND memories.memory_id = ANY (chosen);
        DELETE FROM sage.memories WHERE memories.space_id = one AND memories.memory_id = ANY (chosen);
        EXIT WHEN most <= 0;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.replace_texts(
    spaces text[], ids uuid[], contents text[], about text[], word_lists text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part record;
    changed uuid[];
    total bigint := 0;
BEGIN
    FOR part IN
        SELECT space_id, array_agg(memory_id) AS ids, array_agg(content) AS contents,
            array_agg(metadata) AS about, array_agg(lexemes) AS word_lists
        FROM unnest(spaces, ids, contents, about, word_lists)
            AS given (space_id, memory_id, content, metadata, lexemes)
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        changed := ARRAY(
            SELECT memory_id FROM sage.memories
            WHERE space_id = part.space_id AND memory_id = ANY (part.ids)
            ORDER BY memory_id
            FOR NO KEY UPDATE
        );
        UPDATE sage.memories
        SET content = given.content, metadata = given.metadata::jsonb, lexemes = given.lexemes::tsvector
        FROM unnest(part.ids, part.contents, part.about, part.word_lists)
            AS given (memory_id, content, metadata, lexemes)
        WHERE memories.space_id = part.space_id AND memories.memory_id = given.memory_id;
        DELETE FROM sage.embeddings WHERE space_id = part.space_id AND memory_id = ANY (changed);
        INSERT INTO sage.embedding_queue (space_id, memory_id)
        SELECT space_id, memory_id FROM sage.memories
        WHERE space_id = part.space_id AND memory_id = ANY (changed) AND forgotten_at IS NULL AND NOT EXISTS (
            SELECT FROM sage.memory_classes
            WHERE memory_classes.space_id = part.space_id AND memory_classes.memory_id = memories.memory_id
                AND NOT sage.is_embedded(class, extent)
        )
        ON CONFLICT (space_id, memory_id) DO UPDATE
        SET due_at = excluded.due_at, attempts = 0, deliveries = 0, failed_at = NULL, last_error = NULL;
        UPDATE sage.saves SET body_digest = ''
        WHERE space_id = part.space_id AND retry_key LIKE 'key:%' AND memory_ids && part.ids;
        DELETE FROM sage.saves
        WHERE space_id = part.space_id AND retry_key NOT LIKE 'key:%' AND memory_ids && part.ids;
        total := total + cardinality(changed);
    END LOOP;
    RETURN total;
END
$$;

CREATE OR REPLACE FUNCTION sage.read_session_parts(
    spaces text[], sessions text[], after_times timestamptz[], after_arrivals bigint[],
    until_times timestamptz[], until_arrivals bigint[], reach bigint
) RETURNS TABLE (
    number bigint, side integer, memory_id uuid, role text, content text, created_at timestamptz, arrival bigint,
    metadata text, is_current boolean, class smallint, rules_version smallint, reply_id uuid
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM unnest(spaces, sessions, after_times, after_arrivals, until_times, until_arrivals)
            WITH ORDINALITY AS part (space_id, session_id, after_at, after_arrival, until_at, until_arrival, number)
    LOOP
        RETURN QUERY
        WITH message AS (
            SELECT memories.memory_id, role, content, created_at, arrival,
                CASE WHEN import_id IS NOT NULL OR source LIKE 'hook:%' THEN metadata::text END AS metadata,
                forgotten_at IS NULL AND superseded_at IS NULL AS is_current, class, rules_version, reply_id
            FROM sage.memories
            LEFT JOIN sage.memory_classes
                ON memory_classes.space_id = part.space_id AND memory_classes.memory_id = memories.memory_id
            WHERE session_id = part.session_id AND memories.space_id = part.space_id
        )
        SELECT part.number, sides.* FROM (
            (
                SELECT -1 AS side, message.* FROM message
                WHERE (created_at, arrival) <= (part.after_at, part.after_arrival)
                    AND is_current AND class IS DISTINCT FROM 6
                ORDER BY created_at DESC, arrival DESC
                LIMIT reach
            )
            UNION ALL
            SELECT 0, message.* FROM message
            WHERE (created_at, arrival) > (part.after_at, part.after_arrival)
                AND (created_at, arrival) <= (part.until_at, part.until_arrival)
            UNION ALL
            (
                SELECT 1, message.* FROM message
                WHERE (created_at, arrival) > (part.until_at, part.until_arrival)
                    AND is_current AND class IS DISTINCT FROM 6
                ORDER BY created_at, arrival
                LIMIT reach
            )
        ) AS sides
        ORDER BY created_at, arrival;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION sage.record_recalls(recalls jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    recall record;
    there uuid[];
BEGIN
    FOR recall IN
        SELECT * FROM jsonb_to_recordset(recalls) AS recall (
            space_id text, recall_id uuid, at timestamptz, occasion text, session_id text, project text,
            client text, author text, relevance text, words smallint[], memories jsonb
        )
        ORDER BY space_id, recall_id
    LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM sage.spaces WHERE id = recall.space_id);
        IF NOT sage.is_within_reach(recall.space_id) THEN
            RAISE EXCEPTION 'the server of this space is away' USING ERRCODE = 'connection_failure';
        END IF;
        there := ARRAY(
            SELECT memory_id FROM sage.memories
            WHERE space_id = recall.space_id AND memory_id = ANY (ARRAY(
                SELECT one.memory_id FROM jsonb_to_recordset(recall.memories) AS one (memory_id uuid)
            ))
            ORDER BY memory_id
            FOR KEY SHARE
        );
        INSERT INTO sage.recalls
            (space_id, recall_id, at, occasion, session_id, project, client, author, relevance, words)
        VALUES (recall.space_id, recall.recall_id, recall.at, recall.occasion, recall.session_id,
            recall.project, recall.client, recall.author, recall.relevance, recall.words)
        ON CONFLICT DO NOTHING;
        INSERT INTO sage.recalled_memories (space_id, recall_id, memory_id, place, probability)
        SELECT recall.space_id, recall.recall_id, one.memory_id, one.place, one.probability
        FROM jsonb_to_recordset(recall.memories) AS one (memory_id uuid, place smallint, probability real)
        WHERE one.memory_id = ANY (there)
        ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;

-- Keep what arrives in a space, where it lies: rows for another node are sent there by COPY, which policies do not allow.
-- Return how many were not there. One after the other, so that what two bring at once is kept once.
CREATE OR REPLACE FUNCTION sage.keep_arrivals_of_space(
    space text, brought jsonb, import uuid, by_source text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    kept uuid[];
    arriving jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(space, 7308604898146221));
    kept := ARRAY(
        SELECT memory_id FROM sage.memories
        WHERE space_id = space AND memory_id = ANY (ARRAY(
            SELECT (one ->> 'memory_id')::uuid FROM jsonb_array_elements(brought) AS one
        ))
    );
    arriving := (
        SELECT jsonb_agg(one) FROM jsonb_array_elements(brought) AS one
        WHERE (one ->> 'memory_id')::uuid <> ALL (kept)
    );
    IF arriving IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO sage.sessions (space_id, session_id)
    SELECT DISTINCT space, session_id
    FROM jsonb_to_recordset(arriving) AS one (
        session_id text
    )
    ON CONFLICT DO NOTHING;
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, name, content, created_at, metadata, lexemes,
        author, import_id, source, confirmed_at, confirmed_by)
    SELECT space, memory_id, session_id, role, name, content, created_at, metadata,
        lexemes::tsvector, author, import, by_source, confirmed_at, confirmed_by
    FROM jsonb_to_recordset(arriving) AS one (
        position integer, memory_id uuid, session_id text, role text, name text, content text,
        created_at timestamptz, metadata jsonb, lexemes text, author text, confirmed_at timestamptz, confirmed_by text
    )
    ORDER BY position;
    INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id, extent)
    SELECT space, memory_id, class, rules_version, reply_id, extent
    FROM jsonb_to_recordset(arriving) AS one (
        memory_id uuid, class smallint, rules_version smallint, reply_id uuid, extent smallint
    );
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space, memory_id
    FROM jsonb_to_recordset(arriving) AS one (
        memory_id uuid, class smallint, extent smallint
    )
    WHERE sage.is_embedded(class, extent);
    INSERT INTO sage.session_days AS day
        (space_id, session_id, day, memories, first_at, last_at, project, source, author)
    SELECT space, session_id, sage.utc_day(created_at), count(*), min(created_at), max(created_at),
        (array_agg(sage.project_in(metadata) ORDER BY created_at DESC)
            FILTER (WHERE sage.project_in(metadata) IS NOT NULL))[1],
        (array_agg(sage.source_of(by_source, import, metadata) ORDER BY created_at DESC)
            FILTER (WHERE sage.source_of(by_source, import, metadata) IS NOT NULL))[1],
        (array_agg(author ORDER BY created_at DESC) FILTER (WHERE author IS NOT NULL))[1]
    FROM jsonb_to_recordset(arriving) AS one (
        session_id text, created_at timestamptz, metadata jsonb, author text, extent smallint
    )
    WHERE extent <= 2
    GROUP BY 1, 2, 3
    ORDER BY 2, 3
    ON CONFLICT (space_id, session_id, day) DO UPDATE SET
        memories = day.memories + excluded.memories,
        first_at = least(day.first_at, excluded.first_at),
        last_at = greatest(day.last_at, excluded.last_at),
        project = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.project, excluded.project)
            ELSE coalesce(excluded.project, day.project) END,
        source = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.source, excluded.source)
            ELSE coalesce(excluded.source, day.source) END,
        author = CASE WHEN excluded.last_at < day.last_at THEN coalesce(day.author, excluded.author)
            ELSE coalesce(excluded.author, day.author) END;
    RETURN jsonb_array_length(arriving);
END
$$;

CREATE OR REPLACE FUNCTION sage.keep_arrivals(import uuid, by_source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part record;
    added bigint;
    total bigint := 0;
BEGIN
    FOR part IN
        SELECT first.space_id, jsonb_agg(to_jsonb(first) || jsonb_build_object('metadata', metadata::jsonb)) AS brought
        FROM (
            SELECT DISTINCT ON (space_id, memory_id) * FROM pg_temp.arriving_memories
            ORDER BY space_id, memory_id, position
        ) AS first
        GROUP BY space_id
        ORDER BY space_id
    LOOP
        -- What writes to every node is allowed to none that may not change rows,
        -- even where there is nothing to write.
        IF NOT EXISTS (SELECT FROM sage.spaces WHERE id = part.space_id) THEN
            INSERT INTO sage.spaces (id, name) VALUES (part.space_id, part.space_id) ON CONFLICT (id) DO NOTHING;
        END IF;
        SELECT kept INTO added FROM sage.keep_arrivals_of_space(part.space_id, part.brought, import, by_source) AS kept;
        total := total + added;
    END LOOP;
    RETURN total;
END
$$;

-- Each space is asked whether it is large, and no more of it is read than that takes.
CREATE OR REPLACE FUNCTION sage.walk_large_spaces(model smallint, fewest bigint, after text, most integer)
RETURNS TABLE (space_id text, is_large boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    one text;
BEGIN
    FOR one IN SELECT id FROM sage.spaces WHERE id > after ORDER BY id LIMIT most LOOP
        IF sage.is_within_reach(one) THEN
            RETURN QUERY SELECT one, EXISTS (
                SELECT FROM sage.embeddings WHERE embeddings.space_id = one AND model_id = model OFFSET fewest
            );
        ELSE
            RETURN QUERY SELECT one, false;
        END IF;
    END LOOP;
END
$$;

-- What there is of each space is counted where it lies.
CREATE OR REPLACE FUNCTION sage.list_spaces(ids text[], part_of_name text, most bigint) RETURNS TABLE (
    name text, created_at timestamptz, retention_days integer, masking text, memories bigint, tokens bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    chosen text[];
BEGIN
    chosen := ARRAY(
        SELECT spaces.id FROM sage.spaces
        WHERE (ids IS NULL OR spaces.id = ANY (ids))
            AND (part_of_name IS NULL OR strpos(lower(spaces.name), lower(part_of_name)) > 0)
        ORDER BY spaces.name COLLATE "C"
        LIMIT most
    );
    RETURN QUERY
    WITH kept AS MATERIALIZED (
        SELECT space_id, sum(session_days.memories)::bigint AS memories FROM sage.session_days
        WHERE space_id = ANY (chosen)
        GROUP BY space_id
    ), opened AS MATERIALIZED (
        SELECT space_id, count(*) AS tokens FROM sage.token_spaces WHERE space_id = ANY (chosen) GROUP BY space_id
    )
    SELECT spaces.name, spaces.created_at, spaces.retention_days, spaces.masking,
        coalesce(kept.memories, 0), coalesce(opened.tokens, 0)
    FROM sage.spaces
    LEFT JOIN kept ON kept.space_id = spaces.id
    LEFT JOIN opened ON opened.space_id = spaces.id
    WHERE spaces.id = ANY (chosen)
    ORDER BY spaces.name COLLATE "C";
END
$$;

CREATE OR REPLACE FUNCTION sage.list_idle_spaces(days integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT space_id FROM sage.indexed_spaces WHERE searched_at < now() - make_interval(days => days) LOOP
        CONTINUE WHEN NOT sage.is_within_reach(one);
        CONTINUE WHEN EXISTS (
            SELECT FROM sage.memories
            WHERE memories.space_id = one AND saved_at >= now() - make_interval(days => days)
                AND forgotten_at IS NULL
        );
        RETURN NEXT one;
    END LOOP;
END
$$;


-- THE NODES

-- Run a command on a node, by itself and outside of this transaction; raise what it fails with.
CREATE OR REPLACE FUNCTION sage.run_on_node(node text, port integer, command text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    done record;
BEGIN
    SELECT * INTO done FROM master_run_on_worker(ARRAY[node], ARRAY[port], ARRAY[command], true) AS ran;
    IF NOT done.success THEN
        RAISE EXCEPTION 'node %:% failed: %', node, port, done.result;
    END IF;
END
$$;

-- Return the rows that a query, which makes one JSON array of them, finds on each node; a node that does not answer has
-- none.
CREATE OR REPLACE FUNCTION sage.rows_of_nodes(query text) RETURNS TABLE (node text, port integer, found jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT node_name, node_port, one.value
    FROM (
        SELECT array_agg(nodename::text ORDER BY nodeid) AS names, array_agg(nodeport ORDER BY nodeid) AS ports,
            array_agg(query) AS commands
        FROM pg_dist_node
        WHERE isactive AND noderole = 'primary' AND shouldhaveshards AND groupid <> ALL (sage.absent_groups())
    ) AS nodes
    CROSS JOIN LATERAL master_run_on_worker(nodes.names, nodes.ports, nodes.commands, true) AS ran
    CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN success AND result <> '' THEN result::jsonb ELSE '[]' END)
        AS one (value);
END
$$;

-- Return what the planners of the nodes know of the shards of memories: how many there are, and of the commonest terms and
-- spaces the share that they have of all.
CREATE OR REPLACE FUNCTION sage.statistics_of_nodes() RETURNS TABLE (kind text, value text, share real)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT told.found ->> 'kind' AS kind, told.found ->> 'value' AS value,
            sum((told.found ->> 'rows')::float8) AS rows
        FROM sage.rows_of_nodes($query$
            WITH shards AS (
                SELECT relname, greatest(reltuples, 0)::float8 AS rows FROM pg_class
                WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relname ~ '^memories_[0-9]+$'
            ), known AS (
                SELECT pg_stats.*, shards.rows FROM pg_stats
                JOIN shards ON schemaname = 'sage' AND tablename = relname
                WHERE attname IN ('lexemes', 'space_id')
            )
            SELECT coalesce(json_agg(one), '[]') FROM (
                SELECT 'rows' AS kind, '' AS value, coalesce(sum(rows), 0) AS rows FROM shards
                UNION ALL
                SELECT 'term', common.value, sum(common.share * rows)
                FROM known
                CROSS JOIN LATERAL unnest(most_common_elems::text::text[], most_common_elem_freqs)
                    AS common (value, share)
                WHERE attname = 'lexemes' AND common.value IS NOT NULL
                GROUP BY common.value
                UNION ALL
                SELECT 'space', common.value, sum(common.share * rows)
                FROM known
                CROSS JOIN LATERAL unnest(most_common_vals::text::text[], most_common_freqs) AS common (value, share)
                WHERE attname = 'space_id'
                GROUP BY common.value
            ) AS one
        $query$) AS told
        GROUP BY 1, 2
    ), total AS (
        SELECT coalesce(sum(counted.rows), 0) AS rows FROM counted WHERE counted.kind = 'rows'
    )
    SELECT 'rows', '', total.rows::real FROM total
    UNION ALL
    SELECT counted.kind, counted.value, (counted.rows / total.rows)::real
    FROM counted CROSS JOIN total
    WHERE counted.kind <> 'rows' AND total.rows > 0;
END
$$;

-- Return the indexes over vectors of spaces: each is one of a shard, on the node of its space.
CREATE OR REPLACE FUNCTION sage.vector_indexes_of_nodes() RETURNS TABLE (
    node text, port integer, name text, is_ready boolean, is_building boolean, own_vectors real, vectors real
) LANGUAGE sql AS $$
SELECT node, port, found ->> 'name', (found ->> 'is_ready')::boolean, (found ->> 'is_building')::boolean,
    (found ->> 'own_vectors')::real, (found ->> 'vectors')::real
FROM sage.rows_of_nodes($query$
    SELECT coalesce(json_agg(json_build_object(
        'name', pg_class.relname, 'is_ready', pg_index.indisvalid,
        'own_vectors', greatest(pg_class.reltuples, 0), 'vectors', shard.reltuples, 'is_building', EXISTS (
            SELECT FROM pg_stat_progress_create_index WHERE index_relid = pg_index.indexrelid
        )
    )), '[]')
    FROM pg_index
    JOIN pg_class ON pg_class.oid = pg_index.indexrelid
    JOIN pg_class AS shard ON shard.oid = pg_index.indrelid
    WHERE pg_class.relnamespace = 'sage'::regnamespace AND pg_class.relname LIKE 'embeddings\_hnsw\_%'
        AND shard.relname LIKE 'embeddings\_%'
$query$)
$$;

-- Return about how many vectors the largest space has that wants an index and has none, of the commonest that the nodes
-- know of, and their length.
CREATE OR REPLACE FUNCTION sage.largest_without_index(model smallint, fewest real, idle text[])
RETURNS TABLE (vectors bigint, dimensions integer) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    ready text[] := ARRAY(SELECT indexes.name FROM sage.vector_indexes_of_nodes() AS indexes WHERE is_ready);
    vector_length integer := (SELECT dimensions FROM sage.embedding_models WHERE model_id = model);
BEGIN
    RETURN QUERY
    SELECT round(told.vectors)::bigint, vector_length
    FROM (
        SELECT found ->> 'space_id' AS space_id, (found ->> 'vectors')::float8 AS vectors
        FROM sage.rows_of_nodes($query$
            SELECT coalesce(json_agg(one), '[]') FROM (
                SELECT common.space_id, common.share * reltuples AS vectors
                FROM pg_class
                JOIN pg_stats ON schemaname = 'sage' AND tablename = relname AND attname = 'space_id'
                CROSS JOIN LATERAL unnest(most_common_vals::text::text[], most_common_freqs) AS common (space_id, share)
                WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relname ~ '^embeddings_[0-9]+$'
                    AND reltuples > 0
                ORDER BY vectors DESC
                LIMIT 1000
            ) AS one
        $query$)
    ) AS told
    WHERE told.vectors > fewest AND told.space_id <> ALL (idle)
        AND format('embeddings_hnsw_%s_%s', model, md5(told.space_id)) <> ALL (ready)
    ORDER BY told.vectors DESC
    LIMIT 1;
END
$$;

-- Return which of some spaces have more than so many vectors of a model and no index over them: how many, how many
-- memories wait for theirs, what the index is to be called, and the shard that it is to be over, with its node. At most
-- so many, since there are no more indexes than that.
CREATE OR REPLACE FUNCTION sage.count_vectors(
    spaces text[], model smallint, fewest bigint, existing text[], most bigint
) RETURNS TABLE (space_id text, name text, vectors bigint, waiting bigint, shard text, node text, port integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    one text;
    index_name text;
    is_large boolean;
    counted bigint;
    queued bigint;
    number_of_shard bigint;
BEGIN
    FOREACH one IN ARRAY ARRAY(SELECT DISTINCT unnest(spaces) ORDER BY 1) LOOP
        CONTINUE WHEN NOT sage.is_within_reach(one);
        index_name := format('embeddings_hnsw_%s_%s', model, md5(one));
        CONTINUE WHEN index_name = ANY (existing) OR cardinality(existing) >= most;
        is_large := EXISTS (
            SELECT FROM sage.embeddings WHERE embeddings.space_id = one AND model_id = model OFFSET fewest
        );
        CONTINUE WHEN NOT is_large;
        SELECT count(*) INTO counted FROM sage.embeddings WHERE embeddings.space_id = one AND model_id = model;
        SELECT count(*) INTO queued FROM sage.embedding_queue
        WHERE embedding_queue.space_id = one AND failed_at IS NULL AND due_at < 'infinity';
        number_of_shard := get_shard_id_for_distribution_column('sage.embeddings', one);
        RETURN QUERY
        SELECT one, index_name, counted, queued, 'embeddings_' || number_of_shard, nodename::text, nodeport
        FROM pg_dist_placement
        JOIN pg_dist_node USING (groupid)
        WHERE shardid = number_of_shard AND noderole = 'primary';
    END LOOP;
END
$$;

-- Bring memories back, and queue those that are ranked and lack vectors of the active model: its lock is on the coordinator,
-- the rest on the node of the space.
CREATE OR REPLACE FUNCTION sage.restore_memories(space text, given_ids uuid[], session text, days integer)
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    active smallint := sage.lock_active_model(false);
    restored uuid[];
BEGIN
    SELECT brought INTO restored
    FROM sage.restore_memories_of_space(space, given_ids, session, days, active) AS brought;
    RETURN restored;
END
$$;

CREATE OR REPLACE FUNCTION sage.restore_memories_of_space(
    space text, given_ids uuid[], session text, days integer, active smallint
) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    restored uuid[];
    embedded uuid[];
    unranked uuid[];
BEGIN
    restored := ARRAY(
        SELECT memory_id FROM sage.memories
        WHERE space_id = space AND (memory_id = ANY (given_ids) OR session_id = session)
            AND forgotten_at >= now() - make_interval(days => days)
        ORDER BY memory_id
        FOR NO KEY UPDATE
    );
    UPDATE sage.memories SET forgotten_at = NULL, forgotten_by = NULL
    WHERE space_id = space AND memory_id = ANY (restored);
    embedded := ARRAY(
        SELECT memory_id FROM sage.embeddings
        WHERE space_id = space AND memory_id = ANY (restored) AND model_id = active
    );
    unranked := ARRAY(
        SELECT memory_id FROM sage.memory_classes
        WHERE space_id = space AND memory_id = ANY (restored) AND NOT sage.is_embedded(class, extent)
    );
    INSERT INTO sage.embedding_queue (space_id, memory_id)
    SELECT space, memory_id FROM unnest(restored) AS one (memory_id)
    WHERE memory_id <> ALL (embedded) AND memory_id <> ALL (unranked)
    ON CONFLICT (space_id, memory_id) DO UPDATE
    SET due_at = excluded.due_at, attempts = 0, deliveries = 0, failed_at = NULL, last_error = NULL;
    RETURN restored;
END
$$;


-- SEARCHES BY WHICH TWO DATABASES ARE COMPARED

CREATE OR REPLACE FUNCTION sage.sampled_answers() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    one record;
    words tsquery;
    by_words uuid[];
    by_meaning uuid[];
BEGIN
    FOR one IN
        SELECT memories.space_id, memories.memory_id, lexemes, embedding, model_id
        FROM sage.memories
        LEFT JOIN (
            SELECT space_id, memory_id, embedding, model_id
            FROM sage.embeddings
            JOIN sage.active_model USING (model_id)
            WHERE chunk = 0
        ) AS vectors ON vectors.space_id = memories.space_id AND vectors.memory_id = memories.memory_id
        WHERE forgotten_at IS NULL
        ORDER BY md5(memories.memory_id::text), memories.space_id COLLATE "C"
        LIMIT 10
    LOOP
        words := (
            SELECT string_agg(
                '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | '
            )::tsquery
            FROM (
                SELECT lexeme FROM unnest(one.lexemes) ORDER BY length(lexeme) DESC, lexeme COLLATE "C" LIMIT 3
            ) AS longest
        );
        by_words := ARRAY(
            SELECT memory_id FROM sage.memories
            WHERE space_id = one.space_id AND forgotten_at IS NULL AND lexemes @@ words
            ORDER BY ts_rank(lexemes, words) DESC, memory_id
            LIMIT 10
        );
        by_meaning := ARRAY(
            SELECT embeddings.memory_id FROM sage.embeddings
            JOIN sage.memories
                ON memories.space_id = embeddings.space_id AND memories.memory_id = embeddings.memory_id
            WHERE embeddings.space_id = one.space_id AND embeddings.model_id = one.model_id
                AND forgotten_at IS NULL
            GROUP BY embeddings.memory_id
            ORDER BY min(sage.vector_distance(embeddings.embedding, one.embedding)), embeddings.memory_id
            LIMIT 10
        );
        RETURN NEXT json_build_object(
            'asked', one.memory_id, 'by_words', by_words, 'by_meaning', by_meaning
        )::text;
    END LOOP;
END
$$;
