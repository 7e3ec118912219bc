package dev.batuta.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Requests;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.simulation.dispatch.Link;
import dev.batuta.simulation.dispatch.ModelLedgerStore;
import dev.batuta.simulation.dispatch.StoreModel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerTest {
  private final List<Message> sent = new ArrayList<>();
  private final List<Promise<?>> heartbeats = new ArrayList<>();
  private boolean reachable = true;
  private Duration registeredAfter = Duration.ZERO;

  @Test
  void whomNobodyReachesNeitherRegistersNorSaysThatItLives() {
    Worker worker = worker();
    reachable = false;
    worker.tick();
    assertThat(sent).isEmpty();

    reachable = true;
    worker.tick();
    assertThat(sent).singleElement().isInstanceOf(Register.class);
    worker.tick();
    assertThat(sent.getLast()).isInstanceOf(WorkerAlive.class);

    reachable = false;
    int before = sent.size();
    worker.tick();
    assertThat(sent).hasSize(before);
  }

  /** One that stood still would leave its master, for one to which it is not there either. */
  @Test
  void whomNobodyReachesConcludesNothingFromHeartbeatsWithoutAnAnswer() {
    Worker worker = worker();
    for (int beat = 0; beat < 4; beat++) {
      worker.tick();
    }
    reachable = false;
    int before = sent.size();
    List.copyOf(heartbeats).forEach(each -> each.fail("no answer"));
    assertThat(sent).hasSize(before);

    heartbeats.clear();
    reachable = true;
    for (int beat = 0; beat < 3; beat++) {
      worker.tick();
    }
    List.copyOf(heartbeats).forEach(each -> each.fail("no answer"));
    assertThat(sent.getLast()).isInstanceOf(Register.class);
  }

  /** Its old connections may work for a moment yet. */
  @Test
  void whomNobodyReachesRegistersNowhereWhenItHearsThatItIsRegisteredNoMore() {
    Worker worker = worker();
    worker.tick();
    worker.tick();
    reachable = false;
    int before = sent.size();
    heartbeats.forEach(each -> each.fail(new Refused(Kind.FENCED, "not-registered", "no more")));
    assertThat(sent).hasSize(before);

    reachable = true;
    worker.tick();
    assertThat(sent.getLast()).isInstanceOf(Register.class);
  }

  /** Its answers would all come too late, if each number were given up after a second. */
  @Test
  void aMasterThatNeedsSecondsForARegistrationIsServed() {
    registeredAfter = Duration.ofSeconds(4);
    Worker worker = worker();
    worker.tick();
    worker.tick();
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast()).isInstanceOf(WorkerAlive.class);
  }

  private <M> Future<M> pending(Promise<M> heartbeat) {
    heartbeats.add(heartbeat);
    return heartbeat.future();
  }

  private Worker worker() {
    Requests master =
        new Requests() {
          @Override
          public <M extends Message> Future<M> request(
              String address, Message message, Class<M> answer, Duration timeout) {
            sent.add(message);
            if (answer != Registered.class) {
              return pending(Promise.<M>promise());
            }
            return timeout.compareTo(registeredAfter) > 0
                ? Future.succeededFuture(answer.cast(new Registered("s1", 1, 1000)))
                : Future.failedFuture(new Refused(Kind.UNKNOWN, Requests.NO_ANSWER, "late"));
          }
        };
    return new Worker(
        new Turns(),
        master,
        new ModelLedgerStore(new StoreModel(), Link.INSTANT),
        WorkerSettings.of(
            "W1", "s1", 10, Duration.ofSeconds(1), () -> List.of("s1"), () -> reachable));
  }

  /** Everything happens at once, and nothing later. */
  private static final class Turns implements Timers {
    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public void after(long millis, Runnable action) {}

    @Override
    public void next(Runnable action) {
      action.run();
    }

    @Override
    public long random(long bound) {
      return 0;
    }
  }
}
