package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.bus.Addresses;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.json.SubmissionJson.Submission;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.KnownKinds;
import dev.batuta.gateway.services.Servers;
import dev.batuta.gateway.services.Servers.Answered;
import dev.batuta.identity.Caller;
import dev.batuta.identity.UserName;
import dev.batuta.task.Kinds;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tasks: submit one or many, read, wait, list, cancel, try again. */
final class TaskRoutes {
  private final Servers servers;
  private final Duration answer;
  private final KnownKinds kinds;
  private final ClusterView view;

  TaskRoutes(Servers servers, Duration answer, KnownKinds kinds, ClusterView view) {
    this.servers = servers;
    this.answer = answer;
    this.kinds = kinds;
    this.view = view;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "submitTask", this::submit);
    Routes.bind(builder, "submitBatch", this::submitBatch);
    Routes.bind(builder, "readTask", this::read);
    Routes.bind(builder, "listTasks", this::list);
    Routes.bind(builder, "cancelTask", this::cancel);
    Routes.bind(builder, "retryTask", this::retry);
    // Submissions checks all that the schema says, in a tenth of its time.
    builder.getRoute("submitBatch").setDoValidation(false);
  }

  private Future<Answer> submit(RoutingContext rc) {
    long waitMillis = RequestReader.number(rc, "waitMillis", 0);
    ObjectNode body = RequestReader.body(rc);
    String key = key(rc);
    return withKinds(() -> Future.succeededFuture(SubmissionJson.one(body, key, kinds)))
        .compose(
            submission ->
                accept(rc, submission)
                    .compose(accepted -> submitted(accepted, submission, waitMillis)));
  }

  /** Reads a submission; where a kind is unknown once more, when all servers have been asked. */
  private Future<Submission> withKinds(Supplier<Future<Submission>> read) {
    return Future.succeededFuture()
        .compose(now -> read.get())
        .recover(
            error ->
                error instanceof Refused refused && refused.failure().code().equals("unknown-kind")
                    ? view.refresh().compose(asked -> read.get())
                    : Future.failedFuture(error));
  }

  /** It is accepted: whatever goes wrong from here on, the answer says so. */
  private Future<Answer> submitted(
      Answered<Accepted> accepted, Submission submission, long waitMillis) {
    long id = accepted.answer().ids().getFirst();
    Answer known =
        Answer.of(
            202,
            TaskJson.accepted(
                id, submission.tasks().getFirst(), submission.key(), accepted.server()));
    if (waitMillis == 0 && !accepted.answer().repeated()) {
      return Future.succeededFuture(known);
    }
    return ask(id, waitMillis).map(TaskRoutes::finishedOrNot).otherwise(known);
  }

  private Future<Answer> submitBatch(RoutingContext rc) {
    Buffer body = rc.body().buffer();
    if (body == null) {
      throw Refused.invalid("missing-body", "The body is missing; send {\"tasks\": [..]}.");
    }
    String key = key(rc);
    return withKinds(
            () -> rc.vertx().executeBlocking(() -> SubmissionJson.batch(body, key, kinds), false))
        .compose(submission -> accept(rc, submission))
        .map(accepted -> new Answer(202, TaskJson.accepted(accepted.answer().ids())));
  }

  private Future<Answered<Accepted>> accept(RoutingContext rc, Submission submission) {
    Submit submit = new Submit(Access.caller(rc).user(), submission.key(), submission.tasks());
    Optional<String> elsewhere = servers.placement().filter(other -> !isTakenHere(submission));
    return servers.askFirst(elsewhere, Addresses::tasks, submit, Accepted.class, answer);
  }

  /** A worker that takes some kind of these and not those of all workers is in no heartbeat. */
  private boolean isTakenHere(Submission submission) {
    return submission.tasks().stream()
        .map(task -> task.payload().kind())
        .filter(kind -> !Kinds.COMMON.contains(kind))
        .distinct()
        .anyMatch(kind -> view.takes(servers.here(), kind));
  }

  private Future<Answer> read(RoutingContext rc) {
    boolean waits = rc.queryParams().contains("waitMillis");
    return awaitOwn(rc, RequestReader.number(rc, "waitMillis", 0))
        .map(task -> waits ? finishedOrNot(task) : Answer.ok(TaskJson.task(task)));
  }

  /** Whose task it is never changes, so who may not see it is not kept waiting for its end. */
  private Future<Task> awaitOwn(RoutingContext rc, long waitMillis) {
    return readOwn(rc)
        .compose(
            task ->
                waitMillis == 0 || task.state().isFinal()
                    ? Future.succeededFuture(task)
                    : ask(task.id(), waitMillis));
  }

  /** A task that this caller may see, and decide about. */
  private Future<Task> readOwn(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    long id = id(rc.pathParam("id"));
    return ask(id, 0)
        .map(
            task -> {
              if (!caller.isAdmin() && !task.user().equals(caller.user())) {
                throw Refused.forbidden("Task " + id + " is another user's; ask an admin.");
              }
              return task;
            });
  }

  private Future<Answer> cancel(RoutingContext rc) {
    String by = Access.caller(rc).user();
    return readOwn(rc)
        .compose(task -> decide(task, new Cancel(task.id(), by)))
        .map(TaskRoutes::finishedOrNot);
  }

  /**
   * Attempts go on counting, so the last one tells two requests apart: without it in the request it
   * is the one that was read just now.
   */
  private Future<Answer> retry(RoutingContext rc) {
    int given = RequestReader.number(rc, "attempt", 0);
    return readOwn(rc)
        .compose(
            task -> {
              if (given == 0 && task.state() != State.DEAD) {
                throw new Refused(
                    Kind.CONFLICT,
                    "task-not-dead",
                    "Task "
                        + task.id()
                        + " is "
                        + task.state()
                        + ": only a DEAD task is tried again.");
              }
              return decide(task, new TryAgain(task.id(), given == 0 ? task.attempt() : given));
            })
        .map(TaskRoutes::finishedOrNot);
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
            + ": if it died, another server takes its tasks over within some seconds");
  }

  private Future<Answer> list(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    String state = rc.queryParams().get("state");
    String after = Routes.after(rc);
    String user = rc.queryParams().get("user");
    if (user != null) {
      UserName.checked("user", user);
    }
    if (user != null && !caller.isAdmin() && !user.equals(caller.user())) {
      throw Refused.forbidden(
          "The tasks of \"" + Refused.shown(user) + "\" are another user's; ask an admin.");
    }
    ListTasks list =
        new ListTasks(
            caller.isAdmin() ? user : caller.user(),
            state == null ? null : State.valueOf(state),
            rc.queryParams().get("kind"),
            after == null ? 0 : after(after),
            Routes.limit(rc));
    return servers
        .ask(Addresses::tasks, list, TaskPage.class, answer)
        .map(page -> Answer.ok(TaskJson.page(page.answer())));
  }

  private Future<Task> ask(long id, long waitMillis) {
    return servers
        .ask(Addresses::tasks, new Read(id, waitMillis), Task.class, answer.plusMillis(waitMillis))
        .map(Answered::answer);
  }

  private static Answer finishedOrNot(Task task) {
    return Answer.of(task.state().isFinal() ? 200 : 202, TaskJson.task(task));
  }

  private static @Nullable String key(RoutingContext rc) {
    String header = rc.request().getHeader("Idempotency-Key");
    return header == null ? null : SubmissionJson.keyOfHeader(header);
  }

  /** The id of a page's {@code next}. */
  static long after(String after) {
    try {
      return Long.parseLong(after);
    } catch (NumberFormatException notOurs) {
      throw new Refused(
          Kind.INVALID,
          "invalid-parameter",
          "after \""
              + Refused.shown(after)
              + "\" is not the next of a page; leave it out to start.");
    }
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
