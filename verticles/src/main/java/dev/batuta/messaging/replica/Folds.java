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
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The folds that one server knows, by which a {@link VersionVector} stays short though every start
 * of a server adds an origin to it that never goes.
 *
 * <p><b>A fold is a name for a version vector, and the name is replicated.</b> It is an op ({@link
 * Content.Fold}) that lists origins with a sequence of each, and its parents: earlier folds. It
 * names the highest of all that it and its ancestors list. A vector is then told as "what these
 * folds name, and beyond that ..": a {@link DeltaVector}. Nothing has to be agreed for that to be
 * right. A fold does not say that an origin has ended: an op beyond what it lists is an entry
 * again, until a later fold lists it. Two servers that make folds at the same time make two names;
 * the next fold has both as parents. So no server has a part in it that only one may have, and it
 * works without database and coordinator.
 *
 * <p>What has to hold is only that whoever reads a name knows it:
 *
 * <ul>
 *   <li>To another replica a vector is told beyond folds which that one said to have, in the same
 *       life, and in full to one that said nothing: one that has just started, with an erased disk
 *       or not, or one of the release before, which keeps a fold as an op of unknown kind. If a
 *       life has ended unnoticed, and the disk with it, the new one finds a name that it does not
 *       know: then it takes nothing from that vector, and answers, by which the other learns of it.
 *   <li>A token ({@link DeltaVector#token}) goes to any server, and has a name only once the fold
 *       is itself on as many disks as it takes to be shown. Where it is read and not known, it is
 *       fetched, like any op that was delivered and is not here; if it does not come in time, the
 *       subscription is refused, and never served by a guess: what a name stands for would be
 *       missed or given twice. The token of a fold that all servers have lost, which takes the
 *       disks of a majority or, with local acks, the one disk, is not read any more. Tokens without
 *       a fold are written as before there were any, and read as ever; of one with a fold the
 *       release before says that it is none of its own.
 * </ul>
 *
 * <p>A fold counts here once all that it names is on this server: until then, on a disk that is
 * being filled, vectors are told in full. One that lists what was lost with a majority's disks
 * never counts again, and is no parent of a later one, so that it does not keep those from being of
 * use.
 *
 * <p>What a fold lists is on the disks of a majority, as {@link Folding} sees to: that is why it
 * may be shown to subscribers wherever it is named, though nobody remembers who has what of it.
 *
 * <p>So these need no rule of their own: a server that is away, because nothing waits for it; a
 * disk that is set back or erased, because it speaks by what it has, and may list less of an origin
 * than others have; a server that is configured no more, because its origins are listed like others
 * once a majority has them. What is long all the same: the first question of a life to each other
 * server, because nobody knows yet of what release that one is; and the vector of a server that was
 * started many times and made ops while there was no majority, until there is one.
 *
 * <p>Inside a server the folds that count are numbered in the order in which they began to; these
 * levels mean nothing elsewhere. A vector has a level, for what all folds up to it name, and
 * entries for what is beyond; so that none of them holds what others hold too, and a copy costs
 * what is beyond only. One thread adds; any thread reads.
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
    TreeSet<Integer> above = new TreeSet<>();
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
