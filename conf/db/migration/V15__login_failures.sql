-- Wrong passwords of the last minute, whichever node heard them: of a client for a user, of a client, and of a user.
CREATE TABLE login_failure (
  whose    VARBINARY(512) NOT NULL PRIMARY KEY,   -- "client user", "client" or " user": bytes are compared as they are
  failures INT            NOT NULL,
  since    DATETIME(3)    NOT NULL                -- of the first that counts
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- How often a user was given a password: a token that an older one gave is no good any more.
ALTER TABLE login
  ADD COLUMN password_number INT NOT NULL DEFAULT 1,
  ADD INDEX login_changed (changed_at);
