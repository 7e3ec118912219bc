package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.OTHER;
import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.deposit;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static dev.batuta.gateway.foreign.ForeignFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.codec.TaskMessage.WorkerView;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Many foreign workers on one server; {@link ForeignThroughput} measures them. */
class ManyWorkersTest {
  private static final int WORKERS = 60;
  private static final int TASKS = 3_000;

  @Test
  void togetherTheyDoEachTaskOnceAndWhenTheyAreGoneSoAreTheirPlaces() {
    try (ForeignFixture server = new ForeignFixture(new WorkerTimes(250, 2_000, 300, 10_000))) {
      List<Long> ids;
      try (Crowd crowd = Crowd.start(server.tcpPort(), WORKERS, false)) {
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(() -> server.farm().size() == crowd.size());
        assertThat(server.farm()).extracting(WorkerView::credits).containsOnly(1);
        ids = server.submit(IntStream.range(0, TASKS).mapToObj(this::task).toArray(Payload[]::new));
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(() -> server.counts().states().stream().noneMatch(ManyWorkersTest::isOpen));
      }
      assertThat(ids)
          .allSatisfy(
              id -> {
                assertThat(server.read(id).state()).isEqualTo(State.DONE);
                assertThat(server.read(id).attempt()).isEqualTo(1);
              });
      assertThat(server.changes(USER)).isEqualTo(TASKS / 3);
      assertThat(server.changes(OTHER)).isEqualTo(TASKS / 3);
      assertThat(server.audit().ok()).isTrue();
      Awaitility.await().atMost(ForeignFixture.LONG).until(() -> server.farm().isEmpty());
    }
  }

  private Payload task(int number) {
    return switch (number % 3) {
      case 0 -> query(USER);
      case 1 -> deposit(USER, "0.01");
      default -> set(OTHER, number + ".00");
    };
  }

  private static boolean isOpen(StateCount state) {
    return !state.state().isFinal() && state.count() > 0;
  }
}
