package dev.batuta.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.client.FakeServer.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFeedTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void aStreamThatEndsGoesOnAtAnotherServerBehindTheLastEventAndTheEndIsNoEvent(@TempDir Path home)
      throws IOException {
    String first =
        """
        event: messages
        id: i7
        data: {"text":"one"}

        event: end
        data: {"code":"feed-lost","detail":"It broke."}

        """;
    String then =
        """
        event: messages
        id: i8
        data: {"text":"two"}

        """;
    List<String> remarks = new CopyOnWriteArrayList<>();
    try (var broken = new FakeServer(asked -> new Reply(200, first));
        var whole = new FakeServer(asked -> new Reply(200, then))) {
      var store = new TokenStore(home.resolve("tokens.json"));
      var api =
          new Api(
              List.of(broken.url(), whole.url()),
              new TokenChoice("t", null, store, Optional.empty()));
      try (var feed = EventFeed.follow(api, "/events?types=messages", remarks::add)) {
        assertThat(feed.next(LONG).orElseThrow().data()).contains("one");
        assertThat(feed.next(LONG).orElseThrow().data()).contains("two");
      }
      assertThat(broken.asked).hasSize(1);
      assertThat(whole.asked.getFirst().lastEventId()).isEqualTo("i7");
      assertThat(remarks).contains("It broke.");
    }
  }
}
