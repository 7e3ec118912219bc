package dev.batuta.messaging.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentOpsTest {
  private final RecentOps recent = new RecentOps();

  @Test
  void givesWhatFollowsAPosition() {
    assertThat(after(0, 10)).isNull();
    add(1, 5);
    assertThat(after(0, 10)).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(after(2, 2)).containsExactly(3L, 4L);
    assertThat(after(5, 10)).isNull();
    assertThat(after(9, 10)).isNull();
  }

  @Test
  void keepsTheLatestOnly() {
    add(1, 5_000);
    assertThat(after(903, 10)).isNull();
    assertThat(after(904, 2)).containsExactly(905L, 906L);
    assertThat(after(4_999, 10)).containsExactly(5_000L);
  }

  @Test
  void givesNothingAcrossAGap() {
    add(1, 3);
    add(7, 8);
    assertThat(after(2, 10)).isNull();
    assertThat(after(5, 10)).isNull();
    assertThat(after(6, 10)).containsExactly(7L, 8L);
  }

  private void add(long from, long to) {
    recent.add(LongStream.rangeClosed(from, to).mapToObj(RecentOpsTest::entry).toList());
  }

  private @Nullable List<Long> after(long position, int most) {
    List<OpLog.Entry> found = recent.after(position, most);
    return found == null ? null : found.stream().map(OpLog.Entry::position).toList();
  }

  private static OpLog.Entry entry(long position) {
    Content content = new Content.User("ana", 1, 1);
    Op op = new Op(new Origin("s1", 1), position, Content.encode(content));
    return new OpLog.Entry(position, op, content);
  }
}
