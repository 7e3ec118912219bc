package dev.batuta.database;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationState;

/**
 * Brings the schema up to what this version needs, from {@code conf/db/migration}.
 *
 * <p>Blocking. Several processes may do it at once: they wait for each other.
 */
public final class Migrations {
  private Migrations() {}

  /**
   * Migrates.
   *
   * @return how many migrations were applied
   * @throws Refused UNAVAILABLE when the database is away, INVALID ({@code newer-schema}) when a
   *     newer version has been there before
   */
  public static int run(DatabaseAddress address) {
    try {
      Flyway flyway =
          Flyway.configure(Migrations.class.getClassLoader())
              .dataSource(address.jdbcUrl(), address.user(), address.password())
              .locations("classpath:conf/db/migration")
              .connectRetries(0)
              .load();
      refuseNewer(address, flyway);
      return flyway.migrate().migrationsExecuted;
    } catch (FlywayException why) {
      throw refused(address, why);
    }
  }

  private static void refuseNewer(DatabaseAddress address, Flyway flyway) {
    Arrays.stream(flyway.info().all())
        .filter(
            each ->
                each.getState() == MigrationState.FUTURE_SUCCESS
                    || each.getState() == MigrationState.FUTURE_FAILED)
        .map(each -> String.valueOf(each.getVersion()))
        .reduce((_, last) -> last)
        .ifPresent(
            version -> {
              throw new Refused(
                  Kind.INVALID,
                  "newer-schema",
                  "The database %s has schema version %s, which is newer than this Batuta: start the newer Batuta, or use another database."
                      .formatted(address, version));
            });
  }

  private static Refused refused(DatabaseAddress address, FlywayException why) {
    boolean away = false;
    String reason = firstLine(why);
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.sql.SQLNonTransientConnectionException
          || cause instanceof java.net.ConnectException) {
        away = true;
        reason = firstLine(cause);
      }
    }
    return away
        ? new Refused(
            Kind.UNAVAILABLE,
            "database-unreachable",
            "The database at %s:%d cannot be used (%s): see that it runs and that database.url is right."
                .formatted(address.host(), address.port(), reason))
        : new Refused(
            Kind.INTERNAL,
            "migration-failed",
            "The schema of %s could not be brought up to date: %s".formatted(address, reason));
  }

  private static String firstLine(Throwable why) {
    return String.valueOf(why.getMessage())
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("-"))
        .findFirst()
        .orElse(why.getClass().getSimpleName());
  }
}
