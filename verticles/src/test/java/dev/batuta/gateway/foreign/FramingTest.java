package dev.batuta.gateway.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.foreign.Framing.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FramingTest {
  private final Framing framing = framing(200, 32);

  private static Framing framing(int maxBytes, int maxDepth) {
    return new Framing(maxBytes, maxDepth, new HeldBytes(maxBytes).share());
  }

  private List<String> take(String text) {
    return shown(framing.take(text.getBytes(UTF_8)));
  }

  private static List<String> shown(List<Piece> pieces) {
    return pieces.stream()
        .map(
            piece ->
                switch (piece) {
                  case Piece.Text(String json) -> json;
                  case Piece.Flaw(Framing.Fault fault) -> "! " + fault;
                })
        .toList();
  }

  @Test
  void anObjectIsAMessageWithAndWithoutANewline() {
    assertThat(take("{\"a\":1}")).containsExactly("{\"a\":1}");
    assertThat(framing.sawNewline()).isFalse();
    assertThat(take("\n{\"a\":{\"b\":[2]}}\r\n {}")).containsExactly("{\"a\":{\"b\":[2]}}", "{}");
    assertThat(framing.sawNewline()).isTrue();
  }

  @Test
  void theEndOfATextInCIsNoMessage() {
    assertThat(take("{\"a\":1}\0{\"b\":2}\0\0\n{}\0"))
        .containsExactly("{\"a\":1}", "{\"b\":2}", "{}");
    assertThat(take("{\0}\n")).as("within an object it is for the reader").containsExactly("{\0}");
  }

  @Test
  void bracesAndQuotesInTextsEndNothing() {
    String tricky = "{\"a\":\"}\\\"}{\",\"ç\":\"\\\\\"}";
    assertThat(take(tricky + tricky)).containsExactly(tricky, tricky);
  }

  @Test
  void oneThatSpansLinesIsOneMessage() {
    assertThat(take("{\n  \"a\": {\n \"b\": 1 },\n \"c\": [\n{\"d\":1}]\n}\n")).hasSize(1);
  }

  @Test
  void oneThatIsBrokenOffIsNoticedWhereTheNextBegins() {
    assertThat(take("{\"a\":{\"b\":1}\n{\"c\":2}\n")).containsExactly("! MALFORMED", "{\"c\":2}");
    assertThat(take("{\"a\":\"b\n{\"c\":2}\n")).containsExactly("! MALFORMED", "{\"c\":2}");
  }

  @Test
  void otherBytesAreNoMessageUpToTheEndOfTheirLine() {
    assertThat(take("GET / HTTP/1.1 {}\r\n{\"a\":1}\n"))
        .containsExactly("! MALFORMED", "{\"a\":1}");
  }

  @Test
  void whatIsTooLargeOrTooDeepIsRefusedAndTheNextLineRead() {
    assertThat(take("{\"a\":\"" + "x".repeat(300) + "\"}\n{}\n"))
        .containsExactly("! TOO_LARGE", "{}");
    assertThat(take("{\"a\":" + "[".repeat(40) + "\n{}\n")).containsExactly("! TOO_COMPLEX", "{}");
    assertThat(framing.isWithin()).isFalse();
  }

  @Property(tries = 500)
  void howTheBytesAreCutMakesNoDifference(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String alphabet = "{{}}[]\"\\:,\n ax1";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(200); i > 0; i--) {
      text.append(
          random.nextInt(6) == 0
              ? "{\"WORKER\":\"ALIVE\"}"
              : String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))));
    }
    byte[] all = text.toString().getBytes(UTF_8);
    List<String> whole = shown(framing(60, 5).take(all));
    Framing cut = framing(60, 5);
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < all.length; ) {
      int end = Math.min(all.length, at + 1 + random.nextInt(7));
      pieces.addAll(shown(cut.take(Arrays.copyOfRange(all, at, end))));
      at = end;
    }
    assertThat(pieces).isEqualTo(whole);
  }

  @Property(tries = 500)
  void afterAnyBytesAndANewLineAMessageIsReadInTime(@ForAll byte[] noise) {
    Framing after = framing(60, 5);
    after.take(noise);
    List<String> heard = new ArrayList<>();
    for (int i = 0; i < 20 && !heard.contains("{\"a\":1}"); i++) {
      heard.addAll(shown(after.take("\n{\"a\":1}\n".getBytes(UTF_8))));
    }
    assertThat(heard).contains("{\"a\":1}");
  }

  private static byte[] half(int bytes) {
    return ("{\"a\":\"" + "x".repeat(bytes)).getBytes(UTF_8);
  }

  @Test
  void whatAllHoldIsBoundedAndGivenBackWithTheEndOfAMessage() {
    HeldBytes held = new HeldBytes(6_000);
    Framing first = new Framing(10_000, 5, held.share());
    Framing second = new Framing(10_000, 5, held.share());
    assertThat(first.take(half(3_000))).isEmpty();
    assertThat(shown(second.take(half(3_000)))).containsExactly("! BUSY");
    assertThat(held.held()).as("of the first").isEqualTo(4_096);
    assertThat(first.take("\"}".getBytes(UTF_8))).hasSize(1);
    assertThat(held.held()).isZero();
    assertThat(second.take(("\n" + "{\"a\":1}").getBytes(UTF_8))).hasSize(1);
    assertThat(second.take(half(3_000))).isEmpty();
  }

  @Property(tries = 500)
  void betweenMessagesNothingIsHeldWhateverCame(@ForAll("texts") String text) {
    HeldBytes held = new HeldBytes(6_000);
    Framing any = new Framing(8_000, 5, held.share());
    any.take(text.getBytes(UTF_8));
    assertThat(any.isWithin() || held.held() == 0).isTrue();
    assertThat(held.held()).isLessThanOrEqualTo(6_000);
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> large = Arbitraries.integers().between(0, 5_000).map("x"::repeat);
    return Arbitraries.oneOf(large, Arbitraries.of("{", "}", "\"", "\n", "{\"a\":\"", "\"}", "[[["))
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }
}
