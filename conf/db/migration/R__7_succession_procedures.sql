-- Whose the tasks of a server are that cannot work through them: the coordinator takes the queue of a
-- dead one (SuccessionStore.take), and one that lives without workers gives its own away
-- (TaskStore.giveAway). Either way the heir adopts the terms, by R__4_queue_procedures.sql.
--
-- Locks are taken in this order: the epoch, one queue, that of its heir where it is given to one, its
-- terms, the rest; take_queue reads the heir's queue and does not lock it. Errors: 30001 the term is not
-- in force, 30004 the epoch is over.

DROP PROCEDURE IF EXISTS guard_epoch;
DROP PROCEDURE IF EXISTS look_for_death;
DROP PROCEDURE IF EXISTS take_queue;
DROP PROCEDURE IF EXISTS move_terms;
DROP PROCEDURE IF EXISTS give_away_queue;
-- Names of before.
DROP PROCEDURE IF EXISTS give_queue;
DELIMITER //

-- The fence of the coordinator: a locking read, until the end of what it orders.
CREATE PROCEDURE guard_epoch(IN p_epoch BIGINT, IN p_incarnation BIGINT)
BEGIN
  DECLARE v_epoch, v_incarnation BIGINT;
  DECLARE v_released BOOLEAN;
  DECLARE v_holder VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_text VARCHAR(128);
  SELECT epoch, incarnation, released, holder INTO v_epoch, v_incarnation, v_released, v_holder
  FROM epoch WHERE id = 1 FOR UPDATE;
  IF v_epoch <> p_epoch OR v_incarnation <> p_incarnation OR v_released THEN
    SET v_text = LEFT(CONCAT('epoch ', p_epoch, ' is over: ', v_holder,
        IF(v_released, ' has released epoch ', ' holds epoch '), v_epoch), 128);
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 30004, MESSAGE_TEXT = v_text;
  END IF;
END //

-- Why a server is dead, by evidence about itself; null while it lives. One without a lease has not
-- come to open its queue.
CREATE PROCEDURE look_for_death(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_silence BIGINT,
  OUT p_why VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  SET p_why = 'no lease';
  SELECT CASE
      WHEN released THEN 'released'
      WHEN renewed_at < UTC_TIMESTAMP(6) - INTERVAL p_silence MICROSECOND
        THEN CONCAT('silent for ', TIMESTAMPDIFF(MICROSECOND, renewed_at, UTC_TIMESTAMP(6)) DIV 1000, ' ms')
      WHEN IS_FREE_LOCK(CONCAT('batuta-', LOWER(HEX(incarnation)))) = 1 THEN 'disconnected'
      END
  INTO p_why
  FROM server_lease WHERE server = p_server;
END //

-- Under the epoch, the queue of a dead server gets a term that nobody works under, and its tasks get
-- an heir, who adopts them. Answers TAKEN, NOTHING, ALIVE or NO_HEIR.
CREATE PROCEDURE take_queue(
  IN p_epoch BIGINT, IN p_incarnation BIGINT,
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_heir VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_silence BIGINT)
taking: BEGIN
  DECLARE v_queues INT;
  DECLARE v_terms BIGINT;
  DECLARE v_heir VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_dead, v_heir_dead VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_epoch(p_epoch, p_incarnation);
  SELECT COUNT(*), MAX(heir) INTO v_queues, v_heir FROM queue WHERE server = p_server FOR UPDATE;
  IF v_queues = 0 OR v_heir IS NOT NULL THEN
    COMMIT;
    SELECT 'NOTHING' AS answer, COALESCE(v_heir, '') AS why, 0 AS terms;
    LEAVE taking;
  END IF;
  CALL look_for_death(p_server, p_silence, v_dead);
  IF v_dead IS NULL OR p_heir = p_server THEN
    COMMIT;
    SELECT 'ALIVE' AS answer, '' AS why, 0 AS terms;
    LEAVE taking;
  END IF;
  CALL look_for_death(p_heir, p_silence, v_heir_dead);
  SELECT COUNT(*) INTO v_queues FROM queue WHERE server = p_heir AND heir IS NULL;
  IF v_heir_dead IS NOT NULL OR v_queues = 0 THEN
    COMMIT;
    SELECT 'NO_HEIR' AS answer, COALESCE(v_heir_dead, 'no open queue') AS why, 0 AS terms;
    LEAVE taking;
  END IF;
  UPDATE queue SET heir = p_heir WHERE server = p_server;
  CALL move_terms(p_server, p_heir, v_terms);
  COMMIT;
  SELECT 'TAKEN' AS answer, v_dead AS why, v_terms AS terms;
END //

-- A queue that is locked gets a term that nobody works under, and all before it are the heir's.
CREATE PROCEDURE move_terms(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_heir VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, OUT p_terms BIGINT)
BEGIN
  DECLARE v_term BIGINT;
  INSERT INTO term (server, opened_at) VALUES (p_server, UTC_TIMESTAMP(3));
  SET v_term = LAST_INSERT_ID();
  UPDATE term SET settled_to = v_term << 32 | 4294967295, dispatched_to = v_term << 32, carrier = v_term
  WHERE term = v_term;
  UPDATE queue SET term = v_term WHERE server = p_server;
  UPDATE term SET server = p_heir WHERE server = p_server AND term <> v_term;
  SET p_terms = ROW_COUNT();
END //

-- Under its own term, the queue of a server that lives but has nobody to work: nothing is with a worker,
-- and its tasks get an heir, who adopts them. The queue has no heir: its server opens it again, and if
-- it dies before, the coordinator takes what is left. The lock on the heir's queue keeps that from being
-- taken away before the terms are there. Answers whether it was given.
CREATE PROCEDURE give_away_queue(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_heir VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_silence BIGINT)
BEGIN
  DECLARE v_queues INT;
  DECLARE v_terms BIGINT;
  DECLARE v_heir_dead VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  -- Alone: nothing may be accepted, or noted as dispatched, under this term any more.
  SELECT COUNT(*) INTO v_queues FROM queue WHERE server = p_server FOR UPDATE;
  CALL guard_term(p_server, p_term);
  SELECT COUNT(*) INTO v_queues FROM queue
  WHERE server = p_heir AND server <> p_server AND heir IS NULL LOCK IN SHARE MODE;
  CALL void_dispatched(p_server, p_term);
  CALL look_for_death(p_heir, p_silence, v_heir_dead);
  IF v_queues = 1 AND v_heir_dead IS NULL THEN
    CALL move_terms(p_server, p_heir, v_terms);
  END IF;
  COMMIT;
  SELECT v_queues = 1 AND v_heir_dead IS NULL AS given;
END //
DELIMITER ;
