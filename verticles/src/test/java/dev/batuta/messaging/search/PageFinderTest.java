package dev.batuta.messaging.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.Order;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page is when there is little time for it. */
class PageFinderTest extends SearchedLog {
  private static final Duration LONG = Duration.ofMinutes(1);

  PageFinderTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aServerThatIsSlowAtOnePageGivesTheBestOnceAllTheSame() throws SQLException {
    sayMany();
    List<String> pages = new ArrayList<>();
    PageFinder.Found page = best(null, LONG);
    int count = 0;
    pages.addAll(texts(page));
    while (page.next() != null) {
      page = best(page.next(), ++count == 5 ? Duration.ZERO : LONG);
      pages.addAll(texts(page));
    }
    assertThat(pages).hasSize(150).doesNotHaveDuplicates();
  }

  @Test
  void whatHasTakenLongEnoughEndsBetweenTwoMessagesAndGoesOnThere() throws SQLException {
    sayMany();
    List<String> pages = new ArrayList<>();
    @Nullable String after = null;
    int count = 0;
    do {
      PageFinder.Found page = latest(after, new SearchTime(System.nanoTime(), Duration.ZERO, LONG));
      assertThat(page.entries()).hasSizeLessThanOrEqualTo(1);
      pages.addAll(texts(page));
      after = page.next();
      count++;
    } while (after != null && count < 2_000);
    assertThat(pages).hasSize(150).doesNotHaveDuplicates();
    assertThat(count).isGreaterThanOrEqualTo(1_500);
  }

  @Test
  void whatTakesAllTheTimeIsGivenUp() {
    sayMany();
    SearchTime over = new SearchTime(System.nanoTime(), Duration.ZERO, Duration.ZERO);
    assertThatThrownBy(() -> latest(null, over))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.failure().code()).isEqualTo("search-busy"));
  }

  private void sayMany() {
    start();
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      String text = i % 10 == 0 ? "c++ " + "x ".repeat(i % 37) + i : "c then ++ " + i;
      ops.add(op(S2, new Content.ChannelMessage("geral", "ana", text, "", tick(), 1)));
    }
    take(ops);
    assertThat(all("c++", Order.TIME, 100)).hasSize(150);
  }

  private PageFinder.Found latest(@Nullable String after, SearchTime time) throws SQLException {
    return page(SearchPlace.behind(after), time);
  }

  private PageFinder.Found best(@Nullable String after, Duration enough) throws SQLException {
    return page(SearchPlace.among(after), new SearchTime(System.nanoTime(), enough, LONG));
  }

  private PageFinder.Found page(SearchPlace begin, SearchTime time) throws SQLException {
    try (Connection connection = IndexFile.connect(index(), () -> false)) {
      SearchQuery query = SearchQuery.of("c++");
      return new PageFinder(connection, log(), query, Readership.ofChannels(), 7, time).page(begin);
    }
  }

  private static List<String> texts(PageFinder.Found page) {
    return page.entries().stream().map(entry -> ((Content.Said) entry.content()).text()).toList();
  }
}
