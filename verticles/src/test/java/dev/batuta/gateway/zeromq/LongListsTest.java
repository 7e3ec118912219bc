package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.zeromq.MessagingServices.Most;
import dev.batuta.gateway.zeromq.Service.Request;
import dev.batuta.identity.Caller;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** An answer that has not all says so. */
class LongListsTest extends ZeroMqCalls {
  @Test
  void historiesAndListsSayWhetherThereIsMore() {
    services.ask("channel", Map.of("channel", "long"));
    for (int i = 1; i <= 3; i++) {
      publish("ana", "long", "said " + i);
      tell("ana", "bob", "told " + i);
    }
    Map<String, Object> channel = Map.of("channel", "long");
    Map<String, Object> pair = Map.of("user1", "bob", "user2", "ana");
    assertThat(answer(new Most(2, 2), "history", channel))
        .containsEntry("truncated", true)
        .extractingByKey("messages")
        .asString()
        .contains("said 2", "said 3")
        .doesNotContain("said 1");
    assertThat(answer(new Most(2, 2), "private_history", pair)).containsEntry("truncated", true);
    assertThat(answer(new Most(2, 2), "users", Map.of()))
        .containsEntry("users", List.of("ana", "bob"))
        .containsEntry("truncated", true);
    assertThat(answer(new Most(2, 1), "channels", Map.of()))
        .containsEntry("channels", List.of("geral"))
        .containsEntry("users", List.of("geral"))
        .containsEntry("truncated", true);
    Most enough = new Most(3, 3);
    assertThat(answer(enough, "history", channel)).doesNotContainKey("truncated");
    assertThat(answer(enough, "private_history", pair)).doesNotContainKey("truncated");
    assertThat(answer(enough, "users", Map.of()))
        .containsEntry("users", List.of("ana", "bob", "eva"))
        .doesNotContainKey("truncated");
    assertThat(answer(enough, "channels", Map.of())).doesNotContainKey("truncated");
  }

  @Test
  void aHistoryOfFewLongMessagesSaysItToo() {
    services.ask("channel", Map.of("channel", "verbose"));
    assertThat(services.ask("history", Map.of("channel", "verbose")).containsKey("truncated"))
        .isFalse();
    for (int i = 0; i < 20; i++) {
      publish("ana", "verbose", "x".repeat(60_000));
    }
    assertThat(services.ask("history", Map.of("channel", "verbose")).getBoolean("truncated"))
        .isTrue();
  }

  private Map<String, Object> answer(Most most, String service, Map<String, Object> asked) {
    ChatService chat = fixture.server().gateway().services().chat();
    Caller door = Caller.ofDoor("zeromq");
    ForeignOps foreign = new ForeignOps(chat, door, System::currentTimeMillis, new SeenOps());
    MessagingServices services =
        new MessagingServices(chat, door, foreign, System::currentTimeMillis, most);
    LooseMap data = LooseReader.read(StrictWriter.write(asked));
    return await(
        Objects.requireNonNull(services.all().get(service)).answer(new Request(data, data)));
  }
}
