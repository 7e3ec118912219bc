-- The life of a task, each step named after the method of TaskStore that calls it: one transaction in
-- one call, guarded by the term of the queue. What a term goes through is drawn in package-info.java of
-- orchestrator/store.
-- Errors: 30001 the term is not in force, 30002 the key was used with another payload.
-- A row of a JSON parameter is an array; its positions are those of MySqlTaskStore.
-- settled_to of a term is how far it is compacted.

DROP PROCEDURE IF EXISTS guard_term;
DROP PROCEDURE IF EXISTS accept_tasks;
DROP PROCEDURE IF EXISTS accept_traced_tasks;
DROP PROCEDURE IF EXISTS note_dispatching;
DROP PROCEDURE IF EXISTS complete_tasks;
DROP PROCEDURE IF EXISTS complete_done;
DROP PROCEDURE IF EXISTS give_up_attempts;
DROP PROCEDURE IF EXISTS compact_tasks;
DROP PROCEDURE IF EXISTS submission_keys;
-- Names of before.
DROP PROCEDURE IF EXISTS settle_tasks;
DROP PROCEDURE IF EXISTS keys_of;
DELIMITER //

-- The fence: a locking read, because a plain SELECT would read an old term from its snapshot.
-- Shared, so that several workers of one queue commit side by side; who advances the term excludes them all.
CREATE PROCEDURE guard_term(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT)
BEGIN
  DECLARE v_term BIGINT DEFAULT 0;
  DECLARE v_text VARCHAR(128);
  SELECT COALESCE(MAX(term), 0) INTO v_term FROM queue WHERE server = p_server LOCK IN SHARE MODE;
  IF v_term <> p_term THEN
    SET v_text = LEFT(CONCAT('term ', p_term, ' of ', p_server, ' is over: ', v_term, ' is in force'), 128);
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 30001, MESSAGE_TEXT = v_text;
  END IF;
END //

-- Compacts ranges in which hardly anything is unended; the few become stragglers. Where a million ids
-- have come after a range, what is unended in it may be so for long, and these become stragglers
-- however many they are, one such range a call: they must not keep the ended ones from being deleted.
CREATE PROCEDURE compact_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT, IN p_through BIGINT)
BEGIN
  DECLARE v_from, v_to, v_unended, v_most, v_limit, v_done, v_dead, v_cancelled BIGINT;
  DECLARE v_range BIGINT DEFAULT 20000;
  DECLARE v_few BIGINT DEFAULT 200;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SELECT settled_to INTO v_from FROM term WHERE term = p_term FOR UPDATE;
  ranges: LOOP
    SET v_to = v_from + v_range;
    IF v_to > p_through THEN LEAVE ranges; END IF;
    SET v_most = IF(p_through - v_to < 1000000, v_few, v_range);
    SET v_limit = v_most + 1;
    SAVEPOINT before_range;
    INSERT INTO straggler (id)
    SELECT t.id FROM task t FORCE INDEX (PRIMARY) LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = t.id
    WHERE t.id > v_from AND t.id <= v_to AND o.id IS NULL LIMIT v_limit;
    SELECT COUNT(*) INTO v_unended FROM straggler WHERE id > v_from AND id <= v_to;
    IF v_unended > v_most THEN
      ROLLBACK TO SAVEPOINT before_range;
      LEAVE ranges;
    END IF;
    SELECT COALESCE(SUM(o.state = 'DONE'), 0), COALESCE(SUM(o.state = 'DEAD'), 0),
        COALESCE(SUM(o.state = 'CANCELLED'), 0)
    INTO v_done, v_dead, v_cancelled
    FROM outcome o FORCE INDEX (PRIMARY) LEFT JOIN straggler s FORCE INDEX (PRIMARY) ON s.id = o.id
    WHERE o.id > v_from AND o.id <= v_to AND s.id IS NULL;
    UPDATE term SET settled_to = v_to, done = done + v_done, dead = dead + v_dead,
        cancelled = cancelled + v_cancelled
    WHERE term = p_term;
    SET v_from = v_to;
    IF v_unended > v_few THEN LEAVE ranges; END IF;
  END LOOP;
  COMMIT;
END //

-- p_kind, p_priority, .., p_max_attempts: when they are the same for all, and p_tasks is an array of
-- payloads that are JSON objects. Else p_kind is null, and p_tasks an array of
-- [kind, payload, priority, not before, timeout, most attempts, traceparent], payloads being texts.
-- p_runs [first, last, kind]: as tasks are listed by user and kind, counted from 0.
-- p_traceparent: of all whose row has none; null for none.
CREATE PROCEDURE accept_traced_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_key VARBINARY(1020),
  IN p_digest CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_keep_seconds BIGINT,
  IN p_first BIGINT, IN p_count INT,
  IN p_kind VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_priority INT,
  IN p_not_before BIGINT, IN p_timeout BIGINT, IN p_max_attempts INT,
  IN p_runs LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_tasks LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin)
accepting: BEGIN
  DECLARE v_first, v_count, v_settled BIGINT DEFAULT NULL;
  DECLARE v_digest CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL;
  DECLARE v_now, v_created DATETIME(3) DEFAULT NULL;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SET v_now = UTC_TIMESTAMP(3);
  IF p_key IS NOT NULL THEN
    SELECT MAX(first_id), MAX(tasks), MAX(digest), MAX(created_at)
    INTO v_first, v_count, v_digest, v_created
    FROM idempotency_key WHERE user = p_user AND name = p_key FOR UPDATE;
    IF v_first IS NOT NULL AND v_created < v_now - INTERVAL p_keep_seconds SECOND THEN
      DELETE FROM idempotency_key WHERE user = p_user AND name = p_key;
      SET v_first = NULL;
    END IF;
    IF v_first IS NOT NULL THEN
      IF v_digest <> p_digest THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 30002, MESSAGE_TEXT = 'the key was used with another payload';
      END IF;
      COMMIT;
      SELECT v_first AS first_id, v_count AS tasks, TRUE AS repeated;
      LEAVE accepting;
    END IF;
    INSERT INTO idempotency_key (user, name, digest, first_id, tasks, created_at)
    VALUES (p_user, p_key, p_digest, p_first, p_count, v_now);
  ELSE
    -- An id is used once: if it is there, this very call has been committed before.
    SELECT MAX(id) INTO v_first FROM task WHERE id = p_first;
    IF v_first IS NOT NULL THEN
      COMMIT;
      SELECT p_first AS first_id, p_count AS tasks, TRUE AS repeated;
      LEAVE accepting;
    END IF;
  END IF;
  SELECT settled_to INTO v_settled FROM term WHERE term = p_term;
  IF p_first <= v_settled THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 30001, MESSAGE_TEXT = 'ids up to here are compacted: this submission came too late';
  END IF;
  IF p_kind IS NOT NULL THEN
    INSERT INTO task_run (first_id, last_id, user, kind)
    VALUES (p_first, p_first + p_count - 1, p_user, p_kind);
    INSERT INTO task (id, user, kind, payload, priority, not_before, timeout, max_attempts, created_at, traceparent)
    SELECT p_first + j.place - 1, p_user, p_kind, j.payload, p_priority, p_not_before, p_timeout, p_max_attempts, v_now,
        p_traceparent
    FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (place FOR ORDINALITY, payload JSON PATH '$')) j;
  ELSE
    INSERT INTO task_run (first_id, last_id, user, kind)
    SELECT p_first + j.first, p_first + j.last, p_user, j.kind
    FROM JSON_TABLE(p_runs, '$[*]' COLUMNS (
        first INT PATH '$[0]',
        last INT PATH '$[1]',
        kind VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]')) j;
    INSERT INTO task (id, user, kind, payload, priority, not_before, timeout, max_attempts, created_at, traceparent)
    SELECT p_first + j.place - 1, p_user, j.kind, j.payload, j.priority, j.not_before, j.timeout, j.max_attempts, v_now,
        COALESCE(j.traceparent, p_traceparent)
    FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
        place FOR ORDINALITY,
        kind VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]',
        payload MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]',
        priority INT PATH '$[2]',
        not_before BIGINT PATH '$[3]',
        timeout BIGINT PATH '$[4]',
        max_attempts INT PATH '$[5]',
        traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin PATH '$[6]')) j;
  END IF;
  COMMIT;
  SELECT p_first AS first_id, p_count AS tasks, FALSE AS repeated;
END //

-- As servers of the version before call it.
CREATE PROCEDURE accept_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_key VARBINARY(1020),
  IN p_digest CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_keep_seconds BIGINT,
  IN p_first BIGINT, IN p_count INT,
  IN p_kind VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_priority INT,
  IN p_not_before BIGINT, IN p_timeout BIGINT, IN p_max_attempts INT,
  IN p_runs LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_tasks LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  CALL accept_traced_tasks(p_server, p_term, p_user, p_key, p_digest, p_keep_seconds, p_first, p_count,
      p_kind, p_priority, p_not_before, p_timeout, p_max_attempts, p_runs, p_tasks, NULL);
END //

-- The keys of submissions that may have these ids, an array. Two looks into the index for a submission, or
-- for a gap between two, among them; a join by a range would read all keys before each of them.
CREATE PROCEDURE submission_keys(IN p_ids LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_id, v_first, v_next BIGINT DEFAULT NULL;
  DECLARE v_firsts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '';
  DECLARE v_over BOOLEAN DEFAULT FALSE;
  DECLARE c_id CURSOR FOR
    SELECT j.id FROM JSON_TABLE(p_ids, '$[*]' COLUMNS (id BIGINT PATH '$')) j ORDER BY j.id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_over = TRUE;
  OPEN c_id;
  ids: LOOP
    FETCH c_id INTO v_id;
    IF v_over THEN LEAVE ids; END IF;
    IF v_next IS NULL OR v_id >= v_next THEN
      SELECT MAX(first_id) INTO v_first FROM idempotency_key FORCE INDEX (idempotency_key_first)
      WHERE first_id <= v_id;
      SELECT COALESCE(MIN(first_id), 9223372036854775807) INTO v_next
      FROM idempotency_key FORCE INDEX (idempotency_key_first) WHERE first_id > v_id;
      IF v_first IS NOT NULL THEN
        SET v_firsts = CONCAT(v_firsts, IF(v_firsts = '', '', ','), v_first);
      END IF;
    END IF;
  END LOOP;
  CLOSE c_id;
  SELECT STRAIGHT_JOIN k.first_id, k.tasks, CONVERT(k.name USING utf8mb4) AS name
  FROM JSON_TABLE(CONCAT('[', v_firsts, ']'), '$[*]' COLUMNS (first_id BIGINT PATH '$')) j
      JOIN idempotency_key k FORCE INDEX (idempotency_key_first) ON k.first_id = j.first_id;
END //

-- p_scope, as dispatched_kind.kind holds it: the name of a special kind (one that not every worker takes);
-- '#9' for the tasks of priority 9 among the other kinds; null for all tasks of those.
CREATE PROCEDURE note_dispatching(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_scope VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_through BIGINT)
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  IF p_scope IS NULL THEN
    UPDATE term SET dispatched_to = GREATEST(dispatched_to, p_through)
    WHERE term = p_through >> 32 AND server = p_server;
  ELSE
    INSERT INTO dispatched_kind (term, kind, dispatched_to)
    SELECT term, p_scope, p_through FROM term WHERE term = p_through >> 32 AND server = p_server
    ON DUPLICATE KEY UPDATE dispatched_to = GREATEST(dispatched_kind.dispatched_to, VALUES(dispatched_to));
  END IF;
  COMMIT;
END //

-- p_retried: whether one of them has a row in attempt, or gets one because it is DEAD or CANCELLED.
CREATE PROCEDURE complete_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_outcomes LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_retried BOOLEAN)
BEGIN
  DECLARE v_now DATETIME(3);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SET v_now = UTC_TIMESTAMP(3);
  INSERT INTO outcome (id, state, attempt, worker, status, balance, error, started_at, finished_at, result)
  SELECT j.id, j.state, j.attempt, j.worker, j.status, j.balance, j.error,
      TIMESTAMPADD(MICROSECOND, j.started * 1000, '1970-01-01'), v_now, j.result
  FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (
      id BIGINT PATH '$[0]',
      attempt INT PATH '$[1]',
      state VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]',
      worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]',
      status VARCHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]',
      balance DECIMAL(19,2) PATH '$[5]',
      error VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[6]',
      started BIGINT PATH '$[7]',
      result MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[8]')) j
      STRAIGHT_JOIN task t FORCE INDEX (PRIMARY) ON t.id = j.id
      LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
  WHERE COALESCE(a.attempt, 1) = j.attempt
  ON DUPLICATE KEY UPDATE outcome.id = outcome.id;
  IF p_retried THEN
    INSERT INTO attempt (id, attempt, state, error, at)
    SELECT o.id, o.attempt, o.state, o.error, v_now
    FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (id BIGINT PATH '$[0]', attempt INT PATH '$[1]')) j
        JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id AND o.attempt = j.attempt
    WHERE o.attempt > 1 OR o.state <> 'DONE'
    ON DUPLICATE KEY UPDATE attempt.state = VALUES(state);
  END IF;
  COMMIT;
  SELECT j.id
  FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (
      id BIGINT PATH '$[0]',
      attempt INT PATH '$[1]',
      state VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]')) j
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
  WHERE o.id IS NULL OR o.attempt <> j.attempt OR o.state <> j.state;
END //

-- What nearly all completions are: DONE at attempt 1, without a result, by one worker.
-- p_outcomes [id, started], the ids being from p_first to p_last.
CREATE PROCEDURE complete_done(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_first BIGINT, IN p_last BIGINT,
  IN p_outcomes LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_now DATETIME(3);
  DECLARE v_plain BOOLEAN DEFAULT FALSE;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SET v_now = UTC_TIMESTAMP(3);
  SET v_plain = NOT EXISTS (SELECT 1 FROM attempt WHERE id BETWEEN p_first AND p_last)
      AND p_first > (SELECT forgotten_to FROM term WHERE term = p_term);
  IF v_plain THEN
    BEGIN
      DECLARE CONTINUE HANDLER FOR 1062 SET v_plain = FALSE;
      INSERT INTO outcome (id, state, attempt, worker, started_at, finished_at)
      SELECT j.id, 'DONE', 1, p_worker, TIMESTAMPADD(MICROSECOND, j.started * 1000, '1970-01-01'), v_now
      FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (id BIGINT PATH '$[0]', started BIGINT PATH '$[1]')) j;
    END;
  END IF;
  IF NOT v_plain THEN
    INSERT INTO outcome (id, state, attempt, worker, started_at, finished_at)
    SELECT j.id, 'DONE', 1, p_worker, TIMESTAMPADD(MICROSECOND, j.started * 1000, '1970-01-01'), v_now
    FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (id BIGINT PATH '$[0]', started BIGINT PATH '$[1]')) j
        STRAIGHT_JOIN task t FORCE INDEX (PRIMARY) ON t.id = j.id
        LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
    WHERE COALESCE(a.attempt, 1) = 1
    ON DUPLICATE KEY UPDATE outcome.id = outcome.id;
  END IF;
  COMMIT;
  IF NOT v_plain THEN
    SELECT j.id FROM JSON_TABLE(p_outcomes, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) j
        LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
    WHERE o.id IS NULL OR o.attempt <> 1 OR o.state <> 'DONE';
  END IF;
END //

CREATE PROCEDURE give_up_attempts(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_attempts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_term BIGINT;
  DECLARE v_now DATETIME(3);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  -- Alone: no worker may commit one of these attempts between the look at it and the commit here.
  SELECT MAX(term) INTO v_term FROM queue WHERE server = p_server FOR UPDATE;
  CALL guard_term(p_server, p_term);
  SET v_now = UTC_TIMESTAMP(3);
  INSERT INTO attempt (id, attempt, state, error, at)
  SELECT t.id, LEAST(j.attempt + 1, t.max_attempts), IF(j.attempt < t.max_attempts, 'FAILED', 'DEAD'),
      j.error, v_now
  FROM JSON_TABLE(p_attempts, '$[*]' COLUMNS (
      id BIGINT PATH '$[0]',
      attempt INT PATH '$[1]',
      error VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]')) j
      JOIN task t FORCE INDEX (PRIMARY) ON t.id = j.id
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
      LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
  WHERE o.id IS NULL AND COALESCE(a.attempt, 1) = j.attempt
  ON DUPLICATE KEY UPDATE attempt.attempt = VALUES(attempt), attempt.state = VALUES(state),
      attempt.error = VALUES(error), attempt.at = VALUES(at);
  INSERT INTO outcome (id, state, attempt, error, finished_at)
  SELECT a.id, 'DEAD', a.attempt, a.error, v_now
  FROM JSON_TABLE(p_attempts, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) j
      JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
  WHERE a.state = 'DEAD' AND o.id IS NULL;
  COMMIT;
  SELECT j.id, COALESCE(o.state, a.state, 'PENDING') AS state, COALESCE(o.attempt, a.attempt, 1) AS attempt
  FROM JSON_TABLE(p_attempts, '$[*]' COLUMNS (place FOR ORDINALITY, id BIGINT PATH '$[0]')) j
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
      LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
  ORDER BY j.place;
END //
DELIMITER ;
