package dev.batuta.gateway.services;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.gateway.services.Servers.Answered;
import dev.batuta.identity.Caller;
import dev.batuta.identity.UserName;
import dev.batuta.task.Kinds;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tasks: submit one or many, read, wait, list, cancel, retry. A user sees and decides about its own
 * tasks, an admin about all. What a submission alone shows to be wrong the server that takes it
 * refuses ({@code TaskRules}), whatever door it came by; a door's form may ask the same judge
 * before. Any thread may ask.
 */
public final class TaskService {
  private final Servers servers;
  private final KnownKinds kinds;
  private final WorkerKinds workers;
  private final Duration answer;

  /**
   * @param answer within which a server has to answer
   */
  public TaskService(Servers servers, KnownKinds kinds, WorkerKinds workers, Duration answer) {
    this.servers = servers;
    this.kinds = kinds;
    this.workers = workers;
    this.answer = answer;
  }

  /**
   * A task that was accepted.
   *
   * @param owner the server that took it
   * @param seen as it was read after that; empty where it was not read, or could not be
   */
  public record Submitted(long id, String owner, Optional<Task> seen) {}

  /**
   * Which tasks a list is to have.
   *
   * @param user whose; null for all that the caller may see
   * @param after the {@code next} of the page before, null at the start
   */
  public record Filter(
      @Nullable String user,
      @Nullable State state,
      @Nullable String kind,
      @Nullable String after,
      int limit) {}

  /** Accepts tasks together, or none; answered when they are committed, with their ids in order. */
  public Future<Accepted> submit(Caller caller, Submission submission) {
    return accept(caller, submission).map(Answered::answer);
  }

  /**
   * Accepts a task and waits for its end. Once it is accepted the answer says so, whatever goes
   * wrong from there on.
   *
   * @param wait zero not to wait; a repeat under the same key is read all the same, as it may have
   *     ended long ago
   */
  public Future<Submitted> submit(
      Caller caller, NewTask task, @Nullable String key, Duration wait) {
    return accept(caller, new Submission(List.of(task), key))
        .compose(
            accepted -> {
              long id = accepted.answer().ids().getFirst();
              Submitted known = new Submitted(id, accepted.server(), Optional.empty());
              return wait.isZero() && !accepted.answer().repeated()
                  ? Future.succeededFuture(known)
                  : ask(id, wait)
                      .map(seen -> new Submitted(id, accepted.server(), Optional.of(seen)))
                      .otherwise(known);
            });
  }

  private Future<Answered<Accepted>> accept(Caller caller, Submission submission) {
    return checkKinds(submission)
        .compose(
            known -> {
              Submit submit = new Submit(caller.user(), submission.key(), submission.tasks());
              Optional<String> elsewhere = servers.placement(takers(submission));
              return servers.askFirst(elsewhere, Addresses::tasks, submit, Accepted.class, answer);
            });
  }

  /** A kind that is unknown may be new: all servers are asked for those of their workers once. */
  private Future<Void> checkKinds(Submission submission) {
    return unknown(submission).isEmpty()
        ? Future.succeededFuture()
        : workers
            .refresh()
            .compose(
                asked ->
                    unknown(submission)
                        .map(Future::<Void>failedFuture)
                        .orElseGet(Future::succeededFuture));
  }

  private Optional<Refused> unknown(Submission submission) {
    List<NewTask> tasks = submission.tasks();
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).payload() instanceof Custom custom && !kinds.knows(custom.kind())) {
        return Optional.of(
            kinds.unknown(tasks.size() == 1 ? "" : "tasks[" + i + "].", custom.kind()));
      }
    }
    return Optional.empty();
  }

  /**
   * Which servers have workers for these that are in no heartbeat, by a kind that not every worker
   * takes, or else by all.
   */
  private Predicate<String> takers(Submission submission) {
    Set<String> kinds =
        submission.tasks().stream().map(task -> task.payload().kind()).collect(Collectors.toSet());
    Set<String> special = new HashSet<>(kinds);
    Kinds.COMMON.forEach(special::remove);
    return special.isEmpty()
        ? server -> kinds.stream().allMatch(kind -> workers.takesApart(server, kind))
        : server -> special.stream().anyMatch(kind -> workers.takesApart(server, kind));
  }

  /**
   * A task, if the caller may see it, when it has ended or the wait is over. Whose task it is never
   * changes, so who may not see it is not kept waiting for its end.
   */
  public Future<Task> read(Caller caller, String id, Duration wait) {
    return readOwn(caller, id)
        .compose(
            task ->
                wait.isZero() || task.state().isFinal()
                    ? Future.succeededFuture(task)
                    : ask(task.id(), wait));
  }

  /** Cancels a task; CONFLICT if it has ended otherwise. Again it is the same. */
  public Future<Task> cancel(Caller caller, String id) {
    return readOwn(caller, id).compose(task -> decide(task, new Cancel(task.id(), caller.user())));
  }

  /**
   * Gives a DEAD task as many attempts again; CONFLICT if it is not DEAD. Attempts go on counting,
   * so the last one tells two requests apart.
   *
   * @param lastAttempt of the dead task that is meant: a repeat with the same one gives no more;
   *     without it that of the task as it is now
   */
  public Future<Task> retry(Caller caller, String id, OptionalInt lastAttempt) {
    return readOwn(caller, id)
        .compose(
            task -> {
              if (lastAttempt.isEmpty() && task.state() != State.DEAD) {
                throw Refused.conflict(
                    "task-not-dead",
                    "Task " + task.id() + " is " + task.state() + ": only a DEAD task is retried.");
              }
              return decide(task, new TryAgain(task.id(), lastAttempt.orElse(task.attempt())));
            });
  }

  /** A page of tasks in the order of their ids. */
  public Future<TaskPage> list(Caller caller, Filter filter) {
    return Thrown.asFailure(
        () -> {
          String user = filter.user();
          if (user != null) {
            UserName.checked("user", user);
            if (!caller.isAdmin() && !user.equals(caller.user())) {
              throw Refused.forbidden(
                  "The tasks of \"" + Refused.shown(user) + "\" are another user's; ask an admin.");
            }
          }
          ListTasks list =
              new ListTasks(
                  caller.isAdmin() ? user : caller.user(),
                  filter.state(),
                  filter.kind(),
                  PageStart.after(filter.after()),
                  filter.limit());
          return servers.ask(Addresses::tasks, list, TaskPage.class, answer).map(Answered::answer);
        });
  }

  /** A task that this caller may see, and decide about. */
  private Future<Task> readOwn(Caller caller, String text) {
    return Thrown.asFailure(() -> ask(id(text), Duration.ZERO))
        .map(
            task -> {
              if (!caller.isAdmin() && !task.user().equals(caller.user())) {
                throw Refused.forbidden("Task " + task.id() + " is another user's; ask an admin.");
              }
              return task;
            });
  }

  private Future<Task> ask(long id, Duration wait) {
    return servers
        .ask(Addresses::tasks, new Read(id, wait.toMillis()), Task.class, answer.plus(wait))
        .map(Answered::answer);
  }

  /** Only the owner decides; while it is dead, nobody does. */
  private Future<Task> decide(Task task, TaskMessage decision) {
    return servers.askOnly(
        task.owner(),
        Addresses::tasks,
        decision,
        Task.class,
        answer,
        "which has task "
            + task.id()
            + ": if it died, another server adopts its tasks within some seconds");
  }

  /** Ids are opaque to clients, so one that cannot be ours is simply unknown. */
  private static long id(String text) {
    try {
      long id = Long.parseLong(text);
      if (id > 0 && Long.toString(id).equals(text)) {
        return id;
      }
    } catch (NumberFormatException notOurs) {
      // Refused below, as any other id that no task has.
    }
    throw Refused.notFound(
        "task-not-found",
        "There is no task \"" + Refused.shown(text) + "\"; GET /api/v1/tasks lists them.");
  }
}
