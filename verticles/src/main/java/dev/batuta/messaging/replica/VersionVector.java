package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Position;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many ops of each origin one has: all from 1 to that number. What {@link Folds} up to a level
 * name is in it without taking room. Not thread-safe; a copy is handed to other threads.
 */
public final class VersionVector {
  private Folds folds;
  private int level;

  /** Each more than the folds name. */
  private final Map<Origin, Long> entries;

  /** Of nothing; it has its folds from the first vector that it is raised to. */
  public VersionVector() {
    this(Folds.NONE, 0);
  }

  VersionVector(Folds folds, int level) {
    this(folds, level, new HashMap<>());
  }

  private VersionVector(Folds folds, int level, Map<Origin, Long> entries) {
    this.folds = folds;
    this.level = level;
    this.entries = entries;
  }

  /** The highest sequence of an origin, 0 for one that is unknown. */
  public long of(Origin origin) {
    Long entry = entries.get(origin);
    return entry == null ? folds.floor(origin, level) : entry;
  }

  public boolean covers(Origin origin, long sequence) {
    return Long.compareUnsigned(of(origin), sequence) >= 0;
  }

  /** True when everything that the other has is here. */
  public boolean covers(VersionVector other) {
    return other.beyond(this).isEmpty();
  }

  /**
   * The origins of which there is more here than in another, with how much is here. Of two vectors
   * of one server it costs what is beyond the folds that both have.
   */
  public Map<Origin, Long> beyond(VersionVector other) {
    Map<Origin, Long> more = new HashMap<>();
    entries.forEach(
        (origin, last) -> {
          if (!other.covers(origin, last)) {
            more.put(origin, last);
          }
        });
    int common = folds == other.folds ? Math.min(level, other.level) : 0;
    for (int above = common + 1; above <= level; above++) {
      for (OpId named : folds.at(above).lasts()) {
        long last = of(named.origin());
        if (!other.covers(named.origin(), last)) {
          more.put(named.origin(), last);
        }
      }
    }
    return more;
  }

  /** Sets an origin, but not below what the folds name of it. */
  public void put(Origin origin, long sequence) {
    if (Long.compareUnsigned(sequence, folds.floor(origin, level)) > 0) {
      entries.put(origin, sequence);
    } else {
      entries.remove(origin);
    }
  }

  /** Sets an origin where there is less of it. */
  void raise(Origin origin, long sequence) {
    if (!covers(origin, sequence)) {
      entries.put(origin, sequence);
    }
  }

  /** Takes over what another has and this one has not. */
  void raise(VersionVector other) {
    if (folds == Folds.NONE) {
      folds = other.folds;
    }
    if (folds == other.folds && level < other.level) {
      level = other.level;
      entries.entrySet().removeIf(e -> folds.floor(e.getKey(), level) >= e.getValue());
    }
    other.beyond(this).forEach(this::put);
  }

  /** Takes over what somebody says about some origins. */
  void putAll(List<Position> positions) {
    for (Position position : positions) {
      put(new Origin(position.origin(), position.incarnation()), position.sequence());
    }
  }

  public VersionVector copy() {
    return new VersionVector(folds, level, new HashMap<>(entries));
  }

  /** Has folds up to a level name what they name, where all of that is here. */
  void fold(int upTo) {
    while (level < Math.min(upTo, folds.level()) && hasAll(folds.at(level + 1))) {
      level++;
      for (OpId named : folds.at(level).lasts()) {
        put(named.origin(), of(named.origin()));
      }
    }
  }

  private boolean hasAll(Folds.Fold fold) {
    return fold.lasts().stream().allMatch(last -> covers(last.origin(), last.sequence()));
  }

  /** The same, with no more of it named than by the folds up to a level. */
  VersionVector unfolded(int most) {
    VersionVector same = new VersionVector(folds, Math.min(level, most));
    same.entries.putAll(beyond(same));
    return same;
  }

  /** The same, told beyond folds that the other has, as far as they count here. */
  DeltaVector delta(Collection<OpId> known) {
    List<OpId> base = folds.counted(known, level);
    return folds
        .resolve(new DeltaVector(base, Map.of()))
        .map(named -> new DeltaVector(base, beyond(named)))
        .orElseThrow();
  }

  /** The same, told as shortly as it can be. */
  public DeltaVector delta() {
    return new DeltaVector(heads(), entries);
  }

  /** The folds that name what is named here. */
  List<OpId> heads() {
    return folds.heads(level);
  }

  /** The folds that may name what is here. */
  public Folds folds() {
    return folds;
  }

  /** Up to which folds name what is here. */
  public int level() {
    return level;
  }

  /** What the folds do not name. */
  public Map<Origin, Long> recent() {
    return Collections.unmodifiableMap(entries);
  }

  /** All origins: as many as servers ever started. */
  public Map<Origin, Long> entries() {
    Map<Origin, Long> all = new HashMap<>();
    folds.origins(level).forEach(origin -> all.put(origin, folds.floor(origin, level)));
    all.putAll(entries);
    return all;
  }

  /** All origins, see {@link #entries}. */
  public List<Position> positions() {
    return new DeltaVector(List.of(), entries()).positions();
  }

  /** The opaque text of a position in the stream, good at every server. */
  public String token() {
    return delta().token();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VersionVector vector && covers(vector) && vector.covers(this);
  }

  @Override
  public int hashCode() {
    return entries().hashCode();
  }

  @Override
  public String toString() {
    return entries().toString();
  }
}
