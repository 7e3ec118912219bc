package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Follows what may be shown, by a token, on one server after another. */
final class Follower {
  private final Set<OpId> got = new HashSet<>();
  private String token = new VersionVector().token();

  /**
   * Gets what is next at a server.
   *
   * @return false where that lacks what was delivered
   */
  boolean follow(MemoryLog log, HighWatermark marks) {
    VersionVector held = log.vector();
    Optional<VersionVector> had = read(log);
    had.ifPresent(
        vector -> assertThat(vector.entries()).as("what the token says").isEqualTo(vector()));
    if (had.isEmpty() || !held.covers(had.get())) {
      return false;
    }
    VersionVector delivered = had.get();
    for (Op op : log.ops) {
      if (!marks.covers(op.origin(), op.sequence())) {
        break;
      }
      if (!delivered.covers(op.origin(), op.sequence())) {
        assertThat(delivered.of(op.origin())).as("before %s", op).isEqualTo(op.sequence() - 1);
        assertThat(got.add(op.id())).as("%s once", op).isTrue();
        delivered.put(op.origin(), op.sequence());
      }
    }
    token = marks.token(delivered);
    return true;
  }

  /** Whether a server can read the token, and has what was delivered. */
  boolean resumed(MemoryLog log) {
    return read(log).filter(log.vector()::covers).isPresent();
  }

  private Optional<VersionVector> read(MemoryLog log) {
    return DeltaVector.ofToken(token).flatMap(log.vector().folds()::resolve);
  }

  /** What it got, of each origin to the last. */
  private Map<Origin, Long> vector() {
    Map<Origin, Long> lasts = new HashMap<>();
    got.forEach(id -> lasts.merge(id.origin(), id.sequence(), Math::max));
    return lasts;
  }

  String token() {
    return token;
  }

  Set<OpId> got() {
    return Collections.unmodifiableSet(got);
  }
}
