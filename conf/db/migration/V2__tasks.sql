-- Tasks are two row writes: one into task when it is accepted, one into outcome when it has ended.
-- An id is the term that accepted it << 32 | a counter, so ids are known before they are inserted
-- and both tables are appended to.

-- Terms of all servers, one sequence, so that no two servers ever have the same one.
CREATE TABLE term (
  term          BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
  server        VARCHAR(64) NOT NULL,             -- whose tasks these are
  opened_at     DATETIME(3) NOT NULL,
  dispatched_to BIGINT      NOT NULL DEFAULT 0,   -- tasks up to this id may have been dispatched
  settled_to    BIGINT      NOT NULL DEFAULT 0,   -- up to this id all have ended but the stragglers
  done          BIGINT      NOT NULL DEFAULT 0,   -- of those up to settled_to
  dead          BIGINT      NOT NULL DEFAULT 0,
  cancelled     BIGINT      NOT NULL DEFAULT 0,
  KEY term_server (server)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The term in force of each server: the fence. Whoever writes to the queue reads this row with a
-- lock, in the transaction in which it writes.
CREATE TABLE queue (
  server VARCHAR(64) NOT NULL PRIMARY KEY,
  term   BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE task (
  id           BIGINT      NOT NULL PRIMARY KEY,
  user         VARCHAR(64) NOT NULL,
  kind         VARCHAR(32) NOT NULL,
  payload      MEDIUMTEXT  NOT NULL,              -- JSON
  priority     TINYINT     NOT NULL,
  not_before   BIGINT      NOT NULL,              -- milliseconds since 1970, 0 for at once
  timeout      BIGINT      NOT NULL,              -- milliseconds for one attempt, 0 for none
  max_attempts INT         NOT NULL,
  created_at   DATETIME(3) NOT NULL,
  KEY task_user (user),
  KEY task_kind (kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE outcome (
  id          BIGINT        NOT NULL PRIMARY KEY,
  state       VARCHAR(9)    NOT NULL,             -- DONE, DEAD or CANCELLED
  attempt     INT           NOT NULL,
  worker      VARCHAR(64)   NULL,
  status      VARCHAR(3)    NULL,                 -- OK or NOK, of the ledger
  balance     DECIMAL(19,2) NULL,
  error       VARCHAR(500)  NULL,
  started_at  DATETIME(3)   NULL,
  finished_at DATETIME(3)   NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Only what went another way than accept, run, done. Without a row the next attempt is 1.
CREATE TABLE attempt (
  id      BIGINT       NOT NULL PRIMARY KEY,
  attempt INT          NOT NULL,                  -- the next run; of ended tasks the last
  state   VARCHAR(9)   NOT NULL,                  -- FAILED, then how it ended
  error   VARCHAR(500) NULL,
  at      DATETIME(3)  NOT NULL,
  KEY attempt_state (state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Tasks below settled_to of their term that had not ended when it was advanced.
CREATE TABLE straggler (
  id BIGINT NOT NULL PRIMARY KEY
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE idempotency_key (
  user       VARCHAR(64)  NOT NULL,
  name       VARCHAR(255) NOT NULL,
  digest     CHAR(64)     NOT NULL,               -- SHA-256 of what was submitted under it
  first_id   BIGINT       NOT NULL,
  tasks      INT          NOT NULL,
  created_at DATETIME(3)  NOT NULL,
  PRIMARY KEY (user, name),
  KEY idempotency_key_age (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
