package dev.batuta.node;

import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.Migrations;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.UserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.reference.MySqlRankStore;
import dev.batuta.reference.RankStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a database must hold before servers serve. What is there stays as it is; may be repeated,
 * and done by several servers at once.
 *
 * @param servers in the order of their ranks: on new data the first has rank 1
 * @param demo whether there are to be the users and accounts of the demonstration
 * @param adminPassword of the user {@code admin}, who is made, or gets it; empty leaves all users
 *     as they are
 */
public record Preparation(List<String> servers, boolean demo, String adminPassword) {
  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final String ADMIN = "admin";

  /** As a configuration has it. */
  public static Preparation of(NodeSettings settings) {
    return new Preparation(
        settings.get(Setting.CLUSTER_SERVERS),
        settings.get(Setting.PROFILE).equals("demo"),
        settings.get(Setting.ADMIN_PASSWORD));
  }

  /**
   * Brings the schema up to what this version needs, then does the rest.
   *
   * @param database at {@code address}
   */
  Future<Void> withSchema(Vertx vertx, DatabaseAddress address, Database database) {
    return vertx
        .executeBlocking(() -> Migrations.run(address), false)
        .recover(Preparation::allowNewerSchema)
        .compose(migrated -> fill(database));
  }

  /** A server of the version before may have to start again while others run the next one. */
  private static Future<Integer> allowNewerSchema(Throwable why) {
    if (why instanceof Refused refused && refused.failure().code().equals("newer-schema")) {
      LOG.atWarn().addKeyValue("why", why.getMessage()).log("the schema is used as it is");
      return Future.succeededFuture(0);
    }
    return Future.failedFuture(why);
  }

  /** Does all but the schema, which the database must have. */
  public Future<Void> fill(Database database) {
    return rank(new MySqlRankStore(database))
        .compose(ranked -> demo ? seed(database) : Future.succeededFuture())
        .compose(seeded -> setAdmin(new MySqlUserStore(database)));
  }

  /** Without its secret. */
  @Override
  public String toString() {
    return "Preparation[" + servers + ", demo " + demo + "]";
  }

  private Future<Void> rank(RankStore ranks) {
    Future<Void> ranked = Future.succeededFuture();
    for (String server : servers) {
      ranked = ranked.compose(before -> ranks.rank(server)).mapEmpty();
    }
    return ranked;
  }

  private static Future<Void> seed(Database database) {
    return new MySqlUserStore(database)
        .seedDemo()
        .compose(users -> new MySqlLedgerStore(database).seedDemo());
  }

  /** A password that is right already is not hashed anew. */
  private Future<Void> setAdmin(UserStore users) {
    if (adminPassword.isEmpty()) {
      return Future.succeededFuture();
    }
    return users
        .authenticate(ADMIN, adminPassword)
        .compose(
            known ->
                known.isPresent()
                    ? Future.succeededFuture()
                    : users.put(ADMIN, adminPassword, List.of("admin")).mapEmpty());
  }
}
