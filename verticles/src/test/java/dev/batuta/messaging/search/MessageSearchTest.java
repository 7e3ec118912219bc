package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Found;
import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.Content;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is found of a log, and when. */
class MessageSearchTest extends SearchedLog {
  MessageSearchTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void itFindsWhatPeopleTypeInEveryScript() {
    start();
    say("Uma ação rápida", "I like C++ and C#", "Tôi nói tiếng Việt", "pi is 3.14");
    say("明天的会议很长", "明日は東京に行く", "ฉันชอบกาแฟเย็น", "foo-bar it's #tag", "c and d");
    for (String[] each :
        new String[][] {
          {"acao", "Uma ação rápida"},
          {"c++", "I like C++ and C#"},
          {"tieng", "Tôi nói tiếng Việt"},
          {"3.14", "pi is 3.14"},
          {"会议", "明天的会议很长"},
          {"長", ""},
          {"东", ""},
          {"東京", "明日は東京に行く"},
          {"กาแฟ", "ฉันชอบกาแฟเย็น"},
          {"京", "明日は東京に行く"},
          {"#tag", "foo-bar it's #tag"},
          {"foo-bar", "foo-bar it's #tag"},
          {"\"tag", "foo-bar it's #tag"},
          {"* OR c", ""}
        }) {
      assertThat(texts(all(each[0], Order.TIME, 10)))
          .as(each[0])
          .isEqualTo(each[1].isEmpty() ? List.of() : List.of(each[1]));
    }
  }

  @Test
  void theLatestComeFirstOnWhateverServerAndInWhateverOrderTheyArrived() {
    start();
    take(op(S3, new Content.ChannelMessage("geral", "ana", "word 3", "c", 30, 30)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "word 1", "a", 10, 10)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "word 2", "b", 20, 20)));
    take(op(S3, new Content.ChannelMessage("geral", "ana", "word 4", "d", 30, 30)));
    assertThat(texts(all("word", Order.TIME, 1)))
        .containsExactly("word 4", "word 3", "word 2", "word 1");
  }

  @ParameterizedTest
  @EnumSource
  void pagesStayAsTheyAreWhileOthersWrite(Order order) {
    start();
    for (int i = 0; i < 700; i++) {
      say("word " + i + (i % 7 == 0 ? " word" : ""));
    }
    List<String> whole = texts(all("word", order, 1_000));
    assertThat(whole).hasSize(700).doesNotHaveDuplicates();
    Found page = find(in("word", order, null), 90);
    List<String> pages = new ArrayList<>(texts(page.items()));
    while (page.next() != null) {
      say("word that is said after page " + pages.size());
      page = find(in("word", order, page.next()), 90);
      pages.addAll(texts(page.items()));
    }
    assertThat(pages).isEqualTo(whole);
  }

  @Test
  void theBestComesFirst() {
    start();
    say("a house, and a lot of other words that say nothing of it", "house house", "the house");
    assertThat(texts(all("house", Order.RANK, 1)))
        .containsExactly(
            "house house", "the house", "a house, and a lot of other words that say nothing of it");
  }

  @Test
  void directMessagesAreFoundByTheirTwoEndsOnly() {
    start();
    say("secret in the channel");
    direct("Ana", "bob", "secret of two");
    direct("bob", "carol", "secret of others");
    assertThat(texts(find(by("secret", "ANA", true), 10).items()))
        .containsExactly("secret of two", "secret in the channel");
    assertThat(texts(find(by("secret", null, false), 10).items()))
        .containsExactly("secret in the channel");
    assertThat(texts(find(by("secret", "nobody", true), 10).items()))
        .containsExactly("secret in the channel");
    assertThat(find(by("secret", "bob", true), 10).items()).hasSize(3);
    refused(by("secret", "nobody", false), "user-not-found");
    take(op(S2, new Content.User("dora", tick(), 1)));
    direct("dora", "bob", "secret of dora");
    assertThat(texts(find(by("secret", "Dora", false), 10).items()))
        .containsExactly("secret of dora", "secret in the channel");
  }

  @Test
  void ofSeveralOpsThatAreOneMessageTheFirstIsFoundWheneverItCame() {
    start();
    take(op(S2, new Content.ChannelMessage("geral", "ana", "twin", "one", 20, 1)));
    assertThat(all("twin", Order.TIME, 10)).extracting(Posted::clock).containsExactly(20L);
    take(op(S3, new Content.ChannelMessage("geral", "ana", "twin", "one", 10, 1)));
    take(op(S2, new Content.ChannelMessage("geral", "ana", "twin", "one", 30, 1)));
    take(op(S2, new Content.ChannelMessage("geral", "bob", "twin", "one", 40, 1)));
    for (Order order : Order.values()) {
      assertThat(all("twin", order, 1))
          .extracting(Posted::clock)
          .containsExactlyInAnyOrder(40L, 10L);
    }
  }

  @Test
  void whileItLagsItSaysUpToWhereItIs() {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    Found lagging =
        Awaitility.await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  say("more");
                  return await(search().find(by("word", null, false), 10));
                },
                found -> found.behind() > 0);
    assertThat(lagging.items()).hasSize(1);
    assertThat(lagging.indexedMillis()).isEqualTo(1);
    assertThat(find(by("word", null, false), 10).indexedMillis()).isZero();
  }

  @Test
  void itGoesOnWhereItWas() {
    start();
    say("before");
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
    stopSearch();
    say("while it was away");
    startSearch();
    assertThat(all("away", Order.TIME, 10)).hasSize(1);
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
  }

  @Test
  void anotherLifeOfTheServerIsFollowedWhereTheOneBeforeEnded() {
    start();
    say("before");
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
    OpLog again = log().reopen(99);
    log = again;
    open.add(again);
    search().follow(again);
    say("after");
    assertThat(all("after", Order.TIME, 10)).hasSize(1);
    assertThat(all("before", Order.TIME, 10)).hasSize(1);
  }

  @Test
  void whatIsWrongInARequestIsSaid() {
    start();
    say("word");
    assertThat(all("word", Order.TIME, 10)).hasSize(1);
    refused(by(" ", null, false), "query-blank");
    refused(in("word", Order.TIME, "!"), "after-invalid");
    refused(in("word", Order.RANK, "1.2.x.y"), "after-invalid");
    refused(in("word", Order.RANK, "w.-1"), "after-invalid");
  }
}
