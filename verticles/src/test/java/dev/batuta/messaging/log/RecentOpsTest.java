package dev.batuta.messaging.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Bytes;
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
    add(1, 20_000);
    assertThat(after(3_615, 10)).isNull();
    assertThat(after(3_616, 2)).containsExactly(3_617L, 3_618L);
    assertThat(after(19_999, 10)).containsExactly(20_000L);
  }

  @Test
  void keepsFewerWhenTheyAreLarge() {
    Bytes large = Bytes.owning(new byte[100_000]);
    for (long position = 1; position <= 300; position++) {
      Op op = new Op(new Origin("s1", 1), position, large);
      recent.add(List.of(new OpLog.Entry(position, op, new Content.Unknown(1, 1))));
    }
    long kept = RecentOps.MOST_BYTES / 200_300;
    assertThat(after(299 - kept, 10)).isNull();
    assertThat(after(300 - kept, 1_000)).hasSize((int) kept).endsWith(300L);
    add(400, 410);
    assertThat(after(399, 100)).hasSize(11);
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
