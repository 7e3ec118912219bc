package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.AskCheckpoint;
import dev.batuta.codec.TaskMessage.Checkpoint;
import dev.batuta.codec.TaskMessage.HeldTask;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import dev.batuta.orchestrator.store.TaskStore;
import io.vertx.core.Future;
import java.util.List;

/**
 * The state of an orchestrator, for people and programs to look at.
 *
 * <p>Nothing is restored from it. What cannot be rebuilt is in the database at any time: that a
 * task was accepted, which attempts were given up, how it ended; an orchestrator that starts again,
 * or takes over, reads it there. What it adds in memory is shown here beside it: which of the tasks
 * are in memory and in what place, with which worker, under which registration, and until when they
 * wait.
 *
 * <p>It goes page by page, so that it takes little memory however many tasks there are: one page of
 * {@link TaskMessage#MAX_CHECKPOINT_PAGE} for each that asks. Pages show the tasks as they are when
 * each is read, while work goes on: what ends meanwhile is not in them.
 */
final class Checkpoints {
  private final String server;
  private final TaskStore store;

  Checkpoints(String server, TaskStore store) {
    this.server = server;
    this.store = store;
  }

  Future<Checkpoint> page(QueueTerm term, AskCheckpoint ask) {
    int limit = Math.clamp(ask.limit(), 1, TaskMessage.MAX_CHECKPOINT_PAGE);
    return store
        .unfinished(server, ask.after(), limit)
        .map(
            stored -> {
              List<HeldTask> tasks =
                  stored.stream()
                      .map(task -> QueuedTask.held(task, term.dispatch().queue().get(task.id())))
                      .toList();
              long next = tasks.size() < limit ? 0 : tasks.getLast().id();
              return new Checkpoint(server, term.number(), term.counts(), tasks, next);
            });
  }
}
