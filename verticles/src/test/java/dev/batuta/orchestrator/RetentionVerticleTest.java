package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.orchestrator.store.RetentionStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When and how far {@link RetentionVerticle} sweeps; what a step deletes, the store decides. */
class RetentionVerticleTest {
  /** Of so many steps a chain of composed futures overflows the stack at its end. */
  private static final int STEPS = 4_000;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void aSweepOfThousandsOfStepsEndsAndAnotherFollows() throws InterruptedException {
    AtomicInteger steps = new AtomicInteger();
    CountDownLatch sweeps = new CountDownLatch(2);
    RetentionStore store =
        new RetentionStore() {
          @Override
          public Future<Step> forgetTasks(String server, long afterId, Duration keep, int limit) {
            steps.incrementAndGet();
            return Future.succeededFuture(new Step(afterId + 1 < STEPS ? afterId + 1 : 0, limit));
          }

          @Override
          public Future<Step> forgetStragglers(String server, long afterId, int limit) {
            return Future.succeededFuture(new Step(0, 0));
          }

          @Override
          public Future<Integer> forgetKeys(Duration keep, int limit) {
            sweeps.countDown();
            return Future.succeededFuture(0);
          }
        };

    Duration second = Duration.ofSeconds(1);
    vertx.deployVerticle(new RetentionVerticle(store, "server-1", second, second)).await();

    assertThat(sweeps.await(300, TimeUnit.SECONDS)).as("another sweep began").isTrue();
    assertThat(steps.get()).isGreaterThanOrEqualTo(STEPS);
  }
}
