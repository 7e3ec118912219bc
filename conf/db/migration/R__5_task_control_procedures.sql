-- What people decide about one task: cancel it, retry a dead one. Each is named after the method of
-- TaskStore that calls it: one transaction in one call, by the owner of the queue, guarded by its term,
-- that changes nothing when it is repeated.
--
-- Only tasks of the term in force, and of those that it has adopted, are the owner's to decide on: the
-- others are still being adopted, which counts and numbers them. owned says so.

DROP PROCEDURE IF EXISTS cancel_task;
DROP PROCEDURE IF EXISTS retry_task;
DELIMITER //

-- Whoever inserts the outcome first has decided: the key of outcome lets no second one in, and a
-- worker that comes later is refused with all that its transaction did for this task. So the shared
-- fence is enough, and no worker waits. Its attempt is read under it: who changes that locks alone.
CREATE PROCEDURE cancel_task(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_id BIGINT, IN p_why VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_owned, v_news INT DEFAULT 0;
  DECLARE v_now DATETIME(3);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SELECT COUNT(*) INTO v_owned FROM term WHERE term = p_id >> 32 AND server = p_server AND carrier = p_term;
  IF v_owned > 0 THEN
    SET v_now = UTC_TIMESTAMP(3);
    BEGIN
      DECLARE CONTINUE HANDLER FOR 1062 SET v_news = 0;
      SET v_news = 1;
      INSERT INTO outcome (id, state, attempt, error, finished_at)
      SELECT t.id, 'CANCELLED', COALESCE(a.attempt, 1), p_why, v_now
      FROM task t FORCE INDEX (PRIMARY) LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = t.id
      WHERE t.id = p_id;
    END;
    IF v_news > 0 THEN
      INSERT INTO attempt (id, attempt, state, error, at)
      SELECT o.id, o.attempt, o.state, o.error, v_now FROM outcome o WHERE o.id = p_id
      ON DUPLICATE KEY UPDATE attempt.state = VALUES(state), attempt.error = VALUES(error), attempt.at = VALUES(at);
    END IF;
  END IF;
  COMMIT;
  SELECT v_owned AS owned, v_news AS news, t.kind, o.state
  FROM (SELECT 1) one LEFT JOIN task t ON t.id = p_id LEFT JOIN outcome o ON o.id = t.id;
END //

-- p_attempt: the last attempt of the dead task, as whoever asks has read it. As attempts are never
-- counted anew, a repeat finds another one there, and gives no second round.
CREATE PROCEDURE retry_task(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_id BIGINT, IN p_attempt INT)
BEGIN
  DECLARE v_owned, v_news INT DEFAULT 0;
  DECLARE v_term, v_settled BIGINT;
  DECLARE v_round INT DEFAULT NULL;
  DECLARE v_error VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  -- Alone: a late result of the last attempt must not find its outcome gone and its number unchanged.
  SELECT MAX(term) INTO v_term FROM queue WHERE server = p_server FOR UPDATE;
  CALL guard_term(p_server, p_term);
  SELECT COUNT(*) INTO v_owned FROM term WHERE term = p_id >> 32 AND server = p_server AND carrier = p_term;
  IF v_owned > 0 THEN
    SELECT MAX(IF(a.round > 0, a.round, t.max_attempts)), MAX(o.error) INTO v_round, v_error
    FROM outcome o JOIN task t ON t.id = o.id LEFT JOIN attempt a ON a.id = o.id
    WHERE o.id = p_id AND o.state = 'DEAD' AND o.attempt = p_attempt;
  END IF;
  IF v_round IS NOT NULL THEN
    SET v_news = 1;
    UPDATE task SET max_attempts = p_attempt + v_round WHERE id = p_id;
    INSERT INTO attempt (id, attempt, state, error, at, round)
    VALUES (p_id, p_attempt + 1, 'FAILED', v_error, UTC_TIMESTAMP(3), v_round)
    ON DUPLICATE KEY UPDATE attempt.attempt = VALUES(attempt), attempt.state = VALUES(state),
        attempt.at = VALUES(at), attempt.round = VALUES(round);
    DELETE FROM outcome WHERE id = p_id;
    SELECT settled_to INTO v_settled FROM term WHERE term = p_id >> 32 FOR UPDATE;
    -- What is compacted is looked for among the stragglers. One that died as a straggler still is one,
    -- and has not been counted yet.
    IF p_id <= v_settled AND NOT EXISTS (SELECT 1 FROM straggler WHERE id = p_id) THEN
      INSERT INTO straggler (id) VALUES (p_id);
      UPDATE term SET dead = dead - 1 WHERE term = p_id >> 32;
    END IF;
  END IF;
  COMMIT;
  SELECT v_owned AS owned, v_news AS news, t.id, t.user, t.kind, t.payload, t.priority, t.not_before,
      t.timeout, t.max_attempts, t.created_at, t.traceparent, a.attempt AS next_attempt, o.state,
      COALESCE(o.attempt, a.attempt, 1) AS present_attempt
  FROM (SELECT 1) one LEFT JOIN task t ON t.id = p_id LEFT JOIN outcome o ON o.id = t.id
      LEFT JOIN attempt a ON a.id = t.id;
END //
DELIMITER ;
