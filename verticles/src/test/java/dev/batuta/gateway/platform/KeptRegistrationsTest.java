package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeptRegistrationsTest {
  /** What is carried out, and has no answer yet. */
  private final Deque<Promise<Void>> underWay = new ArrayDeque<>();

  private final List<String> carriedOut = new ArrayList<>();

  private final RegistrationStore store =
      new RegistrationStore() {
        @Override
        public Future<List<Registration>> all(String gateway, int most) {
          return Future.succeededFuture(List.of());
        }

        @Override
        public Future<Void> keep(String gateway, Registration kept) {
          return write("keep " + kept.worker() + " " + kept.port());
        }

        @Override
        public Future<Void> forget(String gateway, String worker) {
          return write("forget " + worker);
        }

        private Future<Void> write(String what) {
          carriedOut.add(what);
          Promise<Void> answer = Promise.promise();
          underWay.add(answer);
          return answer.future();
        }
      };

  private final KeptRegistrations kept = new KeptRegistrations(store, "g-1");

  private Future<Void> keep(String worker, int port) {
    return kept.keep(new Registration(worker, "::1", "::1", port));
  }

  private Promise<Void> first() {
    return Objects.requireNonNull(underWay.poll());
  }

  @Test
  void ofAWorkerTheLastThatIsWantedFollowsWhatIsUnderWay() {
    Future<Void> first = keep("a", 1);
    Future<Void> passedOver = kept.forget("a");
    Future<Void> last = keep("a", 2);
    assertThat(carriedOut).containsExactly("keep a 1");

    first().complete();
    assertThat(first.succeeded()).isTrue();
    assertThat(carriedOut).containsExactly("keep a 1", "keep a 2");
    assertThat(passedOver.isComplete()).isFalse();

    first().complete();
    assertThat(passedOver.succeeded() && last.succeeded()).isTrue();
    keep("a", 3);
    assertThat(carriedOut).endsWith("keep a 3");
  }

  @Test
  void whatFailsHoldsUpNothing() {
    Future<Void> failed = keep("a", 1);
    kept.forget("a");
    keep("b", 1);
    assertThat(carriedOut).containsExactly("keep a 1", "keep b 1");

    first().fail("away");
    assertThat(failed.failed()).isTrue();
    assertThat(carriedOut).endsWith("forget a");
  }
}
