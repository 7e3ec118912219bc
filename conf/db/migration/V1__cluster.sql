-- What a cluster knows of its servers, its coordinator and its users.

-- Ranks are 1, 2, 3, .. in the order of first asking, never changed and never reused.
CREATE TABLE server_rank (
  server        VARCHAR(64) NOT NULL PRIMARY KEY,
  server_number INT         NOT NULL UNIQUE,
  given_at      DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row: who holds the baton. Times are the clock of the database.
CREATE TABLE epoch (
  id          TINYINT     NOT NULL PRIMARY KEY,
  epoch       BIGINT      NOT NULL,
  holder      VARCHAR(64) NOT NULL,
  incarnation BIGINT      NOT NULL,
  released    BOOLEAN     NOT NULL,
  renewed_at  DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO epoch (id, epoch, holder, incarnation, released, renewed_at)
VALUES (1, 0, '', 0, TRUE, '1970-01-01 00:00:01');

-- Users with passwords. Messaging names are another thing, and live elsewhere.
CREATE TABLE login (
  user          VARCHAR(64)  NOT NULL PRIMARY KEY,
  password_hash VARCHAR(255) NOT NULL,
  roles         VARCHAR(255) NOT NULL,
  changed_at    DATETIME(3)  NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One row: the secret that signs tokens, in hexadecimal.
CREATE TABLE signing_key (
  id      TINYINT  NOT NULL PRIMARY KEY,
  secret  CHAR(64) NOT NULL,
  made_at DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
