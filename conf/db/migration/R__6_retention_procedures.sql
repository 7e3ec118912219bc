-- Finished tasks are deleted when they are old: in the order of their ids, a bounded number in each
-- transaction, of the terms that the term in force of a server has adopted. The shared fence keeps out
-- whoever locks the queue alone: an owner that gives up attempts or retries a task. Each is named after
-- the method of RetentionStore that calls it.
--
-- Only what has been counted is deleted: up to settled_to, how far a term is compacted, and no
-- straggler. Entries of the ledger stay, so nothing takes effect twice; and whoever executes or
-- completes a task up to forgotten_to looks whether it is there.

DROP PROCEDURE IF EXISTS forget_tasks;
DROP PROCEDURE IF EXISTS forget_stragglers;
DELIMITER //

-- From p_after on; answers how far it came, 0 at the end, and how many it deleted.
CREATE PROCEDURE forget_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_after BIGINT, IN p_keep_seconds BIGINT, IN p_limit INT)
BEGIN
  DECLARE v_term, v_old, v_settled, v_from, v_to, v_last, v_seen BIGINT;
  DECLARE v_deleted, v_highest, v_through BIGINT DEFAULT 0;
  DECLARE v_cutoff, v_oldest DATETIME(3);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT MAX(term) INTO v_term FROM queue WHERE server = p_server LOCK IN SHARE MODE;
  SELECT MIN(term) INTO v_old FROM term FORCE INDEX (term_server)
  WHERE server = p_server AND carrier = v_term AND (term << 32 | 4294967295) > p_after;
  IF v_old IS NOT NULL THEN
    SET v_last = v_old << 32 | 4294967295;
    SET v_from = GREATEST(p_after, v_old << 32);
    SET v_cutoff = UTC_TIMESTAMP(3) - INTERVAL p_keep_seconds SECOND;
    SELECT settled_to INTO v_settled FROM term WHERE term = v_old;
    SELECT COUNT(*), MAX(id), MIN(created_at) INTO v_seen, v_to, v_oldest
    FROM (SELECT id, created_at FROM task FORCE INDEX (PRIMARY)
        WHERE id > v_from AND id <= v_settled ORDER BY id LIMIT p_limit) page;
    -- Accepted in the order of their ids: after the first young one all are young.
    SET v_through = IF(v_seen < p_limit OR v_oldest >= v_cutoff, v_last, v_to);
    IF v_oldest < v_cutoff THEN
      SELECT COUNT(*), COALESCE(MAX(o.id), 0) INTO v_deleted, v_highest
      FROM outcome o FORCE INDEX (PRIMARY) LEFT JOIN straggler s FORCE INDEX (PRIMARY) ON s.id = o.id
      WHERE o.id > v_from AND o.id <= v_to AND o.finished_at < v_cutoff AND s.id IS NULL;
    END IF;
    IF v_deleted > 0 THEN
      DELETE o, t, a FROM outcome o FORCE INDEX (PRIMARY) STRAIGHT_JOIN task t FORCE INDEX (PRIMARY) ON t.id = o.id
          LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = o.id
          LEFT JOIN straggler s FORCE INDEX (PRIMARY) ON s.id = o.id
      WHERE o.id > v_from AND o.id <= v_to AND o.finished_at < v_cutoff AND s.id IS NULL;
      DELETE r FROM task_run r FORCE INDEX (PRIMARY)
      WHERE r.first_id > v_old << 32 AND r.first_id <= v_to
        AND NOT EXISTS (SELECT 1 FROM task t FORCE INDEX (PRIMARY) WHERE t.id BETWEEN r.first_id AND r.last_id);
      UPDATE term SET forgotten_to = GREATEST(forgotten_to, v_highest) WHERE term = v_term;
    END IF;
  END IF;
  COMMIT;
  SELECT v_through AS through, v_deleted AS deleted;
END //

-- Stragglers that have ended are counted, and stragglers no more; as above, of any age.
CREATE PROCEDURE forget_stragglers(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_after BIGINT, IN p_limit INT)
BEGIN
  DECLARE v_term, v_old, v_lock, v_from, v_to, v_last, v_seen BIGINT;
  DECLARE v_through, v_ended, v_done, v_dead, v_cancelled BIGINT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT MAX(term) INTO v_term FROM queue WHERE server = p_server LOCK IN SHARE MODE;
  SELECT MIN(term) INTO v_old FROM term FORCE INDEX (term_server)
  WHERE server = p_server AND carrier = v_term AND (term << 32 | 4294967295) > p_after;
  IF v_old IS NOT NULL THEN
    SET v_last = v_old << 32 | 4294967295;
    SET v_from = GREATEST(p_after, v_old << 32);
    -- Alone among those who move settled_to and count.
    SELECT term INTO v_lock FROM term WHERE term = v_old FOR UPDATE;
    SELECT COUNT(*), MAX(id) INTO v_seen, v_to
    FROM (SELECT id FROM straggler FORCE INDEX (PRIMARY)
        WHERE id > v_from AND id <= v_last ORDER BY id LIMIT p_limit) page;
    SET v_through = IF(v_seen < p_limit, v_last, v_to);
    -- By state, so that what is deleted is what is counted: others end while this goes on.
    DELETE s FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
    WHERE s.id > v_from AND s.id <= v_to AND o.state = 'DONE';
    SET v_done = ROW_COUNT();
    DELETE s FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
    WHERE s.id > v_from AND s.id <= v_to AND o.state = 'DEAD';
    SET v_dead = ROW_COUNT();
    DELETE s FROM straggler s FORCE INDEX (PRIMARY) STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
    WHERE s.id > v_from AND s.id <= v_to AND o.state = 'CANCELLED';
    SET v_cancelled = ROW_COUNT();
    SET v_ended = v_done + v_dead + v_cancelled;
    IF v_ended > 0 THEN
      UPDATE term SET done = done + v_done, dead = dead + v_dead, cancelled = cancelled + v_cancelled
      WHERE term = v_old;
    END IF;
  END IF;
  COMMIT;
  SELECT v_through AS through, v_ended AS deleted;
END //
DELIMITER ;
