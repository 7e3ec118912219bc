package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PollingTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void itEndsWhenTheConditionHoldsAndThenLooksNoMore() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    ended(() -> looks.incrementAndGet() == 3, LONG);
    AtomicInteger later = new AtomicInteger();
    ended(() -> later.incrementAndGet() == 5, LONG);

    assertThat(looks).hasValue(3);
  }

  @Test
  void whatHoldsAlreadyIsNotWaitedFor() {
    assertThat(Polling.until(vertx, () -> true, LONG).succeeded()).isTrue();
  }

  @Test
  void itEndsWhenTheTimeIsOver() throws Exception {
    ended(() -> false, Duration.ofMillis(50));
  }

  private void ended(BooleanSupplier condition, Duration atMost) throws Exception {
    Future<Void> ended = Polling.until(vertx, condition, atMost);
    ended.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }
}
