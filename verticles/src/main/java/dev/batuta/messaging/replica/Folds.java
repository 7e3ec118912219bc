package dev.batuta.messaging.replica;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The folds that one server knows, by which a {@link VersionVector} stays short though every start
 * of a server adds an origin to it that never goes.
 *
 * <p><b>A fold is a replicated name for a version vector.</b> It is an op ({@link Content.Fold})
 * that lists origins with a sequence of each, all on the disks of a majority, and its parents:
 * earlier folds. It names the highest of all that it and its ancestors list. A vector is told as
 * "what these folds name, and beyond that ..": a {@link DeltaVector}. Nothing has to be agreed for
 * that to be right: an op beyond what is listed is an entry again, two folds that are made at the
 * same time are both parents of the next, and no coordinator has a part in it. What has to hold is
 * only that whoever reads a name knows it: a replica is told names that this life of it said to
 * have, and a token has those that are on the disks of a majority.
 *
 * <p>A fold counts here once all that it and its parents list is on this server; until then vectors
 * are told without it, and for ever where some of it is lost, so that it is no parent of a later
 * one either. Those that count are numbered in the order in which they began to: these levels mean
 * nothing elsewhere. A vector has a level, for what all folds up to it name, and entries for what
 * is beyond. One thread adds; any thread reads.
 */
public final class Folds {
  /** For vectors in full. Nothing is added to it. */
  static final Folds NONE = new Folds();

  /**
   * A fold.
   *
   * @param id of the op that it is
   */
  record Fold(OpId id, List<OpId> parents, List<OpId> lasts) {}

  /**
   * A fold that counts.
   *
   * @param heads the folds up to this one that no other up to this one has as an ancestor
   * @param base of all folds up to this level, everything is named by this one and its ancestors
   */
  private record Level(Fold fold, List<OpId> heads, int base) {}

  /**
   * What is named of an origin from a level on.
   *
   * @param lower what was named before, less
   */
  private record Floor(int level, long last, @Nullable Floor lower) {}

  private final Map<OpId, Fold> known = new ConcurrentHashMap<>();
  private final Map<OpId, Integer> numbers = new ConcurrentHashMap<>();
  private final List<Level> levels = new CopyOnWriteArrayList<>();
  private final Map<Origin, Floor> floors = new ConcurrentHashMap<>();

  /** What does not count yet, by a parent that does not, or else by an origin that is not here. */
  private final Map<OpId, List<Fold>> behindParent = new HashMap<>();

  private final Map<Origin, List<Waiting>> behindOrigin = new HashMap<>();

  /** Until so much of an origin is here. */
  private record Waiting(Fold fold, long until) {}

  /**
   * A fold came to this server.
   *
   * @param held what is on this server
   */
  void add(OpId id, Content.Fold content, VersionVector held) {
    var fold = new Fold(id, content.parents(), content.lasts());
    known.put(id, fold);
    settle(fold, held);
  }

  /** More of an origin came to this server. */
  void rose(Origin origin, VersionVector held) {
    @Nullable List<Waiting> waiting = behindOrigin.get(origin);
    if (waiting != null && waiting.stream().anyMatch(one -> held.covers(origin, one.until()))) {
      behindOrigin.remove(origin);
      waiting.forEach(one -> settle(one.fold(), held));
    }
  }

  /** Anything may have come to this server. */
  void roseAll(VersionVector held) {
    List<Waiting> waiting = behindOrigin.values().stream().flatMap(List::stream).toList();
    behindOrigin.clear();
    waiting.forEach(one -> settle(one.fold(), held));
  }

  private void settle(Fold added, VersionVector held) {
    Deque<Fold> settling = new ArrayDeque<>(List.of(added));
    while (!settling.isEmpty()) {
      Fold fold = settling.remove();
      Optional<OpId> parent =
          fold.parents().stream().filter(id -> !numbers.containsKey(id)).findFirst();
      Optional<OpId> lacking =
          fold.lasts().stream()
              .filter(last -> !held.covers(last.origin(), last.sequence()))
              .findFirst();
      if (parent.isPresent()) {
        behindParent.computeIfAbsent(parent.get(), id -> new ArrayList<>(1)).add(fold);
      } else if (lacking.isPresent()) {
        behindOrigin
            .computeIfAbsent(lacking.get().origin(), origin -> new ArrayList<>(1))
            .add(new Waiting(fold, lacking.get().sequence()));
      } else {
        count(fold);
        @Nullable List<Fold> children = behindParent.remove(fold.id());
        if (children != null) {
          settling.addAll(children);
        }
      }
    }
  }

  private void count(Fold fold) {
    int level = levels.size() + 1;
    List<OpId> heads = new ArrayList<>(heads(level - 1));
    heads.removeAll(fold.parents());
    heads.add(fold.id());
    Named named = named(fold.parents());
    // Who names all before names itself too.
    int base = named.base() == level - 1 ? level : named.base();
    for (OpId last : fold.lasts()) {
      if (last.sequence() > floor(last.origin(), level)) {
        Floor lower = floors.get(last.origin());
        floors.put(last.origin(), new Floor(level, last.sequence(), lower));
      }
    }
    levels.add(new Level(fold, List.copyOf(heads), base));
    // Last: who finds the number finds the level.
    numbers.put(fold.id(), level);
  }

  /** How many count. */
  int level() {
    return levels.size();
  }

  /** The one that began to count at a level, from 1 on. */
  Fold at(int level) {
    return levels.get(level - 1).fold();
  }

  /** The folds that name all that is named up to a level, as few as there are. */
  List<OpId> heads(int level) {
    return level == 0 ? List.of() : levels.get(level - 1).heads();
  }

  /** What is named of an origin up to a level; 0 where nothing is. */
  long floor(Origin origin, int level) {
    @Nullable Floor floor = floors.get(origin);
    while (floor != null && floor.level() > level) {
      floor = floor.lower();
    }
    return floor == null ? 0 : floor.last();
  }

  /** How many folds that count list an origin, each with more of it than those before. */
  int times(Origin origin) {
    int times = 0;
    for (@Nullable Floor floor = floors.get(origin); floor != null; floor = floor.lower()) {
      times++;
    }
    return times;
  }

  /** Whether an op is named by a fold that counts: then a majority had it. */
  boolean covers(Origin origin, long sequence) {
    return floor(origin, Integer.MAX_VALUE) >= sequence;
  }

  /** The origins of which something is named up to a level. */
  Set<Origin> origins(int level) {
    Set<Origin> origins = new HashSet<>();
    floors.forEach(
        (origin, floor) -> {
          if (floor(origin, level) > 0) {
            origins.add(origin);
          }
        });
    return origins;
  }

  /** Those of some folds that count here up to a level. */
  List<OpId> counted(Collection<OpId> ids, int level) {
    return ids.stream().filter(id -> numbers.getOrDefault(id, Integer.MAX_VALUE) <= level).toList();
  }

  /** All levels up to {@code base}, and some above it. */
  private record Named(int base, Set<Integer> above) {}

  /** What some folds that count, and their ancestors, name. */
  private Named named(Collection<OpId> ids) {
    Deque<Integer> left = new ArrayDeque<>();
    int base = 0;
    for (OpId id : ids) {
      int level = numbers.getOrDefault(id, 0);
      left.add(level);
      base = Math.max(base, level == 0 ? 0 : levels.get(level - 1).base());
    }
    Set<Integer> above = new HashSet<>();
    while (!left.isEmpty()) {
      int level = left.remove();
      if (level > base && above.add(level)) {
        at(level).parents().forEach(id -> left.add(numbers.getOrDefault(id, 0)));
      }
    }
    while (above.remove(base + 1)) {
      base++;
    }
    return new Named(base, above);
  }

  /**
   * What is told beyond folds, as a vector of this server that is named by no others than these and
   * their ancestors; empty when it does not know one of them.
   */
  public Optional<VersionVector> resolve(DeltaVector told) {
    Optional<VersionVector> resolved =
        counted(told.base(), level()).size() == told.base().size()
            ? Optional.of(resolveCounted(told.base()))
            : expand(told.base());
    resolved.ifPresent(vector -> told.beyond().forEach(vector::raise));
    return resolved;
  }

  private VersionVector resolveCounted(List<OpId> ids) {
    Named named = named(ids);
    VersionVector vector = new VersionVector(this, named.base());
    named.above().forEach(level -> raise(vector, at(level)));
    return vector;
  }

  /** In full: some of it is not on this server. */
  private Optional<VersionVector> expand(List<OpId> ids) {
    VersionVector vector = new VersionVector(this, 0);
    Deque<OpId> left = new ArrayDeque<>(ids);
    Set<OpId> met = new HashSet<>();
    while (!left.isEmpty()) {
      OpId id = left.remove();
      if (met.add(id)) {
        @Nullable Fold fold = known.get(id);
        if (fold == null) {
          return Optional.empty();
        }
        raise(vector, fold);
        left.addAll(fold.parents());
      }
    }
    return Optional.of(vector);
  }

  private static void raise(VersionVector vector, Fold fold) {
    fold.lasts().forEach(last -> vector.raise(last.origin(), last.sequence()));
  }

  /** How many came, whether they count or not. */
  int known() {
    return known.size();
  }
}
