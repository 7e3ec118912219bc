package dev.batuta.succession;

import dev.batuta.database.Database;
import dev.batuta.database.IncarnationLock;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** A run of the process of a server, as far as the database knows it. */
record Server(
    String name, long incarnation, IncarnationLock lock, LeaseStore leases, Database database) {

  static Server of(Database database) {
    return of("server-" + UUID.randomUUID(), database);
  }

  private static Server of(String name, Database database) {
    IncarnationLock lock = new IncarnationLock(database);
    return new Server(
        name,
        ThreadLocalRandom.current().nextLong(),
        lock,
        new MySqlLeaseStore(database, lock),
        database);
  }

  /** The same server in a new process. */
  Server again() {
    return of(name, database);
  }
}
