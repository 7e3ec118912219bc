package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StoppingTest {
  @Test
  void aStepThatThrowsOrFailsNeverKeepsBackTheNext() {
    List<String> taken = new ArrayList<>();
    Future<Void> stopped =
        Stopping.step("throws", StoppingTest::thrown)
            .compose(next -> Stopping.step("fails", () -> Future.failedFuture("no")))
            .compose(next -> Stopping.step("works", () -> Future.succeededFuture(taken.add("it"))));
    assertThat(stopped.succeeded()).isTrue();
    assertThat(taken).containsExactly("it");
  }

  private static Future<Void> thrown() {
    throw new IllegalStateException("not deployed");
  }
}
