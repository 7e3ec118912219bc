package dev.batuta.identity;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import dev.batuta.codec.Bytes;
import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link UserStore} in MySQL or MariaDB. Passwords are hashed on worker threads. */
public final class MySqlUserStore implements UserStore {

  /** Argon2id as OWASP recommends it: 19 MiB, 2 passes, 1 lane; about 50 ms. */
  private static final Argon2Function HASH =
      Argon2Function.getInstance(19 * 1024, 2, 1, 32, Argon2.ID);

  /** Of nothing: it is compared when there is no such user, so that both take the same time. */
  private static final String NOBODY =
      "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private static final Map<String, String> DEMO_PASSWORDS =
      Map.of("alice", "password1", "bob", "password2", "carol", "pwd3", "admin", "admin");

  private final Database database;

  public MySqlUserStore(Database database) {
    this.database = database;
  }

  @Override
  public Future<Optional<StoredUser>> find(String user) {
    return database
        .query("SELECT user, password_hash, roles FROM login WHERE user = ?", Tuple.of(user))
        .map(
            rows -> {
              var row = rows.iterator();
              return row.hasNext() ? Optional.of(stored(row.next())) : Optional.<StoredUser>empty();
            })
        // The database compares without blanks at the end.
        .map(found -> found.filter(stored -> stored.user().equals(user)));
  }

  private static StoredUser stored(Row row) {
    return new StoredUser(
        row.getString(0), row.getString(1), List.of(row.getString(2).split(",", -1)));
  }

  @Override
  public Future<Optional<StoredUser>> authenticate(String user, String password) {
    return find(user)
        .compose(
            found ->
                database
                    .vertx()
                    .executeBlocking(
                        () -> {
                          String hash = found.map(StoredUser::hash).orElse(NOBODY);
                          return Password.check(password, hash)
                              .with(Argon2Function.getInstanceFromHash(hash));
                        },
                        false)
                    .map(right -> right ? found : Optional.empty()));
  }

  @Override
  public Future<Void> put(String user, String password, List<String> roles) {
    return Future.succeededFuture(user)
        .map(given -> UserName.checked("user", given))
        .compose(kept -> hash(password))
        .compose(
            hash ->
                database.update(
                    """
                    INSERT INTO login (user, password_hash, roles, changed_at)
                    VALUES (?, ?, ?, UTC_TIMESTAMP(3))
                    ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash),
                        roles = VALUES(roles), changed_at = VALUES(changed_at)
                    """,
                    Tuple.of(user, hash, String.join(",", roles))))
        .mapEmpty();
  }

  private Future<String> hash(String password) {
    return database
        .vertx()
        .executeBlocking(
            () -> Password.hash(password).addRandomSalt(16).with(HASH).getResult(), false);
  }

  @Override
  public Future<SigningKey> signingKey() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    String select = "SELECT secret FROM signing_key WHERE id = 1";
    return database
        .query(select, Tuple.tuple())
        .compose(
            rows ->
                rows.size() > 0
                    ? Future.succeededFuture(rows)
                    : database
                        .update(
                            "INSERT INTO signing_key (id, secret, made_at)"
                                + " VALUES (1, ?, UTC_TIMESTAMP(3))"
                                + " ON DUPLICATE KEY UPDATE signing_key.id = signing_key.id",
                            Tuple.of(HexFormat.of().formatHex(random)))
                        .compose(_ -> database.query(select, Tuple.tuple())))
        .map(
            rows ->
                new SigningKey(
                    Bytes.owning(HexFormat.of().parseHex(rows.iterator().next().getString(0)))));
  }

  @Override
  public Future<Void> seedDemo() {
    return Future.all(DEMO_PASSWORDS.keySet().stream().map(this::seed).toList()).mapEmpty();
  }

  private Future<Void> seed(String user) {
    String role = user.equals("admin") ? "admin" : "user";
    return find(user)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture()
                    : hash(String.valueOf(DEMO_PASSWORDS.get(user)))
                        .compose(
                            hash ->
                                database.update(
                                    """
                                    INSERT INTO login (user, password_hash, roles, changed_at)
                                    VALUES (?, ?, ?, UTC_TIMESTAMP(3))
                                    ON DUPLICATE KEY UPDATE login.user = login.user
                                    """,
                                    Tuple.of(user, hash, role))))
        .mapEmpty();
  }
}
