-- Accounts and every change of them.

CREATE TABLE account (
  user      VARCHAR(64)   NOT NULL PRIMARY KEY,
  balance   DECIMAL(19,2) NOT NULL,
  overdraft DECIMAL(19,2) NOT NULL,
  entries   BIGINT        NOT NULL,               -- number of the last entry
  opened_at DATETIME(3)   NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A task changes an account once at most; changes of an account are numbered without gaps.
CREATE TABLE entry (
  task    BIGINT        NOT NULL,                 -- 0 is the opening balance
  user    VARCHAR(64)   NOT NULL,
  number  BIGINT        NOT NULL,
  amount  DECIMAL(20,2) NOT NULL,
  balance DECIMAL(19,2) NOT NULL,                 -- after it
  at      DATETIME(3)   NOT NULL,
  PRIMARY KEY (task, user),
  UNIQUE KEY entry_number (user, number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
