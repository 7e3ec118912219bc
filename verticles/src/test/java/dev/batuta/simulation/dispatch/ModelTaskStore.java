package dev.batuta.simulation.dispatch;

import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.orchestrator.store.TaskStore;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@link TaskStore} on a {@link StoreModel}, over a link that may be bad. */
public class ModelTaskStore implements TaskStore {
  private final Link link;
  private final TaskProcedures tasks;
  private final QueueProcedures queues;

  public ModelTaskStore(StoreModel model, Link link) {
    this.link = link;
    this.tasks = new TaskProcedures(model);
    this.queues = new QueueProcedures(model);
  }

  private <T> Future<T> write(Supplier<T> transaction) {
    return link.write(() -> Transactions.one(transaction));
  }

  @Override
  public Future<Opened> open(String server) {
    return link.write(() -> queues.open(server));
  }

  @Override
  public Future<Standing> standing(String server) {
    return link.read(() -> queues.standing(server));
  }

  @Override
  public Future<List<AdoptedTerm>> adopt(String server, long term) {
    return link.write(() -> queues.adopt(server, term));
  }

  @Override
  public Future<List<Pending>> unfinished(String server, long afterId, int limit) {
    return link.read(() -> tasks.unfinished(server, afterId, limit));
  }

  @Override
  public Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> all) {
    return write(() -> tasks.accept(server, term, user, key, firstId, all));
  }

  @Override
  public Future<Void> noteDispatching(String server, long term, Scope scope, long throughId) {
    return write(
            () -> {
              tasks.noteDispatching(server, term, throughId);
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<Void> noteDrained(String server, long term) {
    return write(
            () -> {
              tasks.noteDrained(server, term);
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<Boolean> giveAway(String server, long term, String heir) {
    return write(() -> queues.giveAway(server, term, heir));
  }

  @Override
  public Future<List<Long>> complete(String server, long term, List<Completion> outcomes) {
    return write(() -> tasks.complete(server, term, outcomes));
  }

  @Override
  public Future<List<GaveUp>> giveUp(String server, long term, List<GivenUp> attempts) {
    return write(() -> tasks.giveUp(server, term, attempts));
  }

  @Override
  public Future<Optional<Cancellation>> cancel(String server, long term, long id, String why) {
    return write(() -> tasks.cancel(server, term, id, why));
  }

  @Override
  public Future<Optional<RetryOutcome>> retry(String server, long term, long id, int lastAttempt) {
    return write(() -> tasks.retry(server, term, id, lastAttempt));
  }

  @Override
  public Future<Void> compact(String server, long term, long throughId) {
    return write(
            () -> {
              tasks.compact(server, term, throughId);
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<Optional<Task>> read(long id) {
    return read(List.of(id)).map(found -> found.stream().findFirst());
  }

  @Override
  public Future<List<Task>> read(List<Long> ids) {
    return link.read(() -> tasks.read(ids));
  }

  @Override
  public Future<TaskPage> list(Filter filter, long after, int limit) {
    return filter.state() == State.RUNNING
        ? Future.succeededFuture(new TaskPage(List.of(), 0))
        : link.read(() -> tasks.list(filter, after, limit));
  }
}
