package dev.batuta.database;

import java.nio.file.Path;

/**
 * A migrated MariaDB at an address of this machine that other network namespaces reach, which
 * remembers its epochs.
 */
public final class ReachableDatabase implements AutoCloseable {
  private final EmbeddedDatabase server;
  private final EpochHistory history;

  private ReachableDatabase(EmbeddedDatabase server, EpochHistory history) {
    this.server = server;
    this.history = history;
  }

  /** Starts one in a folder of its own. */
  public static ReachableDatabase start(Path folder, String host) {
    EmbeddedDatabase server = EmbeddedDatabase.start(folder, 0, host);
    try {
      Migrations.run(server.address());
      return new ReachableDatabase(server, EpochHistory.of(server.address()));
    } catch (RuntimeException why) {
      server.close();
      throw why;
    }
  }

  public DatabaseAddress address() {
    return server.address();
  }

  public EpochHistory history() {
    return history;
  }

  @Override
  public void close() {
    server.close();
  }
}
