-- A server opens its queue, and adopts the terms that are old in it: its own, and those that it was
-- given by R__7_succession_procedures.sql. Locks are taken in the order that stands there. Error: 30001
-- the term is not in force. open_queue_after, adopt_terms and note_drained are named after the methods of
-- TaskStore that call them; the other procedures are steps of these. package-info.java of
-- orchestrator/store draws what a term goes through.
--
-- A term is adopted in steps, each a transaction guarded by the term in force, so that no lock is held
-- for long however much there is, and a step that is done is done: settled_to (how far it is
-- compacted), dispatched_to, counted_to and carrier (the term that adopted it) say where the next one
-- goes on, whoever does it. Each looks at the carrier with a lock: one that was repeated and comes late
-- finds the term adopted, and leaves it alone. A call ends after some seconds, whatever is left:
-- millions of tasks take many.

DROP PROCEDURE IF EXISTS open_queue;
DROP PROCEDURE IF EXISTS open_queue_after;
DROP PROCEDURE IF EXISTS adopt_terms;
DROP PROCEDURE IF EXISTS adopt_until;
DROP PROCEDURE IF EXISTS adopt_empty_terms;
DROP PROCEDURE IF EXISTS compact_old_term;
DROP PROCEDURE IF EXISTS give_up_dispatched_scopes;
DROP PROCEDURE IF EXISTS give_up_dispatched;
DROP PROCEDURE IF EXISTS give_up_stragglers;
DROP PROCEDURE IF EXISTS count_stragglers;
DROP PROCEDURE IF EXISTS show_adopted;
DROP PROCEDURE IF EXISTS note_drained;
DROP PROCEDURE IF EXISTS void_dispatched;
-- Names of before.
DROP PROCEDURE IF EXISTS absorb_terms;
DROP PROCEDURE IF EXISTS absorb_empty_terms;
DROP PROCEDURE IF EXISTS absorb_term;
DROP PROCEDURE IF EXISTS show_absorbed;
DROP PROCEDURE IF EXISTS put_unended_aside;
DROP PROCEDURE IF EXISTS give_up_dispatched_kinds;
DROP PROCEDURE IF EXISTS drop_ended_stragglers;
DROP PROCEDURE IF EXISTS note_dispatching_kind;
DELIMITER //

-- A new term in force, which adopts those before it, or begins to.
-- p_last: the last term that who asks was given, 0 for none. Where the database has not come so far, it
-- was set back to a copy, or a replica that lacked the end has taken its place: which terms came after,
-- and whose ids clients and workers hold, nobody knows. The sequence goes on well beyond them.
CREATE PROCEDURE open_queue_after(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_last BIGINT)
BEGIN
  DECLARE v_term, v_highest BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  INSERT INTO queue (server, term) VALUES (p_server, 0) ON DUPLICATE KEY UPDATE heir = NULL;
  SELECT COALESCE(MAX(term), 0) INTO v_highest FROM term;
  IF v_highest < p_last THEN
    INSERT INTO term (term, server, opened_at) VALUES (p_last + 100000, p_server, UTC_TIMESTAMP(3));
    SET v_term = p_last + 100000;
  ELSE
    INSERT INTO term (server, opened_at) VALUES (p_server, UTC_TIMESTAMP(3));
    SET v_term = LAST_INSERT_ID();
  END IF;
  UPDATE term SET settled_to = v_term << 32, dispatched_to = v_term << 32, carrier = v_term WHERE term = v_term;
  UPDATE queue SET term = v_term WHERE server = p_server;
  -- Who opens a queue lives: an older silence is no evidence against it any more.
  UPDATE server_lease SET renewed_at = UTC_TIMESTAMP(6) WHERE server = p_server AND NOT released;
  COMMIT;
  CALL adopt_until(p_server, v_term, UTC_TIMESTAMP(6) + INTERVAL 10 SECOND);
  CALL show_adopted(p_server, v_term);
END //

-- As servers of the version before call it.
CREATE PROCEDURE open_queue(IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  CALL open_queue_after(p_server, 0);
END //

-- The term in force adopts what its server has been given, and goes on.
CREATE PROCEDURE adopt_terms(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  CALL adopt_until(p_server, p_term, UTC_TIMESTAMP(6) + INTERVAL 5 SECOND);
  CALL show_adopted(p_server, p_term);
END //

-- The term in force first; with each, how many are left to be adopted.
CREATE PROCEDURE show_adopted(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  SELECT term, pending, failed, done, dead, cancelled,
      (SELECT COUNT(*) FROM term l FORCE INDEX (term_server) WHERE l.server = p_server AND l.carrier <> p_term) AS unadopted
  FROM term FORCE INDEX (term_server)
  WHERE server = p_server AND carrier = p_term
  ORDER BY term = p_term DESC, term;
END //

CREATE PROCEDURE adopt_until(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_until DATETIME(6))
BEGIN
  DECLARE v_old BIGINT;
  DECLARE v_last BIGINT DEFAULT 0;
  CALL adopt_empty_terms(p_server, p_term);
  -- Of terms that are through, nothing has to be known any more.
  DELETE d FROM dispatched_kind d STRAIGHT_JOIN term m FORCE INDEX (PRIMARY) ON m.term = d.term
  WHERE m.server = p_server AND m.carrier = p_term AND m.term <> p_term
    AND NOT EXISTS (SELECT 1 FROM straggler s FORCE INDEX (PRIMARY)
        WHERE s.id > d.term << 32 AND s.id <= d.term << 32 | 4294967295);
  terms: LOOP
    SELECT MIN(term) INTO v_old FROM term FORCE INDEX (term_server)
    WHERE server = p_server AND carrier <> p_term AND term > v_last;
    IF v_old IS NULL OR UTC_TIMESTAMP(6) >= p_until THEN LEAVE terms; END IF;
    CALL compact_old_term(p_server, p_term, v_old, p_until);
    CALL give_up_dispatched_scopes(p_server, p_term, v_old, p_until);
    CALL give_up_dispatched(p_server, p_term, v_old, p_until);
    CALL count_stragglers(p_server, p_term, v_old, p_until);
    SET v_last = v_old;
  END LOOP;
END //

-- Those of which nothing is left, at once: all has ended, is counted, and none is a straggler. So it
-- stays, as only compact_old_term makes stragglers of an old term, on the way to its last id.
CREATE PROCEDURE adopt_empty_terms(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  DECLARE v_adopted INT DEFAULT 1;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  WHILE v_adopted > 0 DO
    START TRANSACTION;
    CALL guard_term(p_server, p_term);
    UPDATE term SET pending = 0, failed = 0, carrier = p_term
    WHERE server = p_server AND carrier <> p_term AND settled_to >= term << 32 | 4294967295
      AND dispatched_to <= term << 32
      AND NOT EXISTS (SELECT 1 FROM straggler s FORCE INDEX (PRIMARY)
          WHERE s.id > term << 32 AND s.id <= term << 32 | 4294967295)
    LIMIT 1000;
    SET v_adopted = ROW_COUNT();
    COMMIT;
  END WHILE;
END //

-- The last step of each term: those that have ended since they became stragglers are none any more, all
-- are counted, and the term is adopted. Not before the other three have come to their end.
CREATE PROCEDURE count_stragglers(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_old BIGINT,
  IN p_until DATETIME(6))
BEGIN
  DECLARE v_first BIGINT DEFAULT p_old << 32;
  DECLARE v_last BIGINT DEFAULT p_old << 32 | 4294967295;
  DECLARE v_from, v_to, v_by, v_settled, v_dispatched BIGINT;
  DECLARE v_done, v_dead, v_cancelled, v_pending, v_failed BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  ranges: LOOP
    START TRANSACTION;
    CALL guard_term(p_server, p_term);
    SELECT MAX(counted_by), MAX(counted_to), MAX(settled_to), MAX(dispatched_to)
    INTO v_by, v_from, v_settled, v_dispatched
    FROM term WHERE term = p_old AND carrier <> p_term FOR UPDATE;
    IF v_by IS NULL OR v_settled < v_last OR v_dispatched > v_first
        OR EXISTS (SELECT 1 FROM dispatched_kind WHERE term = p_old) OR UTC_TIMESTAMP(6) >= p_until THEN
      COMMIT;
      LEAVE ranges;
    END IF;
    IF v_by <> p_term THEN
      SET v_from = v_first;
      UPDATE term SET counted_by = p_term, counted_to = v_first, pending = 0, failed = 0 WHERE term = p_old;
    END IF;
    SET v_to = COALESCE((SELECT id FROM straggler FORCE INDEX (PRIMARY)
        WHERE id > v_from AND id <= v_last ORDER BY id LIMIT 1 OFFSET 20000), v_last);
    SELECT COALESCE(SUM(o.state = 'DONE'), 0), COALESCE(SUM(o.state = 'DEAD'), 0),
        COALESCE(SUM(o.state = 'CANCELLED'), 0), COALESCE(SUM(o.id IS NULL AND a.id IS NULL), 0),
        COALESCE(SUM(o.id IS NULL AND a.id IS NOT NULL), 0)
    INTO v_done, v_dead, v_cancelled, v_pending, v_failed
    FROM straggler s FORCE INDEX (PRIMARY) LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
        LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = s.id
    WHERE s.id > v_from AND s.id <= v_to;
    IF v_done + v_dead + v_cancelled > 0 THEN
      DELETE s FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
      WHERE s.id > v_from AND s.id <= v_to;
    END IF;
    UPDATE term SET done = done + v_done, dead = dead + v_dead, cancelled = cancelled + v_cancelled,
        pending = pending + v_pending, failed = failed + v_failed, counted_to = v_to,
        carrier = IF(v_to >= v_last, p_term, carrier)
    WHERE term = p_old;
    COMMIT;
  END LOOP;
END //

-- The first step of each term: compacts it to its last id, whatever is unended in it; that becomes
-- stragglers.
CREATE PROCEDURE compact_old_term(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_old BIGINT,
  IN p_until DATETIME(6))
BEGIN
  DECLARE v_from BIGINT DEFAULT 0;
  DECLARE v_last BIGINT DEFAULT p_old << 32 | 4294967295;
  DECLARE v_to, v_done, v_dead, v_cancelled BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  ranges: LOOP
    START TRANSACTION;
    CALL guard_term(p_server, p_term);
    SELECT COALESCE(MAX(settled_to), v_last) INTO v_from
    FROM term WHERE term = p_old AND carrier <> p_term FOR UPDATE;
    IF v_from >= v_last OR UTC_TIMESTAMP(6) >= p_until THEN
      COMMIT;
      LEAVE ranges;
    END IF;
    SET v_to = COALESCE((SELECT id FROM task FORCE INDEX (PRIMARY)
        WHERE id > v_from AND id <= v_last ORDER BY id LIMIT 1 OFFSET 20000), v_last);
    INSERT INTO straggler (id)
    SELECT t.id FROM task t FORCE INDEX (PRIMARY) LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = t.id
    WHERE t.id > v_from AND t.id <= v_to AND o.id IS NULL;
    SELECT COALESCE(SUM(o.state = 'DONE'), 0), COALESCE(SUM(o.state = 'DEAD'), 0),
        COALESCE(SUM(o.state = 'CANCELLED'), 0)
    INTO v_done, v_dead, v_cancelled
    FROM outcome o FORCE INDEX (PRIMARY) WHERE o.id > v_from AND o.id <= v_to;
    UPDATE term SET settled_to = v_to, done = done + v_done, dead = dead + v_dead,
        cancelled = cancelled + v_cancelled
    WHERE term = p_old;
    COMMIT;
  END LOOP;
END //

-- Attempts that may run somewhere are over, once all that has not ended is a straggler: first of each
-- special kind, and of each priority of the others ('#9') beyond what give_up_dispatched gives up, lest
-- one pays twice; see p_scope of note_dispatching. From the highest id down: dispatched_to goes along.
CREATE PROCEDURE give_up_dispatched_scopes(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_old BIGINT,
  IN p_until DATETIME(6))
BEGIN
  DECLARE v_first, v_to, v_common BIGINT;
  DECLARE v_terms INT;
  DECLARE v_scope VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  ranges: LOOP
    START TRANSACTION;
    CALL guard_term(p_server, p_term);
    SELECT COUNT(*), MAX(dispatched_to) INTO v_terms, v_common FROM term
    WHERE term = p_old AND carrier <> p_term AND settled_to >= p_old << 32 | 4294967295 FOR UPDATE;
    SELECT MIN(kind) INTO v_scope FROM dispatched_kind WHERE term = p_old;
    IF v_terms = 0 OR v_scope IS NULL OR UTC_TIMESTAMP(6) >= p_until THEN
      COMMIT;
      LEAVE ranges;
    END IF;
    SELECT dispatched_to INTO v_to FROM dispatched_kind WHERE term = p_old AND kind = v_scope FOR UPDATE;
    SET v_first = IF(v_scope LIKE '#%', GREATEST(v_common, p_old << 32), p_old << 32);
    CALL give_up_stragglers(v_first, v_scope, v_to);
    IF v_to > v_first THEN
      UPDATE dispatched_kind SET dispatched_to = v_to WHERE term = p_old AND kind = v_scope;
    ELSE
      DELETE FROM dispatched_kind WHERE term = p_old AND kind = v_scope;
    END IF;
    COMMIT;
  END LOOP;
END //

-- After these the same for all tasks of the other kinds, of whatever priority.
CREATE PROCEDURE give_up_dispatched(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_old BIGINT,
  IN p_until DATETIME(6))
BEGIN
  DECLARE v_first BIGINT DEFAULT p_old << 32;
  DECLARE v_to, v_settled BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  ranges: LOOP
    START TRANSACTION;
    CALL guard_term(p_server, p_term);
    SELECT COALESCE(MAX(dispatched_to), 0), MAX(settled_to) INTO v_to, v_settled
    FROM term WHERE term = p_old AND carrier <> p_term FOR UPDATE;
    IF v_to <= v_first OR v_settled < (v_first | 4294967295)
        OR EXISTS (SELECT 1 FROM dispatched_kind WHERE term = p_old) OR UTC_TIMESTAMP(6) >= p_until THEN
      COMMIT;
      LEAVE ranges;
    END IF;
    CALL give_up_stragglers(v_first, NULL, v_to);
    UPDATE term SET dispatched_to = v_to WHERE term = p_old;
    COMMIT;
  END LOOP;
END //

-- One range of these two: of the stragglers of a scope the last ones up to p_to, which goes down to
-- where the next range goes on, at last p_first.
CREATE PROCEDURE give_up_stragglers(
  IN p_first BIGINT, IN p_scope VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, INOUT p_to BIGINT)
BEGIN
  DECLARE v_now DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
  -- What is to begin later has not begun, whatever the clock of the server that is gone said.
  DECLARE v_came BIGINT DEFAULT 1000 * (UNIX_TIMESTAMP() + 60);
  DECLARE v_from BIGINT DEFAULT COALESCE((SELECT id FROM straggler FORCE INDEX (PRIMARY)
      WHERE id > p_first AND id <= p_to ORDER BY id DESC LIMIT 1 OFFSET 20000), p_first);
  INSERT INTO attempt (id, attempt, state, error, at)
  SELECT t.id, LEAST(COALESCE(a.attempt, 1) + 1, t.max_attempts),
      IF(COALESCE(a.attempt, 1) < t.max_attempts, 'FAILED', 'DEAD'), 'the server that ran it is gone', v_now
  FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN task t FORCE INDEX (PRIMARY) ON t.id = s.id
      LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = s.id
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
  WHERE s.id > v_from AND s.id <= p_to AND o.id IS NULL AND t.not_before < v_came
    AND (t.kind = p_scope OR (COALESCE(p_scope, CONCAT('#', t.priority)) = CONCAT('#', t.priority)
        AND t.kind IN ('QUERY', 'UPDATE', 'TRANSFER', 'COMPUTE')))
  ON DUPLICATE KEY UPDATE attempt.attempt = VALUES(attempt), attempt.state = VALUES(state),
      attempt.error = VALUES(error), attempt.at = VALUES(at);
  INSERT INTO outcome (id, state, attempt, error, finished_at)
  SELECT s.id, 'DEAD', a.attempt, a.error, v_now
  FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = s.id
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
  WHERE s.id > v_from AND s.id <= p_to AND a.state = 'DEAD' AND o.id IS NULL;
  SET p_to = v_from;
END //

-- Nothing that was dispatched under this term is outstanding, nor will more be: the next one gives
-- nothing up. Terms that wait to be adopted keep what they have.
CREATE PROCEDURE note_drained(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  CALL void_dispatched(p_server, p_term);
  COMMIT;
END //

CREATE PROCEDURE void_dispatched(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  UPDATE term SET dispatched_to = term << 32
  WHERE server = p_server AND carrier = p_term AND dispatched_to > term << 32;
  DELETE d FROM dispatched_kind d STRAIGHT_JOIN term m FORCE INDEX (PRIMARY) ON m.term = d.term
  WHERE m.server = p_server AND m.carrier = p_term;
END //
DELIMITER ;
