package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.gateway.zeromq.ForeignOp.InChannel;
import dev.batuta.gateway.zeromq.ForeignOp.Login;
import dev.batuta.gateway.zeromq.ForeignOp.NewChannel;
import dev.batuta.gateway.zeromq.ForeignOp.ToUser;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ForeignOpTest {
  private static final OptionalLong TIME = OptionalLong.of(1_700_000_000_000L);

  @Test
  void eachShapeIsReadUnderEitherOfItsNames() {
    assertThat(replicated("login", Map.of("username", "ana", "timestamp", 1_700_000_000L)))
        .isEqualTo(new Login("ana", TIME));
    assertThat(replicated("channel", Map.of("name", "geral", "timestamp", 1.7e9)))
        .isEqualTo(new NewChannel("geral", TIME));
    assertThat(replicated("channel", Map.of("channel", "geral")))
        .isEqualTo(new NewChannel("geral", OptionalLong.empty()));
    for (String user : new String[] {"user", "username"}) {
      assertThat(
              replicated(
                  "channel_message",
                  Map.of(user, "ana", "channel", "geral", "message", "oi", "timestamp", 1.7e12)))
          .isEqualTo(new InChannel("ana", "geral", "oi", TIME));
    }
    assertThat(replicated("user_message", Map.of("src", "ana", "dst", "bob", "message", "oi")))
        .isEqualTo(replicated("user_message", Map.of("from", "ana", "to", "bob", "message", "oi")));
  }

  @Test
  void onATopicTheNameIsTheTopic() {
    assertThat(published("geral", Map.of("user", "ana", "message", "oi")))
        .isEqualTo(new InChannel("ana", "geral", "oi", OptionalLong.empty()));
    assertThat(published("bob", Map.of("src", "ana", "dst", "bob", "message", "oi")))
        .isEqualTo(new ToUser("ana", "bob", "oi", OptionalLong.empty()));
    assertThatThrownBy(
            () -> published("news", Map.of("user", "ana", "channel", "geral", "message", "oi")))
        .hasMessageContaining("topic \"news\"");
    assertThatThrownBy(() -> replicated("vote", Map.of()))
        .hasMessageContaining("\"type\" is \"vote\"");
  }

  @Test
  void theyAreOneThatAreEqualInTypeNamesTextAndTime() {
    InChannel one = new InChannel("Ana", "geral", "oi", TIME);
    assertThat(one.identity())
        .isEqualTo(new InChannel("ana", " GERAL ", "oi", TIME).identity())
        .isNotEqualTo(new InChannel("ana", "geral", "oi!", TIME).identity())
        .isNotEqualTo(new InChannel("ana", "geral", "oi", OptionalLong.of(1)).identity())
        .isNotEqualTo(new ToUser("ana", "geral", "oi", TIME).identity());
    assertThat(new InChannel("ana", "geral", "oi", OptionalLong.empty()).identity()).isEmpty();
    assertThat(new Login("ana", TIME).identity())
        .isEqualTo(new Login("ANA", OptionalLong.empty()).identity());
  }

  private static ForeignOp replicated(String type, Map<String, ?> content) {
    return ForeignOp.replicated(
        LooseReader.read(StrictWriter.write(Map.of("type", type, "content", content))));
  }

  private static ForeignOp published(String topic, Map<String, ?> map) {
    return ForeignOp.published(topic, LooseReader.read(StrictWriter.write(map)));
  }
}
