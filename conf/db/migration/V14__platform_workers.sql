-- Workers of the task platform, by the gateway where they registered: one that goes on with its heartbeats after a restart of
-- that gateway is known again, and where it listens.
CREATE TABLE platform_worker (
  gateway VARCHAR(64)    NOT NULL,
  worker  VARBINARY(256) NOT NULL,                -- its id: bytes are compared as they are
  sender  VARCHAR(64)    NOT NULL,                -- the address that it speaks from
  host    VARCHAR(64)    NOT NULL,                -- the address where it listens
  port    INT            NOT NULL,
  PRIMARY KEY (gateway, worker)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
