package dev.batuta.identity;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * {@link SigningKeys} in MySQL or MariaDB. That a key is retired is said by the next one alone, so
 * a rotation is one insert, and two at once are two rotations.
 */
final class MySqlSigningKeys implements SigningKeys {
  private static final int KEY_BYTES = 32;
  private static final String SELECT =
      "SELECT id, secret, made_at, UTC_TIMESTAMP(3) FROM signing_key ORDER BY id";

  private final Database database;

  MySqlSigningKeys(Database database) {
    this.database = database;
  }

  /**
   * @param now by the database's clock
   */
  private record Ring(List<SigningKey> keys, Instant now) {}

  @Override
  public Future<List<SigningKey>> all() {
    return ring().map(Ring::keys);
  }

  private Future<Ring> ring() {
    return database
        .query(SELECT, Tuple.tuple())
        .compose(
            rows ->
                rows.size() > 0
                    ? Future.succeededFuture(rows)
                    : database
                        .update(
                            "INSERT INTO signing_key (id, secret, made_at)"
                                + " VALUES (?, ?, UTC_TIMESTAMP(3))"
                                + " ON DUPLICATE KEY UPDATE signing_key.id = signing_key.id",
                            Tuple.of(Integer.parseInt(SigningKey.FIRST), random()))
                        .compose(made -> database.query(SELECT, Tuple.tuple())))
        .map(MySqlSigningKeys::ring);
  }

  private static Ring ring(RowSet<Row> rows) {
    List<Row> all = new ArrayList<>();
    rows.forEach(all::add);
    List<SigningKey> keys = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Row row = all.get(i);
      keys.add(
          new SigningKey(
              Integer.toString(row.getInteger(0)),
              Bytes.owning(HexFormat.of().parseHex(row.getString(1))),
              instant(row, 2),
              i + 1 < all.size() ? Optional.of(instant(all.get(i + 1), 2)) : Optional.empty()));
    }
    return new Ring(List.copyOf(keys), instant(all.getFirst(), 3));
  }

  private static Instant instant(Row row, int column) {
    LocalDateTime utc = row.getLocalDateTime(column);
    return utc.toInstant(ZoneOffset.UTC);
  }

  @Override
  public Future<List<SigningKey>> rotate() {
    return ring()
        .compose(this::deleteExpired)
        .compose(
            kept ->
                kept < MAX_KEYS
                    ? database.update(
                        "INSERT INTO signing_key (secret, made_at) VALUES (?, UTC_TIMESTAMP(3))",
                        Tuple.of(random()))
                    : Future.failedFuture(tooMany()))
        .compose(made -> all());
  }

  /** How many are left. */
  private Future<Integer> deleteExpired(Ring ring) {
    List<SigningKey> expired =
        ring.keys().stream()
            .filter(key -> key.retiredAt().filter(at -> isOver(at, ring.now())).isPresent())
            .toList();
    int kept = ring.keys().size() - expired.size();
    return expired.isEmpty()
        ? Future.succeededFuture(kept)
        : database
            .update(
                "DELETE FROM signing_key WHERE id <= ?",
                Tuple.of(Integer.parseInt(expired.getLast().id())))
            .map(kept);
  }

  private static boolean isOver(Instant retiredAt, Instant now) {
    return retiredAt.plus(OVERLAP).isBefore(now);
  }

  private static Refused tooMany() {
    return Refused.busy(
        "too-many-keys",
        MAX_KEYS
            + " keys still have tokens that may not have expired; rotate when the oldest has none.",
        Duration.ofDays(1));
  }

  private static String random() {
    byte[] secret = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }
}
