package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What subscribers wait for, and who is asked for it. */
class SafeOpsTest {
  private static final Origin ENDED = new Origin("c", 1);

  private final MemoryLog log = new MemoryLog(new Origin("a", 1));
  private final SafeOps safe = new SafeOps();

  /** Nobody lacks the first op, which all had long ago. */
  @Test
  void ofAnOriginThatGoesOnBehindAFoldItIsAskedWhoLacksWhatTheFoldDoesNotName() {
    MemoryLog ended = new MemoryLog(ENDED);
    log.take(new LogUse.PulledBy(0), ended.make(10));
    log.fold(List.of(), List.of(new OpId(ENDED, 10)));
    log.take(new LogUse.PulledBy(0), ended.make(2));
    List<OpId> asked = new ArrayList<>();
    Set<String> lacking =
        safe.look(
            log.vector(),
            0,
            1,
            (origin, sequence) -> {
              asked.add(new OpId(origin, sequence));
              return origin.equals(ENDED) && sequence > 10 ? Set.of("b") : Set.of();
            });
    assertThat(lacking).containsExactly("b");
    assertThat(asked).contains(new OpId(ENDED, 11));
  }
}
