-- To be run once on a database that was restored from a copy, or on a replica that took its place without having every
-- commit, before any server starts on it. What was given after the copy was made is nowhere known, so everything that is
-- given once only goes on well beyond it: epochs, and the terms that ids of tasks begin with.

UPDATE epoch SET epoch = epoch + 100000, released = TRUE;

INSERT INTO term (term, server, opened_at)
SELECT COALESCE(MAX(term), 0) + 100000, '', UTC_TIMESTAMP(3) FROM term;
DELETE FROM term WHERE server = '';

-- Passwords and users that were changed since are as before: nobody may come in by a token of any time. All log in again.
DELETE FROM signing_key;

-- Copies come without the procedures, whose owner may be unknown here: the first server that starts makes them anew.
DELETE FROM flyway_schema_history WHERE version IS NULL AND type = 'SQL';
