package dev.batuta.orchestrator.dispatch;

import dev.batuta.task.Kinds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that may be sent now: for each kind one first-in-first-out list for each priority, higher
 * first. What waits for a worker of its kind holds up nothing else. Those that are to run alone are
 * in {@link Quarantine}.
 *
 * <p>A priority that was passed over {@code patience} times in a row is next, whatever waits in
 * higher ones, and of several the one that was passed over most often: so the first task of every
 * priority is sent after at most {@code patience + PRIORITIES} others, and the higher ones keep at
 * least {@code 1 - PRIORITIES / patience} of all that is sent.
 */
public final class ReadyQueue {
  public static final int PRIORITIES = 10;

  private final int patience;
  private final Map<String, OfKind> kinds = new HashMap<>();
  private final Quarantine quarantine = new Quarantine();

  /** Tasks of each priority. */
  private final int[] sizes = new int[PRIORITIES];

  /** How much had been taken when this priority was last served, or got its first task. */
  private final long[] servedAt = new long[PRIORITIES];

  private long taken;
  private long turns;
  private int size;

  /** The lists of one kind. */
  private static final class OfKind {
    final FifoList[] lists = new FifoList[PRIORITIES];
    int size;
    int weight;

    OfKind() {
      for (int priority = 0; priority < PRIORITIES; priority++) {
        lists[priority] = new FifoList();
      }
    }
  }

  ReadyQueue(int patience) {
    this.patience = patience;
  }

  void add(QueuedTask task) {
    if (Quarantine.concerns(task)) {
      quarantine.add(task);
      return;
    }
    if (sizes[task.priority]++ == 0) {
      servedAt[task.priority] = taken;
    }
    task.turn = turns++;
    OfKind ofKind = kinds.computeIfAbsent(task.kind(), kind -> new OfKind());
    ofKind.lists[task.priority].addLast(task);
    ofKind.size++;
    ofKind.weight += task.weight;
    size++;
  }

  /** Of these kinds the one whose turn it is; null when none of them waits. */
  @Nullable QueuedTask peek(Set<String> of) {
    if (size == 0) {
      return null;
    }
    QueuedTask turn = null;
    long longest = patience - 1L;
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
      QueuedTask head = sizes[priority] == 0 ? null : head(priority, of);
      long passedOver = taken - servedAt[priority];
      if (head != null && (turn == null || passedOver > longest)) {
        turn = head;
        longest = Math.max(longest, passedOver);
      }
    }
    return turn;
  }

  private @Nullable QueuedTask head(int priority, Set<String> of) {
    QueuedTask head = null;
    for (String kind : of) {
      OfKind ofKind = kinds.get(kind);
      QueuedTask first = ofKind == null ? null : ofKind.lists[priority].first();
      if (first != null && (head == null || first.turn < head.turn)) {
        head = first;
      }
    }
    return head;
  }

  /** Those that are to run alone; they wait for no turn. */
  List<QueuedTask> suspects() {
    return quarantine.suspects();
  }

  /** Takes what {@link #peek} showed, or a suspect, to be sent. */
  void take(QueuedTask head) {
    remove(head);
    if (Quarantine.concerns(head)) {
      return;
    }
    taken++;
    servedAt[head.priority] = taken;
  }

  /** Takes out one that will not be sent, wherever in its list it is. */
  void remove(QueuedTask task) {
    if (Quarantine.concerns(task)) {
      quarantine.remove(task);
      return;
    }
    OfKind ofKind = kinds.get(task.kind());
    if (ofKind == null) {
      throw new IllegalStateException("task " + task.id + " is in no list");
    }
    ofKind.lists[task.priority].remove(task);
    ofKind.size--;
    ofKind.weight -= task.weight;
    sizes[task.priority]--;
    size--;
    if (ofKind.size == 0) {
      kinds.remove(task.kind());
    }
  }

  /** Takes out all but those of the kinds that every worker takes, and of these. */
  List<QueuedTask> drainOthers(Set<String> kept) {
    List<QueuedTask> all = new ArrayList<>();
    for (String kind : List.copyOf(kinds.keySet())) {
      OfKind ofKind = kinds.get(kind);
      if (ofKind == null || kept.contains(kind) || Kinds.COMMON.contains(kind)) {
        continue;
      }
      for (FifoList list : ofKind.lists) {
        for (QueuedTask task = list.first(); task != null; task = list.first()) {
          remove(task);
          all.add(task);
        }
      }
    }
    return all;
  }

  /** How many of these kinds wait. */
  int size(Set<String> of) {
    int sum = 0;
    for (String kind : of) {
      OfKind ofKind = kinds.get(kind);
      sum += ofKind == null ? 0 : ofKind.size;
    }
    return sum;
  }

  /** How many of each kind wait; those that are to run alone are not among them. */
  SortedMap<String, Integer> sizes() {
    SortedMap<String, Integer> sizes = new TreeMap<>();
    kinds.forEach((kind, ofKind) -> sizes.put(kind, ofKind.size));
    return sizes;
  }

  /** Of those that are first of their kind and priority, since when the first has waited. */
  OptionalLong waitingSince() {
    Stream<QueuedTask> heads =
        kinds.values().stream()
            .flatMap(ofKind -> Arrays.stream(ofKind.lists))
            .flatMap(list -> Stream.ofNullable(list.first()));
    return Stream.concat(heads, suspects().stream()).mapToLong(task -> task.readyAtMillis).min();
  }

  /** Of one kind, by {@link Weight}. */
  int weight(String kind) {
    OfKind ofKind = kinds.get(kind);
    return ofKind == null ? 0 : ofKind.weight;
  }
}
