package dev.batuta.database;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of a process once that the database is away, and once that it is back, whichever of its
 * components notices first; those need not say so themselves, however often they try again. One
 * connection that was cut is no outage: nothing is said before nothing was answered for a while.
 * Safe for use from any thread.
 */
final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  /** So long after a first failure without any answer another failure is an outage. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private final String where;
  private final LongSupplier nanos;

  // Guarded by this.
  private @Nullable Instant since;
  private long sinceNanos;
  private boolean said;

  /** Whether nothing has failed since the last answer; read without a lock for each statement. */
  private volatile boolean answering = true;

  /**
   * @param where the database, for people
   * @param nanos a clock that never runs back
   */
  Outage(String where, LongSupplier nanos) {
    this.where = where;
    this.nanos = nanos;
  }

  /** Something was asked, and the database did not answer. */
  synchronized void unanswered(String why) {
    long now = nanos.getAsLong();
    if (since == null) {
      since = Instant.now();
      sinceNanos = now;
      answering = false;
    } else if (!said && now - sinceNanos >= PATIENCE_NANOS) {
      said = true;
      LOG.atWarn()
          .addKeyValue("database", where)
          .addKeyValue("since", since)
          .addKeyValue("why", why)
          .log("the database is away, what needs it waits and tries again");
    }
  }

  /** The database answered, be it with a refusal. */
  void answered() {
    if (!answering) {
      over();
    }
  }

  private synchronized void over() {
    if (said) {
      LOG.atWarn()
          .addKeyValue("database", where)
          .addKeyValue("since", since)
          .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - sinceNanos))
          .log("the database is back");
    }
    since = null;
    said = false;
    answering = true;
  }
}
