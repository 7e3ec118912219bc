package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Vectors that are told by names, between servers that know more or less of these. */
class FoldsTest {
  private static final Origin A = new Origin("a", 1);
  private static final Origin B = new Origin("b", 1);
  private static final Origin OLD = new Origin("a", 7);

  private final MemoryLog a = new MemoryLog(A);
  private final MemoryLog b = new MemoryLog(B);

  /**
   * Ops and folds of four servers, which name what they like, and give each other what they will.
   */
  @Property(tries = 300)
  void whatIsToldByNamesIsReadAsItWasMeantOrNotAtAll(@ForAll long seed) {
    var random = new Random(seed);
    List<MemoryLog> logs =
        Stream.of("a", "b", "c", "d").map(name -> new MemoryLog(new Origin(name, 1))).toList();
    for (int turn = 0; turn < 120; turn++) {
      MemoryLog log = logs.get(random.nextInt(logs.size()));
      MemoryLog other = logs.get(random.nextInt(logs.size()));
      switch (random.nextInt(4)) {
        case 0 -> log.make(1 + random.nextInt(3));
        case 1 -> log.fold(some(random, log.vector().heads()), lasts(random, log.vector()));
        case 2 -> give(log, other, random.nextInt(6));
        default -> assertRead(part(random, log), other);
      }
    }
    logs.forEach(from -> logs.forEach(to -> give(from, to, Integer.MAX_VALUE)));
    for (MemoryLog from : logs) {
      VersionVector part = part(random, from);
      for (MemoryLog to : logs) {
        assertThat(assertRead(part, to)).as("where all ops are").isTrue();
        assertThat(to.vector().level()).isEqualTo(from.vector().level());
      }
    }
  }

  /** What is read of it, by its token and beyond what the reader knows. */
  private static boolean assertRead(VersionVector vector, MemoryLog reader) {
    Optional<VersionVector> read =
        DeltaVector.ofToken(vector.token()).flatMap(reader.vector().folds()::resolve);
    read.ifPresent(same -> assertThat(same.entries()).isEqualTo(vector.entries()));
    DeltaVector told = vector.delta(reader.vector().heads());
    assertThat(reader.vector().folds().resolve(told).orElseThrow().entries())
        .isEqualTo(vector.entries());
    return read.isPresent();
  }

  @Property(tries = 300)
  void aVectorWithNamesIsTheOneThatItWouldBeWithoutThem(@ForAll long seed) {
    var random = new Random(seed);
    a.make(3);
    for (int fold = 0; fold < 6; fold++) {
      b.make(random.nextInt(3));
      give(b, a, random.nextInt(4));
      a.fold(some(random, a.vector().heads()), lasts(random, a.vector()));
    }
    VersionVector one = part(random, a);
    VersionVector two = part(random, a);
    Map<Origin, Long> more = new HashMap<>();
    one.entries().forEach((origin, last) -> putIfMore(more, two, origin, last));
    assertThat(one.beyond(two)).isEqualTo(more);
    assertThat(two.covers(one)).isEqualTo(more.isEmpty());
    int level = random.nextInt(7);
    assertThat(one.unfolded(level)).isEqualTo(one);
    assertThat(one.unfolded(level).level()).isLessThanOrEqualTo(level);
    VersionVector both = one.copy();
    both.raise(two);
    more.putAll(two.entries());
    one.entries().forEach((origin, last) -> more.merge(origin, last, Math::max));
    assertThat(both.entries()).isEqualTo(more);
  }

  private static void putIfMore(
      Map<Origin, Long> more, VersionVector than, Origin origin, long last) {
    if (than.of(origin) < last) {
      more.put(origin, last);
    }
  }

  @Test
  void whatIsNamedTakesNoRoomAndAnOpBeyondItIsAnEntryAgain() {
    take(a, OLD, 1, 2);
    Op fold = a.fold(List.of(), List.of(new OpId(OLD, 2)));
    assertThat(a.vector().recent()).containsOnlyKeys(A);
    assertThat(a.vector().of(OLD)).isEqualTo(2);
    take(a, OLD, 3, 3);
    assertThat(a.vector().recent()).containsEntry(OLD, 3L);
    assertThat(a.vector().delta().base()).containsExactly(fold.id());
  }

  @Test
  void aFoldOfWhatIsNotAllHereDoesNotCountUntilItIs() {
    take(a, OLD, 1, 2);
    Op fold = a.fold(List.of(), List.of(new OpId(OLD, 2)));
    b.take(new LogUse.PulledBy(0), List.of(fold));
    assertThat(b.vector().level()).isZero();
    take(b, OLD, 1, 1);
    assertThat(b.vector().level()).isZero();
    assertThat(b.vector().delta().base()).as("it speaks in full").isEmpty();
    assertThat(b.vector().folds().resolve(a.vector().delta()))
        .as("and reads what others name")
        .contains(a.vector());
    take(b, OLD, 2, 2);
    assertThat(b.vector().level()).isEqualTo(1);
  }

  /** A fold of what a majority lost would be waited for for ever. */
  @Test
  void whatCannotCountAnyMoreDoesNotKeepLaterFoldsFromCounting() {
    take(a, OLD, 1, 2);
    Op lost = a.fold(List.of(), List.of(new OpId(OLD, 2)));
    b.take(new LogUse.PulledBy(0), List.of(lost));
    take(b, OLD, 1, 1);
    b.fold(b.vector().heads(), List.of(new OpId(OLD, 1)));
    assertThat(b.vector().level()).isEqualTo(1);
    assertThat(b.vector().recent()).doesNotContainKey(OLD);
  }

  @Test
  void twoFoldsThatWereMadeAtOnceAreTheParentsOfTheNext() {
    take(a, OLD, 1, 2);
    take(b, OLD, 1, 2);
    Op one = a.fold(List.of(), List.of(new OpId(OLD, 1)));
    Op two = b.fold(List.of(), List.of(new OpId(OLD, 2)));
    give(b, a, Integer.MAX_VALUE);
    give(a, b, Integer.MAX_VALUE);
    assertThat(a.vector().heads()).containsExactlyInAnyOrder(one.id(), two.id());
    Op next = a.fold(a.vector().heads(), List.of(new OpId(A, 1)));
    give(a, b, Integer.MAX_VALUE);
    assertThat(b.vector().heads()).containsExactly(next.id());
    assertThat(b.vector().delta().token().length()).isLessThan(100);
  }

  @Test
  void anUnknownNameIsNotGuessed() {
    take(a, OLD, 1, 2);
    a.fold(List.of(), List.of(new OpId(OLD, 2)));
    assertThat(b.vector().folds().resolve(a.vector().delta())).isEmpty();
    assertThat(b.vector().folds().resolve(a.vector().delta(b.vector().heads())))
        .as("told in full")
        .contains(a.vector());
  }

  private static VersionVector part(Random random, MemoryLog log) {
    VersionVector part = log.vector().unfolded(random.nextInt(log.vector().level() + 1));
    if (random.nextBoolean()) {
      Map.copyOf(part.recent())
          .forEach((origin, last) -> part.put(origin, random.nextLong(last + 1)));
    }
    part.fold(random.nextInt(log.vector().level() + 1));
    return part;
  }

  private static List<OpId> some(Random random, List<OpId> ids) {
    return ids.stream().filter(id -> random.nextInt(4) > 0).toList();
  }

  private static List<OpId> lasts(Random random, VersionVector vector) {
    List<OpId> lasts = new ArrayList<>();
    vector
        .entries()
        .forEach(
            (origin, last) -> {
              if (random.nextBoolean()) {
                lasts.add(new OpId(origin, 1 + random.nextLong(last)));
              }
            });
    return lasts;
  }

  private static void give(MemoryLog from, MemoryLog to, int most) {
    to.take(new LogUse.PulledBy(0), from.beyond(to.vector(), most));
  }

  private static void take(MemoryLog log, Origin origin, int first, int last) {
    List<Op> ops = new MemoryLog(origin).make(last);
    log.take(new LogUse.PulledBy(0), ops.subList(first - 1, last));
  }
}
