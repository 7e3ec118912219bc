package dev.batuta.orchestrator;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.TaskStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Readers that wait for tasks of this owner to end. Belongs to one event loop. */
final class Waiters {
  private final Vertx vertx;
  private final String server;
  private final TaskStore store;
  private final int max;
  private final Map<Long, List<Promise<Optional<Task>>>> waiting = new HashMap<>();
  private int count;

  Waiters(Vertx vertx, String server, TaskStore store, int max) {
    this.vertx = vertx;
    this.server = server;
    this.store = store;
    this.max = max;
  }

  /** The task once it has ended; empty when the time is over before, or it went elsewhere. */
  Future<Optional<Task>> await(long id, long waitMillis) {
    if (count >= max) {
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Failure.Kind.BUSY,
                  "busy",
                  "Too many readers wait here; read again in 1000 ms.",
                  1000)));
    }
    Promise<Optional<Task>> promise = Promise.promise();
    waiting.computeIfAbsent(id, none -> new ArrayList<>(1)).add(promise);
    count++;
    long timer = vertx.setTimer(waitMillis, over -> promise.tryComplete(Optional.empty()));
    return promise
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              remove(id, promise);
            });
  }

  private void remove(long id, Promise<Optional<Task>> promise) {
    List<Promise<Optional<Task>>> of = waiting.get(id);
    if (of != null && of.remove(promise)) {
      count--;
      if (of.isEmpty()) {
        waiting.remove(id);
      }
    }
  }

  /** Answers those who wait for one of these, with what the database says. */
  void ended(Collection<Long> ids) {
    List<Long> awaited = ids.stream().filter(waiting::containsKey).toList();
    if (!awaited.isEmpty()) {
      store
          .read(awaited)
          .onSuccess(tasks -> tasks.forEach(this::answer))
          .onFailure(error -> awaited.forEach(id -> fail(id, error)));
    }
  }

  /** Looks again at all that is waited for: it may have ended unseen, or be another server's. */
  void lookAgain() {
    ended(List.copyOf(waiting.keySet()));
  }

  private void answer(Task task) {
    boolean ended = task.state().isFinal();
    if (ended || !task.owner().equals(server)) {
      Optional<Task> answer = ended ? Optional.of(task) : Optional.empty();
      for (Promise<Optional<Task>> promise :
          List.copyOf(waiting.getOrDefault(task.id(), List.of()))) {
        promise.tryComplete(answer);
      }
    }
  }

  private void fail(long id, Throwable error) {
    for (Promise<Optional<Task>> promise : List.copyOf(waiting.getOrDefault(id, List.of()))) {
      promise.tryFail(error);
    }
  }
}
