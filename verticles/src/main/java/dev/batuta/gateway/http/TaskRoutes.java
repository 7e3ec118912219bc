package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.Submission;
import dev.batuta.gateway.services.TaskService;
import dev.batuta.gateway.services.TaskService.Filter;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Tasks over HTTP; {@link TaskService} has the rules. */
final class TaskRoutes {
  private final TaskService tasks;

  TaskRoutes(TaskService tasks) {
    this.tasks = tasks;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "submitTask", this::submit);
    Routes.bind(builder, "submitBatch", this::submitBatch);
    Routes.bind(builder, "readTask", this::read);
    Routes.bind(builder, "listTasks", this::list);
    Routes.bind(builder, "cancelTask", this::cancel);
    Routes.bind(builder, "retryTask", this::retry);
    // SubmissionJson checks all that the schema says, in a tenth of its time.
    builder.getRoute("submitBatch").setDoValidation(false);
  }

  private Future<Answer> submit(RoutingContext rc) {
    Submission given = SubmissionJson.one(RequestReader.body(rc), key(rc));
    NewTask task = given.tasks().getFirst();
    return tasks
        .submit(Access.caller(rc), task, given.key(), wait(rc))
        .map(
            done ->
                done.seen()
                    .map(TaskRoutes::finishedOrNot)
                    .orElseGet(
                        () ->
                            Answer.of(
                                202,
                                TaskJson.accepted(done.id(), task, given.key(), done.owner()))));
  }

  private Future<Answer> submitBatch(RoutingContext rc) {
    Buffer body = rc.body().buffer();
    if (body == null) {
      throw Refused.invalid("missing-body", "The body is missing; send {\"tasks\": [..]}.");
    }
    String key = key(rc);
    return rc.vertx()
        .executeBlocking(() -> SubmissionJson.batch(body, key), false)
        .compose(submission -> tasks.submit(Access.caller(rc), submission))
        .map(accepted -> new Answer(202, TaskJson.accepted(accepted.ids())));
  }

  private Future<Answer> read(RoutingContext rc) {
    boolean waits = rc.queryParams().contains("waitMillis");
    return tasks
        .read(Access.caller(rc), rc.pathParam("id"), wait(rc))
        .map(task -> waits ? finishedOrNot(task) : Answer.ok(TaskJson.task(task)));
  }

  private Future<Answer> cancel(RoutingContext rc) {
    return tasks.cancel(Access.caller(rc), rc.pathParam("id")).map(TaskRoutes::finishedOrNot);
  }

  private Future<Answer> retry(RoutingContext rc) {
    int attempt = RequestReader.number(rc, "attempt", 0);
    return tasks
        .retry(
            Access.caller(rc),
            rc.pathParam("id"),
            attempt == 0 ? OptionalInt.empty() : OptionalInt.of(attempt))
        .map(TaskRoutes::finishedOrNot);
  }

  private Future<Answer> list(RoutingContext rc) {
    String state = rc.queryParams().get("state");
    Filter filter =
        new Filter(
            rc.queryParams().get("user"),
            state == null ? null : State.valueOf(state),
            rc.queryParams().get("kind"),
            Routes.after(rc),
            Routes.limit(rc));
    return tasks.list(Access.caller(rc), filter).map(page -> Answer.ok(TaskJson.page(page)));
  }

  private static Duration wait(RoutingContext rc) {
    return Duration.ofMillis(RequestReader.number(rc, "waitMillis", 0));
  }

  private static Answer finishedOrNot(Task task) {
    return Answer.of(task.state().isFinal() ? 200 : 202, TaskJson.task(task));
  }

  private static @Nullable String key(RoutingContext rc) {
    String header = rc.request().getHeader("Idempotency-Key");
    return header == null ? null : SubmissionJson.keyOfHeader(header);
  }
}
