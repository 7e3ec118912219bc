package dev.batuta.cli.bot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.bot.Remark.Mark;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RemarkTest {
  @Property
  void aRemarkIsKnownAgainByItsTextWhateverItSays(
      @ForAll String words,
      @ForAll @IntRange(max = 9_999) int bot,
      @ForAll @LongRange(min = 1, max = 999_999_999_999_999_999L) long number) {
    Mark mark = new Mark("4b1d0c2e", bot, number);
    assertThat(Mark.of(new Remark(Optional.of("bot-2"), words, mark).text())).contains(mark);
    assertThat(Mark.of(new Remark(Optional.empty(), words, mark).text())).contains(mark);
  }

  @Property
  void textsOfOthersDoNotDisturb(@ForAll String text) {
    assertThat(Mark.of(text)).isEmpty();
    assertThat(Remark.isTo("bot-1", "@bot-12 " + text)).isFalse();
    assertThat(Remark.isTo("bot-1", "@bot-1 " + text)).isTrue();
  }

  @Test
  void itReadsLikeAMessage() {
    Remark remark = new Remark(Optional.of("bot-2"), "are you there?", new Mark("a1", 0, 17));
    assertThat(remark.text()).isEqualTo("@bot-2 are you there? (a1 0/17)");
    assertThat(remark.mark().key()).isEqualTo("a1-0-17");
    assertThat(Mark.of("number beyond all bounds (a1 0/1234567890123456789)")).isEmpty();
  }
}
