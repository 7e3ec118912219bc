package dev.batuta.succession;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.IncarnationLock;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.EpochStore.Claim;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.succession.SuccessionStore.Answer;
import dev.batuta.succession.SuccessionStore.Taking;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class LeaseVerticleTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Test
  void aServerKeepsItsQueueWhileItRenewsAndLeavesItWhenItStops() {
    Server stopping = Server.of(DATABASE.database());
    Server heir = Server.of(DATABASE.database());
    String deployed =
        await(
            DATABASE
                .vertx()
                .deployVerticle(
                    new LeaseVerticle(stopping.leases(), stopping.name(), stopping.incarnation())));
    await(heir.leases().claim(heir.name(), heir.incarnation()));
    MySqlTaskStore tasks = new MySqlTaskStore(DATABASE.database());
    await(tasks.open(stopping.name()));
    await(tasks.open(heir.name()));
    MySqlEpochStore epochs = new MySqlEpochStore(DATABASE.database());
    long epoch = ((Claim.Won) await(epochs.claim("c", 9, 0))).epoch();
    SuccessionStore succession = new MySqlSuccessionStore(DATABASE.database(), Duration.ofHours(1));
    Supplier<Taking> take = () -> await(succession.take(epoch, 9, stopping.name(), heir.name()));

    DATABASE.execute("UPDATE server_lease SET renewed_at = renewed_at - INTERVAL 2 HOUR");
    await(heir.leases().renew(heir.name(), heir.incarnation()));
    // It renews: the age of its lease is no evidence any more.
    Awaitility.await()
        .until(
            () ->
                await(
                            DATABASE
                                .database()
                                .query(
                                    "SELECT COUNT(*) FROM server_lease"
                                        + " WHERE renewed_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR",
                                    io.vertx.sqlclient.Tuple.tuple()))
                        .iterator()
                        .next()
                        .getLong(0)
                    == 2);
    assertThat(take.get().answer()).isEqualTo(Answer.ALIVE);

    await(DATABASE.vertx().undeploy(deployed));
    assertThat(take.get()).isEqualTo(new Taking(Answer.TAKEN, "released", 1));
    await(stopping.lock().close());
    await(heir.lock().close());
    await(epochs.close());
  }

  @Test
  void itStaysOnItsOwnThreadWhereverTheStoreAnswers() {
    Elsewhere store = new Elsewhere();
    String deployed =
        await(DATABASE.vertx().deployVerticle(new LeaseVerticle(store, "server-1", 7)));
    Awaitility.await().until(() -> store.calls.contains("renew"));
    await(DATABASE.vertx().undeploy(deployed)); // though the release fails
    assertThat(store.calls).startsWith("claim", "claim", "renew").endsWith("release");
    assertThat(Set.copyOf(store.threads)).hasSize(1);
  }

  @Test
  void theLockOutlivesTheVerticleThatAskedForItFirst() {
    Server server = Server.of(DATABASE.database());
    String deployed =
        await(
            DATABASE
                .vertx()
                .deployVerticle(
                    new LeaseVerticle(server.leases(), server.name(), server.incarnation())));
    await(server.lock().hold(server.incarnation()));
    long connection = holder(server);
    await(DATABASE.vertx().undeploy(deployed));
    await(server.lock().hold(server.incarnation()));
    assertThat(holder(server)).isEqualTo(connection);
    await(server.lock().close());
  }

  private static long holder(Server server) {
    Tuple name = Tuple.of(IncarnationLock.name(server.incarnation()));
    Long holder =
        await(DATABASE.database().query("SELECT IS_USED_LOCK(?)", name))
            .iterator()
            .next()
            .getLong(0);
    assertThat(holder).isNotNull();
    return holder;
  }

  /** Answers on a thread of its own, as a connection does that another context uses first. */
  private static final class Elsewhere implements LeaseStore {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<Thread> threads = new CopyOnWriteArrayList<>();

    private <T> Future<T> answer(String call, Promise<T> promise, Runnable answer) {
      threads.add(Thread.currentThread());
      calls.add(call);
      Thread.ofPlatform().start(answer);
      return promise.future();
    }

    @Override
    public Future<Void> claim(String server, long incarnation) {
      Promise<Void> promise = Promise.promise();
      boolean again = calls.contains("claim");
      return answer(
          "claim", promise, again ? promise::complete : () -> promise.fail("not reached"));
    }

    @Override
    public Future<Boolean> renew(String server, long incarnation) {
      Promise<Boolean> promise = Promise.promise();
      return answer("renew", promise, () -> promise.complete(true));
    }

    @Override
    public Future<Boolean> release(String server, long incarnation) {
      Promise<Boolean> promise = Promise.promise();
      return answer("release", promise, () -> promise.fail("not reached"));
    }
  }
}
