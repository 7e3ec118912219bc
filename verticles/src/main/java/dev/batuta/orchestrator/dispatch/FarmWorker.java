package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.task.Kinds;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One worker under one registration, as its master sees it. A slot is held from the sending of an
 * attempt to its report, also when the attempt has been given up meanwhile: the worker may still be
 * at it, and its credits say how much it takes.
 */
final class FarmWorker {
  /**
   * Who has less to do for its capacity first; of two that have as much to do, who takes only some
   * kind of its own is to have that, as the other may get something else.
   */
  static final Comparator<FarmWorker> LEAST_LOADED =
      ((Comparator<FarmWorker>) FarmWorker::compareLoads)
          .thenComparing(FarmWorker::isLendable)
          .thenComparingInt(worker -> worker.place);

  /** One attempt of one task. */
  record Slot(long id, int attempt) {}

  final String name;
  final String home;
  final long registration;
  final int credits;

  /** That it takes, in the order of their names. */
  final SortedSet<String> kinds;

  /** Over what it speaks. */
  final Via via;

  private final boolean lendable;
  final Set<Slot> slots = new LinkedHashSet<>();
  final long joinedMillis;
  long lastHeardMillis;

  /** Among those of its master, in the order in which they came. */
  int place;

  /** It is about to go, and takes no more. */
  boolean leaving;

  /** It stays, and takes nothing until it says otherwise. */
  boolean resting;

  FarmWorker(
      String name,
      String home,
      long registration,
      int credits,
      Collection<String> kinds,
      Via via,
      long nowMillis) {
    this.name = name;
    this.home = home;
    this.registration = registration;
    this.credits = credits;
    this.kinds = Collections.unmodifiableSortedSet(new TreeSet<>(kinds));
    this.via = via;
    this.lendable = isLendable(this.kinds);
    this.joinedMillis = nowMillis;
    this.lastHeardMillis = nowMillis;
  }

  /** The {@link Quarantine suspect} that it runs, or is kept free for; it gets nothing else. */
  @Nullable QueuedTask suspect;

  /** Whether it takes what every worker takes. */
  boolean isLendable() {
    return lendable;
  }

  /** Whether who takes these kinds does. */
  static boolean isLendable(Set<String> kinds) {
    return kinds.containsAll(Kinds.FIRST);
  }

  private static int compareLoads(FarmWorker one, FarmWorker other) {
    return Long.compare(
        (long) one.slots.size() * other.credits, (long) other.slots.size() * one.credits);
  }

  int free() {
    return leaving || resting || suspect != null ? 0 : credits - slots.size();
  }

  /** Whether its suspect runs here now. */
  boolean runsSuspect() {
    return suspect != null && suspect.place == QueuedTask.Place.RUNNING && suspect.worker == this;
  }
}
