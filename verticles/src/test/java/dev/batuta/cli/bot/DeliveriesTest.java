package dev.batuta.cli.bot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.cli.bot.Deliveries.Counts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveriesTest {
  /** What the bookkeeping is made to get wrong, in about one of ten cases. */
  private enum Defect {
    NONE,
    MISSES_A_SIGHT,
    COUNTS_A_SIGHT_TWICE,
    MISSES_AN_ACKNOWLEDGEMENT,
    ACKNOWLEDGES_ON_SENDING,
    BELIEVES_ITS_OWN_SIGHT_ONLY
  }

  /** A message as a book without bounds has it. */
  private static final class Entry {
    boolean acknowledged;
    final Map<Integer, Integer> sights = new HashMap<>();
  }

  @Property(tries = 500)
  void countsAreThoseOfABookThatForgetsNothingWhateverIsSentLostOrDoubled(@ForAll long seed) {
    compare(seed, Defect.NONE);
  }

  @ParameterizedTest
  @EnumSource(value = Defect.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void theComparisonNoticesEachDefect(Defect defect) {
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < 20; seed++) {
                compare(seed, defect);
              }
            })
        .isInstanceOfAny(AssertionError.class, IllegalStateException.class);
  }

  private static void compare(long seed, Defect defect) {
    SplittableRandom random = new SplittableRandom(seed);
    int bots = 1 + random.nextInt(6);
    int channels = 1 + random.nextInt(bots);
    Deliveries deliveries = new Deliveries(bots, channels);
    List<List<Entry>> book = new ArrayList<>();
    int[] strange = new int[bots];
    for (int bot = 0; bot < bots; bot++) {
      book.add(new ArrayList<>());
    }
    for (int step = 0; step < 300; step++) {
      boolean wrong = random.nextInt(10) == 0;
      int author = random.nextInt(bots);
      List<Entry> messages = book.get(author);
      switch (random.nextInt(4)) {
        case 0 -> {
          messages.add(new Entry());
          assertThat(deliveries.send(author, step)).isEqualTo(messages.size());
          if (wrong && defect == Defect.ACKNOWLEDGES_ON_SENDING) {
            deliveries.acknowledge(author, messages.size());
          }
        }
        case 1 -> {
          int number = messages.isEmpty() ? 0 : 1 + random.nextInt(messages.size());
          if (number > 0 && !messages.get(number - 1).acknowledged) {
            messages.get(number - 1).acknowledged = true;
            if (!wrong || defect != Defect.MISSES_AN_ACKNOWLEDGEMENT) {
              deliveries.acknowledge(author, number);
            }
          }
        }
        default -> {
          int reader = random.nextInt(bots);
          int number = random.nextInt(messages.size() + 2);
          boolean sent = number >= 1 && number <= messages.size();
          if (sent && reader % channels == author % channels) {
            messages.get(number - 1).sights.merge(reader, 1, Integer::sum);
          } else {
            strange[reader]++;
          }
          int times =
              !wrong
                  ? 1
                  : switch (defect) {
                    case MISSES_A_SIGHT -> 0;
                    case COUNTS_A_SIGHT_TWICE -> 2;
                    default -> 1;
                  };
          boolean own = defect == Defect.BELIEVES_ITS_OWN_SIGHT_ONLY;
          for (int i = 0; i < times; i++) {
            deliveries.see(own ? author : reader, author, number, step);
          }
        }
      }
      for (int bot = 0; bot < bots; bot++) {
        assertThat(deliveries.counts(bot)).isEqualTo(expected(book, channels, bot, strange[bot]));
      }
    }
    assertThat(deliveries.open()).isEqualTo(open(book, channels));
  }

  private static Counts expected(List<List<Entry>> book, int channels, int bot, int strange) {
    long seen = 0;
    long missing = 0;
    long doubled = 0;
    for (int author = bot % channels; author < book.size(); author += channels) {
      for (Entry message : book.get(author)) {
        int sights = message.sights.getOrDefault(bot, 0);
        seen += Math.min(1, sights);
        doubled += Math.max(0, sights - 1);
        missing += message.acknowledged && sights == 0 ? 1 : 0;
      }
    }
    long sent = book.get(bot).size();
    long acknowledged = book.get(bot).stream().filter(message -> message.acknowledged).count();
    return new Counts(sent, acknowledged, sent - acknowledged, seen, missing, doubled, strange);
  }

  /** Messages that may still change a count other than that of doubled ones. */
  private static int open(List<List<Entry>> book, int channels) {
    int open = 0;
    for (int author = 0; author < book.size(); author++) {
      int members = Math.ceilDiv(book.size() - author % channels, channels);
      for (Entry message : book.get(author)) {
        open += message.acknowledged && message.sights.size() == members ? 0 : 1;
      }
    }
    return open;
  }

  @Test
  void whatIsRememberedIsBoundedThoughNothingIsEverSeen() {
    Deliveries deliveries = new Deliveries(2, 1);
    while (!deliveries.isFull(0)) {
      deliveries.acknowledge(0, deliveries.send(0, 0));
    }
    assertThat(deliveries.open()).isEqualTo(Deliveries.MAX_OPEN);
    assertThatThrownBy(() -> deliveries.send(0, 0)).isInstanceOf(IllegalStateException.class);

    deliveries.see(0, 0, 1, 0);
    deliveries.see(1, 0, 1, 0);
    assertThat(deliveries.isFull(0)).isFalse();
    assertThat(deliveries.counts(1).missing()).isEqualTo(Deliveries.MAX_OPEN - 1);
  }

  @Test
  void anAuthorThatThereIsNotIsStrange() {
    Deliveries deliveries = new Deliveries(2, 1);
    deliveries.see(0, 7, 1, 0);
    assertThat(deliveries.total()).isEqualTo(new Counts(0, 0, 0, 0, 0, 0, 1));
  }
}
