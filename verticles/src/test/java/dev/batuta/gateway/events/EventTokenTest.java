package dev.batuta.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class EventTokenTest {

  @Property
  void aTokenReadsAsItWasWritten(
      @ForAll long incarnation,
      @ForAll long sequence,
      @ForAll @AlphaChars @StringLength(min = 1, max = 200) String messages) {
    EventToken token = new EventToken(incarnation, sequence, messages);

    assertThat(EventToken.decode(token.encode())).contains(token);
  }

  @Property
  void anyTextIsReadOrGivesNothing(@ForAll String text) {
    EventToken.decode(text).ifPresent(token -> assertThat(token.encode()).isNotEmpty());
  }

  @Test
  void aTokenFromBeforeTheFirstMessageHasNoPosition() {
    EventToken token = new EventToken(1, 2, null);

    assertThat(EventToken.decode(token.encode())).contains(token);
  }
}
