package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "olá, São João",
        "مرحبا \u200f!",
        "שלום",
        "नमस्ते",
        "日本語",
        "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽",
        "C:\\new\\u001b",
        "a b\u00a0c",
        "e\u0301"
      })
  void lettersOfAllScriptsAndEmojiStayAsTheyAre(String text) {
    assertThat(VisibleText.of(text)).isSameAs(text);
  }

  @Test
  void everyControlSeparatorAndTurnOfDirectionIsSeenAndDoesNothing() {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      var type = Character.getType((char) c);
      boolean harmful =
          type == Character.CONTROL
              || type == Character.LINE_SEPARATOR
              || type == Character.PARAGRAPH_SEPARATOR
              || type == Character.SURROGATE
              || (c >= 0x202A && c <= 0x202E)
              || (c >= 0x2066 && c <= 0x2069);
      var text = "a" + (char) c + "b";
      assertThat(VisibleText.of(text).equals(text)).as("U+%04X", c).isEqualTo(!harmful);
    }
  }

  @Test
  void whatIsEscapedIsEscapedAsInJson() {
    assertThat(VisibleText.of("a\u001b[2J\r\n\tb\u007f\u0085\u2028\u202e\u2069"))
        .isEqualTo("a\\u001b[2J\\r\\n\\tb\\u007f\\u0085\\u2028\\u202e\\u2069");
  }

  @Test
  void halvesOfPairsAreSeen() {
    assertThat(VisibleText.of("\ud83d\ud83d\ude00\ude00x\ud800"))
        .isEqualTo("\\ud83d\ud83d\ude00\\ude00x\\ud800");
  }

  @Test
  void jsonStaysTheSameJsonAndTwiceIsAsOnce() {
    var json = new JsonObject().put("a\u0085", "\u001b\u007f\u2028\u202e\ud800 \\ \" é");
    var visible = VisibleText.of(json.encode());
    assertThat(new JsonObject(visible)).isEqualTo(json);
    assertThat(VisibleText.of(visible)).isSameAs(visible);
  }
}
