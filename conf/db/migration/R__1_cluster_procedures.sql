-- A transaction reaches the database whole: one call, through to its COMMIT, so that a client that
-- is stopped in the middle holds no locks.

DROP PROCEDURE IF EXISTS give_rank;
DELIMITER //
CREATE PROCEDURE give_rank(IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_rank INT DEFAULT NULL;
  DECLARE v_lock INT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  SELECT MAX(server_number) INTO v_rank FROM server_rank WHERE server = p_server;
  IF v_rank IS NULL THEN
    START TRANSACTION;
    -- The row of the epoch stands for the cluster: ranks are given one at a time, without gaps.
    SELECT id INTO v_lock FROM epoch WHERE id = 1 FOR UPDATE;
    SELECT MAX(server_number) INTO v_rank FROM server_rank WHERE server = p_server;
    IF v_rank IS NULL THEN
      SELECT COALESCE(MAX(server_number), 0) + 1 INTO v_rank FROM server_rank;
      INSERT INTO server_rank (server, server_number, given_at)
      VALUES (p_server, v_rank, UTC_TIMESTAMP(3));
    END IF;
    COMMIT;
  END IF;
  SELECT v_rank AS server_number;
END //
DELIMITER ;
