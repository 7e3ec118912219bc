package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Timers;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.node.TestCluster;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Masters of other implementations at a server whose lending says nothing: it has no farm. */
class SilentLendingTest {
  private final TestCluster cluster = TestCluster.start("server-1");
  private final Later later = new Later();
  private final ForeignPeers peers =
      new ForeignPeers(
          later,
          cluster.node("server-1").bus(),
          new MasterLine(cluster.node("server-1").vertx(), Duration.ofSeconds(1)),
          List.of(),
          new OwnEndpoints(),
          new Borrowed(),
          () -> true);

  /** Time that passes when the test says so. */
  private static final class Later implements Timers {
    private record Due(long millis, Runnable action) {}

    private final List<Due> due = new ArrayList<>();
    private long now;

    @Override
    public long nowMillis() {
      return now;
    }

    @Override
    public void after(long millis, Runnable action) {
      due.add(new Due(now + millis, action));
    }

    @Override
    public void next(Runnable action) {
      after(0, action);
    }

    @Override
    public long random(long bound) {
      return 0;
    }

    void pass(long millis) {
      now += millis;
      List<Due> over = due.stream().filter(each -> each.millis() <= now).toList();
      due.removeAll(over);
      over.forEach(each -> each.action().run());
    }
  }

  /** A connection, and what was said on it. */
  private static final class Heard {
    private final List<JsonObject> all = new ArrayList<>();
    private final Talk talk =
        new Talk(
            1,
            Transport.TCP,
            "10.0.0.5",
            "10.0.0.1",
            new DoorCounts(),
            said -> all.add(new JsonObject(said)),
            () -> {},
            () -> true);

    List<String> responses() {
      return all.stream().map(each -> each.getString("RESPONSE")).toList();
    }
  }

  @AfterEach
  void closeAll() {
    cluster.close();
  }

  private Heard asks() {
    Heard heard = new Heard();
    peers.request(heard.talk, new Said.WorkerRequest("m3", 1, new Endpoint("10.0.0.5", 8_123)));
    return heard;
  }

  private Heard gives(String worker) {
    Heard heard = new Heard();
    peers.release(heard.talk, new Said.Release("m3", List.of(worker)));
    return heard;
  }

  @Test
  void eachRequestIsRefusedAndEachReleaseNotedBeforeItsSenderGivesUp() {
    Heard first = asks();
    later.pass(1_000);
    Heard second = asks();
    Heard release = gives("w-1");
    Heard again = gives("w-1");
    Heard other = gives("w-2");
    later.pass(3_000);
    assertThat(first.responses()).containsExactly("UNAVAILABLE");
    assertThat(second.responses()).isEmpty();
    later.pass(1_000);
    assertThat(first.responses()).hasSize(1);
    assertThat(second.responses()).containsExactly("UNAVAILABLE");
    assertThat(List.of(release, again, other))
        .allSatisfy(each -> assertThat(each.responses()).containsExactly("RELEASE_ACK"));
    assertThat(other.all.getFirst().getJsonArray("WORKERS_UUID")).containsExactly("w-2");
  }

  @Test
  void ofTooManyTheFirstIsAnsweredAtOnce() {
    Heard first = asks();
    for (int i = 1; i < Unanswered.MAX; i++) {
      asks();
    }
    assertThat(first.all).isEmpty();
    asks();
    assertThat(first.responses()).containsExactly("UNAVAILABLE");
  }
}
