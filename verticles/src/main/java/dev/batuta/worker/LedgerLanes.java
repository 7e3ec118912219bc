package dev.batuta.worker;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The attempts that wait for the ledger, in lanes by account. Each lane is executed in batches, one
 * after another; batches of different lanes lock different accounts, here and at other workers with
 * as many lanes, so they need not wait for each other. Only the payee of a transfer may be of
 * another lane: the database orders these by its locks.
 *
 * <p>Belongs to one event loop.
 */
final class LedgerLanes {
  private final List<Lane> lanes;
  private final int batch;

  private static final class Lane {
    final ArrayDeque<Assignment> waiting = new ArrayDeque<>();
    boolean executing;
  }

  /** What one lane executes, each task once; its lane goes on when this has {@link #ended}. */
  record Batch(List<Assignment> tasks, Lane lane) {}

  /** So many lanes, with at most {@code batch} tasks in a batch. */
  LedgerLanes(int lanes, int batch) {
    this.lanes = Stream.generate(Lane::new).limit(lanes).toList();
    this.batch = batch;
  }

  /** Whether a task is for the ledger. */
  static boolean takes(Payload payload) {
    return switch (payload) {
      case Query _, Update _, Transfer _ -> true;
      case Compute _, External _, Custom _ -> false;
    };
  }

  void add(Assignment task) {
    lanes.get(Math.floorMod(account(task).hashCode(), lanes.size())).waiting.add(task);
  }

  private static String account(Assignment task) {
    return switch (task.payload()) {
      case Query(var user) -> user;
      case Update(var user, var _, var _) -> user;
      case Transfer(var from, var _, var _) -> from;
      case Compute _, External _, Custom _ ->
          throw new IllegalArgumentException("task " + task.id() + " is not the ledger's");
    };
  }

  /** The first tasks of a lane that executes nothing; it executes these now. */
  Optional<Batch> next() {
    return lanes.stream()
        .filter(lane -> !lane.executing && !lane.waiting.isEmpty())
        .findFirst()
        .map(this::begin);
  }

  private Batch begin(Lane lane) {
    List<Assignment> tasks = new ArrayList<>(Math.min(batch, lane.waiting.size()));
    Set<Long> ids = new HashSet<>();
    // An attempt that was given up while it waited here, and the next one, are of two batches.
    for (Assignment task = lane.waiting.peek();
        task != null && tasks.size() < batch && ids.add(task.id());
        task = lane.waiting.peek()) {
      tasks.add(lane.waiting.remove());
    }
    lane.executing = true;
    return new Batch(tasks, lane);
  }

  void ended(Batch batch) {
    batch.lane.executing = false;
  }

  boolean executing() {
    return lanes.stream().anyMatch(lane -> lane.executing);
  }

  /** Takes out what is not begun. */
  List<Assignment> remove(Predicate<Assignment> unwanted) {
    List<Assignment> removed =
        lanes.stream().flatMap(lane -> lane.waiting.stream()).filter(unwanted).toList();
    lanes.forEach(lane -> lane.waiting.removeIf(unwanted));
    return removed;
  }
}
