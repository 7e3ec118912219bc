-- What LedgerStore.execute and create call. Executes QUERY, UPDATE and TRANSFER tasks: entries, balances
-- and outcomes in one transaction, guarded by the term of the queue and by the attempt of each task.
--
-- The client has added up what a batch does to each account: every balance on the way is
-- constant + factor * balance before, factor being 1, or 0 after a SET. The batch is harmless if
-- balance + least, the lowest after a withdrawal while the factor is 1, is within the overdraft, null
-- standing for nothing to check; if balance + p_most, the highest of all accounts, is in range; and if
-- nothing is withdrawn after a SET beyond what that set, which is the client's to see.
--
-- p_accounts are in the order of users, which is the order of locking.
--
-- execute_updates does first attempts of UPDATE tasks in the hope that all is well: accounts are
-- changed first, then entries written from what they became, and outcomes from these. It does nothing
-- and answers nothing if something is not well, and the client calls execute_tasks, which takes
-- everything: a harmless batch of existing accounts and new tasks in three statements, any other task
-- by task.
--
-- Indexes are forced: the statistics of a table that grows by thousands of rows a second are old, and
-- a scan of accounts would lock them all.

DROP PROCEDURE IF EXISTS execute_updates;
DROP PROCEDURE IF EXISTS execute_tasks;
DROP PROCEDURE IF EXISTS execute_one_by_one;
DROP PROCEDURE IF EXISTS create_account;
-- Names of before.
DROP PROCEDURE IF EXISTS execute_ledger;
DROP PROCEDURE IF EXISTS execute_ledger_one_by_one;
DROP PROCEDURE IF EXISTS open_account;
DELIMITER //

CREATE PROCEDURE execute_one_by_one(
  IN p_worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_tasks LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_now DATETIME(3))
BEGIN
  DECLARE v_end BOOLEAN DEFAULT FALSE;
  DECLARE v_id, v_entries, v_ended BIGINT;
  DECLARE v_attempt, v_present INT;
  DECLARE v_user, v_payee VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_operation VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_error VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_amount, v_balance, v_overdraft, v_next, v_payee_balance DECIMAL(22,2);
  DECLARE v_payee_entries BIGINT;
  DECLARE c_task CURSOR FOR
    SELECT j.id, j.attempt, j.user, j.operation, j.amount, j.error, j.payee, j.worker
    FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
        place FOR ORDINALITY,
        id BIGINT PATH '$[0]',
        attempt INT PATH '$[1]',
        user VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]',
        operation VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]',
        amount DECIMAL(20,2) PATH '$[4]',
        error VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[5]',
        payee VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[11]',
        worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[12]')) j
    WHERE j.operation <> 'CREDIT' ORDER BY j.place;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_end = TRUE;
  OPEN c_task;
  tasks: LOOP
    FETCH c_task INTO v_id, v_attempt, v_user, v_operation, v_amount, v_error, v_payee, v_worker;
    IF v_end THEN LEAVE tasks; END IF;
    SELECT COUNT(*) INTO v_ended FROM outcome WHERE id = v_id;
    SELECT COALESCE(MAX(attempt), 1) INTO v_present FROM attempt WHERE id = v_id;
    IF v_ended > 0 OR v_present <> v_attempt OR NOT EXISTS (SELECT 1 FROM task WHERE id = v_id) THEN
      ITERATE tasks;
    END IF;

    SELECT MAX(balance), MAX(overdraft), MAX(entries) INTO v_balance, v_overdraft, v_entries
    FROM account WHERE user = v_user FOR UPDATE;
    SET v_payee_balance = NULL;
    IF v_operation = 'TRANSFER' THEN
      SELECT MAX(balance), MAX(entries) INTO v_payee_balance, v_payee_entries
      FROM account WHERE user = v_payee FOR UPDATE;
    END IF;
    IF v_balance IS NULL THEN
      SET v_error = COALESCE(v_error, CONCAT('unknown user ', v_user));
    ELSEIF v_error IS NULL AND v_operation = 'TRANSFER' AND v_payee_balance IS NULL THEN
      SET v_error = CONCAT('unknown user ', v_payee);
    ELSEIF v_error IS NULL AND v_operation <> 'QUERY' THEN
      SET v_next = CASE v_operation WHEN 'SET' THEN v_amount WHEN 'DEPOSIT' THEN v_balance + v_amount
          ELSE v_balance - v_amount END;
      IF v_operation IN ('WITHDRAW', 'TRANSFER') AND v_next < -v_overdraft THEN
        SET v_error = CONCAT('insufficient funds: balance ', v_balance, ', overdraft ', v_overdraft,
            IF(v_operation = 'WITHDRAW', ', withdrawal ', ', transfer '), v_amount);
      ELSEIF v_payee_balance + v_amount > 99999999999999999.99 THEN
        SET v_error = CONCAT('the balance of ', v_payee, ' would be ', v_payee_balance + v_amount,
            ', above the limit of 99999999999999999.99');
      ELSEIF v_next > 99999999999999999.99 THEN
        SET v_error = CONCAT('the balance would be ', v_next, ', above the limit of 99999999999999999.99');
      ELSE
        UPDATE account SET balance = v_next, entries = v_entries + 1 WHERE user = v_user;
        INSERT INTO entry (task, user, number, amount, balance, at)
        VALUES (v_id, v_user, v_entries + 1, v_next - v_balance, v_next, p_now);
        SET v_balance = v_next;
        IF v_operation = 'TRANSFER' THEN
          SET v_next = v_payee_balance + v_amount;
          UPDATE account SET balance = v_next, entries = v_payee_entries + 1 WHERE user = v_payee;
          INSERT INTO entry (task, user, number, amount, balance, at)
          VALUES (v_id, v_payee, v_payee_entries + 1, v_amount, v_next, p_now);
        END IF;
      END IF;
    END IF;
    INSERT INTO outcome (id, state, attempt, worker, status, balance, error, started_at, finished_at)
    VALUES (v_id, 'DONE', v_attempt, COALESCE(v_worker, p_worker), IF(v_error IS NULL, 'OK', 'NOK'), v_balance, v_error, p_now, p_now);
  END LOOP;
  CLOSE c_task;
END //

-- p_accounts [user, constant, entries, factor (1), least (null)]; p_tasks [id - p_first, user, change,
-- constant, entries of the account in this batch that come after it (0), factor (1), change factor (0)]:
-- what stands in brackets may be left out. p_ids are id - p_first again, so that they are read at less
-- cost. Answers the balances in the order of ids, and the instant of all.
CREATE PROCEDURE execute_updates(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_accounts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_account_count INT,
  IN p_most DECIMAL(19,2),
  IN p_tasks LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_ids LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_first BIGINT, IN p_last BIGINT)
executing: BEGIN
  DECLARE v_now DATETIME(3);
  DECLARE EXIT HANDLER FOR 1062 ROLLBACK;   -- one that has an outcome
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  -- No attempt is given up meanwhile: that takes the fence alone.
  IF EXISTS (SELECT 1 FROM attempt WHERE id BETWEEN p_first AND p_last) THEN
    ROLLBACK;
    LEAVE executing;
  END IF;
  UPDATE JSON_TABLE(p_accounts, '$[*]' COLUMNS (
      user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]',
      constant DECIMAL(26,2) PATH '$[1]',
      entries INT PATH '$[2]',
      factor INT PATH '$[3]' DEFAULT '1' ON EMPTY,
      least DECIMAL(26,2) PATH '$[4]')) j
      STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user
  SET a.previous = a.balance, a.balance = j.constant + j.factor * a.balance, a.entries = a.entries + j.entries
  WHERE (j.least IS NULL OR a.balance + j.least >= -a.overdraft)
      AND a.balance + p_most <= 99999999999999999.99;
  -- Each that is there, and comes to no harm, is changed.
  IF ROW_COUNT() <> p_account_count THEN
    ROLLBACK;
    LEAVE executing;
  END IF;
  -- After the locks, so that instants are in the order of entries.
  SET v_now = UTC_TIMESTAMP(3);
  INSERT INTO entry (task, user, number, amount, balance, at)
  SELECT p_first + j.place, j.user, a.entries - j.later, j.change_constant + j.change_factor * a.previous,
      j.constant + j.factor * a.previous, v_now
  FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
      place BIGINT PATH '$[0]',
      user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]',
      change_constant DECIMAL(26,2) PATH '$[2]',
      constant DECIMAL(26,2) PATH '$[3]',
      later INT PATH '$[4]' DEFAULT '0' ON EMPTY,
      factor INT PATH '$[5]' DEFAULT '1' ON EMPTY,
      change_factor INT PATH '$[6]' DEFAULT '0' ON EMPTY)) j
      STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user;
  INSERT INTO outcome (id, state, attempt, worker, status, balance, error, started_at, finished_at)
  SELECT e.task, 'DONE', 1, p_worker, 'OK', e.balance, NULL, v_now, v_now
  FROM JSON_TABLE(p_ids, '$[*]' COLUMNS (place BIGINT PATH '$')) j
      STRAIGHT_JOIN entry e FORCE INDEX (PRIMARY) ON e.task = p_first + j.place;
  -- Were they without outcomes because these were deleted with their tasks? After the outcomes are in.
  IF p_first <= (SELECT forgotten_to FROM term WHERE term = p_term) THEN
    ROLLBACK;
    LEAVE executing;
  END IF;
  COMMIT;
  SELECT GROUP_CONCAT(o.balance ORDER BY o.id), v_now
  FROM JSON_TABLE(p_ids, '$[*]' COLUMNS (place BIGINT PATH '$')) j
      STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = p_first + j.place;
END //

-- p_accounts [user, least, constant, factor, entries]. p_tasks [id, attempt, user, operation, amount,
-- error, change, change factor, constant, factor, number, payee, worker (p_worker)]: the change and the balance after it;
-- number counts the entries of the account in this batch, 0 for none. A transfer is two rows:
-- TRANSFER, the payer's, whose balance is the result, and CREDIT, the payee's, which is a change but
-- not a task.
CREATE PROCEDURE execute_tasks(
  IN p_server VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_term BIGINT,
  IN p_worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_accounts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_account_count INT,
  IN p_most DECIMAL(19,2),
  IN p_tasks LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_retried BOOLEAN, IN p_one_by_one BOOLEAN)
BEGIN
  DECLARE v_now DATETIME(3);
  DECLARE v_found, v_harm, v_spent INT DEFAULT 0;
  DECLARE v_least BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  CALL guard_term(p_server, p_term);
  SELECT COUNT(*), COALESCE(SUM(COALESCE(a.balance + j.least < -a.overdraft, FALSE)
      OR a.balance + p_most > 99999999999999999.99), 0)
  INTO v_found, v_harm
  FROM JSON_TABLE(p_accounts, '$[*]' COLUMNS (
      user VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]',
      least DECIMAL(26,2) PATH '$[1]')) j
      STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user
  FOR UPDATE;
  -- After the locks: who waited for another's transaction sees what that one recorded.
  SET v_now = UTC_TIMESTAMP(3);
  SELECT SUM(o.id IS NOT NULL OR COALESCE(a.attempt, 1) <> j.attempt), MIN(j.id) INTO v_spent, v_least
  FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (id BIGINT PATH '$[0]', attempt INT PATH '$[1]')) j
      LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
      LEFT JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id;
  -- Were they without outcomes because these were deleted with their tasks? Then each is looked at.
  IF v_least <= (SELECT forgotten_to FROM term WHERE term = p_term) THEN SET v_spent = 1; END IF;

  IF p_one_by_one OR v_found < p_account_count OR v_harm > 0 OR v_spent > 0 THEN
    CALL execute_one_by_one(p_worker, p_tasks, v_now);
  ELSE
    INSERT INTO entry (task, user, number, amount, balance, at)
    SELECT j.id, j.user, a.entries + j.number, j.change_constant + j.change_factor * a.balance,
        j.constant + j.factor * a.balance, v_now
    FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
        id BIGINT PATH '$[0]',
        user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]',
        change_constant DECIMAL(26,2) PATH '$[6]',
        change_factor INT PATH '$[7]',
        constant DECIMAL(26,2) PATH '$[8]',
        factor INT PATH '$[9]',
        number INT PATH '$[10]')) j
        STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user
    WHERE j.number > 0;
    INSERT INTO outcome (id, state, attempt, worker, status, balance, error, started_at, finished_at)
    SELECT j.id, 'DONE', j.attempt, COALESCE(j.worker, p_worker), 'OK', j.constant + j.factor * a.balance, NULL, v_now, v_now
    FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
        id BIGINT PATH '$[0]',
        attempt INT PATH '$[1]',
        user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]',
        operation VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]',
        constant DECIMAL(26,2) PATH '$[8]',
        factor INT PATH '$[9]',
        worker VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[12]')) j
        STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user
    WHERE j.operation <> 'CREDIT';
    UPDATE JSON_TABLE(p_accounts, '$[*]' COLUMNS (
        user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]',
        constant DECIMAL(26,2) PATH '$[2]',
        factor INT PATH '$[3]',
        entries INT PATH '$[4]')) j
        STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.user = j.user
    SET a.balance = j.constant + j.factor * a.balance, a.entries = a.entries + j.entries
    WHERE j.entries > 0;
  END IF;
  IF p_retried THEN
    UPDATE JSON_TABLE(p_tasks, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) j
        STRAIGHT_JOIN attempt a FORCE INDEX (PRIMARY) ON a.id = j.id
        STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = a.id
    SET a.state = o.state;
  END IF;
  COMMIT;
  SELECT j.id, j.attempt, o.status, o.balance, o.error, o.started_at, o.finished_at
  FROM JSON_TABLE(p_tasks, '$[*]' COLUMNS (
      place FOR ORDINALITY, id BIGINT PATH '$[0]', attempt INT PATH '$[1]',
      operation VARCHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]')) j
      STRAIGHT_JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = j.id
  WHERE o.state = 'DONE' AND j.operation <> 'CREDIT';
END //

-- An account and its opening entry; an existing one is error 30003, and stays as it is.
CREATE PROCEDURE create_account(
  IN p_user VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  IN p_balance DECIMAL(19,2), IN p_overdraft DECIMAL(19,2))
BEGIN
  DECLARE v_now DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
  DECLARE EXIT HANDLER FOR 1062
  BEGIN
    ROLLBACK;
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 30003, MESSAGE_TEXT = 'the account exists';
  END;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  INSERT INTO account (user, balance, overdraft, entries, opened_at)
  VALUES (p_user, p_balance, p_overdraft, 1, v_now);
  INSERT INTO entry (task, user, number, amount, balance, at)
  VALUES (0, p_user, 1, p_balance, p_balance, v_now);
  COMMIT;
END //
DELIMITER ;
