package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.events.EventToken;
import org.junit.jupiter.api.Test;

class MessageTextsTest {
  private static final EventToken PLACE = new EventToken(1, 2, "here");

  private final MessageTexts texts = new MessageTexts();

  @Test
  void streamsAtOnePlaceShareATextAndOneElsewhereHasItsOwnId() {
    Posted message = message("tutti");
    String text = texts.of(message, PLACE);
    assertThat(text)
        .startsWith("event: messages\nid: " + PLACE.encode() + "\ndata: {")
        .contains("\"text\":\"tutti\"")
        .endsWith("}\n\n");
    assertThat(texts.of(message, new EventToken(1, 2, "here"))).isSameAs(text);

    EventToken elsewhere = new EventToken(1, 3, "there");
    assertThat(texts.of(message, elsewhere))
        .isEqualTo(text.replace(PLACE.encode(), elsewhere.encode()));
  }

  @Test
  void noMessageGetsTheTextOfAnotherHoweverManyThereAre() {
    for (int each = 0; each < 10_000; each++) {
      assertThat(texts.of(message("m" + each), PLACE)).contains("\"text\":\"m" + each + "\"");
    }
  }

  private static Posted message(String text) {
    return new Posted("id", "orchestra", null, "ana", text, 1, 1, "server-1");
  }
}
