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
 * The attempts that wait for the ledger, in partitions by account. Each partition is executed in
 * batches, one after another; batches of different partitions lock different accounts, here and at
 * other workers with as many partitions, so they need not wait for each other. Only the payee of a
 * transfer may be of another partition: the database orders these by its locks.
 *
 * <p>Belongs to one event loop.
 */
final class AccountPartitions {
  private final List<Partition> partitions;
  private final int batch;

  private static final class Partition {
    final ArrayDeque<Assignment> waiting = new ArrayDeque<>();
    boolean executing;
  }

  /**
   * What one partition executes, each task once; its partition goes on when this has {@link
   * #ended}.
   */
  record Batch(List<Assignment> tasks, Partition partition) {}

  /** So many partitions, with at most {@code batch} tasks in a batch. */
  AccountPartitions(int partitions, int batch) {
    this.partitions = Stream.generate(Partition::new).limit(partitions).toList();
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
    partitions.get(Math.floorMod(account(task).hashCode(), partitions.size())).waiting.add(task);
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

  /** The first tasks of a partition that executes nothing; it executes these now. */
  Optional<Batch> next() {
    return partitions.stream()
        .filter(partition -> !partition.executing && !partition.waiting.isEmpty())
        .findFirst()
        .map(this::begin);
  }

  private Batch begin(Partition partition) {
    List<Assignment> tasks = new ArrayList<>(Math.min(batch, partition.waiting.size()));
    Set<Long> ids = new HashSet<>();
    // An attempt that was given up while it waited here, and the next one, are of two batches.
    for (Assignment task = partition.waiting.peek();
        task != null && tasks.size() < batch && ids.add(task.id());
        task = partition.waiting.peek()) {
      tasks.add(partition.waiting.remove());
    }
    partition.executing = true;
    return new Batch(tasks, partition);
  }

  void ended(Batch batch) {
    batch.partition.executing = false;
  }

  boolean executing() {
    return partitions.stream().anyMatch(partition -> partition.executing);
  }

  /** Takes out what is not begun. */
  List<Assignment> remove(Predicate<Assignment> unwanted) {
    List<Assignment> removed =
        partitions.stream()
            .flatMap(partition -> partition.waiting.stream())
            .filter(unwanted)
            .toList();
    partitions.forEach(partition -> partition.waiting.removeIf(unwanted));
    return removed;
  }
}
