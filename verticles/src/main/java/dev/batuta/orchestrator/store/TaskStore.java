package dev.batuta.orchestrator.store;

import dev.batuta.codec.Failure;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lasts of tasks: acceptance, attempts given up, outcomes. Two row writes a task.
 *
 * <p>Every write is made under the term of the queue of a server, and fails with {@code FENCED}
 * when that is not the term now in force. It is one transaction in one call, safe to repeat after
 * {@code UNKNOWN}.
 *
 * <p>Futures fail with {@code Refused}: FENCED, CONFLICT ({@code key-reused}), UNAVAILABLE (nothing
 * happened), UNKNOWN (the connection was lost on the way).
 */
public interface TaskStore {

  /**
   * A term that is over, as the one in force adopted it.
   *
   * @param counts of all its tasks by state at that moment; what was unfinished is PENDING or
   *     FAILED
   */
  record AdoptedTerm(long term, Map<State, Long> counts) {
    /** How many of them have not ended. */
    public long unfinished() {
      return counts.entrySet().stream()
          .filter(count -> !count.getKey().isFinal())
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  /** A queue as its server finds it after a start: its new term, and those before it. */
  record Opened(long term, List<AdoptedTerm> adopted) {
    /** How many tasks of this server have not ended. */
    public long unfinished() {
      return adopted.stream().mapToLong(AdoptedTerm::unfinished).sum();
    }

    /** Of all tasks of this server, by state. */
    public Map<State, Long> counts() {
      Map<State, Long> sums = new EnumMap<>(State.class);
      adopted.forEach(
          old -> old.counts().forEach((state, count) -> sums.merge(state, count, Long::sum)));
      return sums;
    }
  }

  /**
   * What the database says of a server.
   *
   * @param term in force, 0 when it never had one
   * @param terms how many it has: that in force, those before it, and those that it was given.
   *     Whoever has not heard of the adoption of all of them adopts, also when a late call already
   *     has
   * @param heirOf whose tasks it was given, as long as they have not come back
   */
  record Standing(long term, long terms, List<String> heirOf) {}

  /**
   * A task without an outcome.
   *
   * @param attempt the number of its next run, 1 for the first
   * @param timeoutMillis of one attempt, 0 for none
   * @param traceparent the place of its submission in a trace, null outside of one
   */
  record Pending(
      long id,
      String user,
      Payload payload,
      int priority,
      long notBeforeMillis,
      long timeoutMillis,
      int attempt,
      int maxAttempts,
      long createdAtMillis,
      @Nullable String traceparent) {
    /** This, without its payload unless it is of one of these kinds. */
    Pending withPayloadOf(Collection<String> kinds) {
      return kinds.contains(payload.kind())
          ? this
          : new Pending(
              id,
              user,
              new Custom(payload.kind(), ""),
              priority,
              notBeforeMillis,
              timeoutMillis,
              attempt,
              maxAttempts,
              createdAtMillis,
              traceparent);
    }
  }

  /**
   * The end of a task.
   *
   * @param state DONE, DEAD or CANCELLED
   * @param worker null if none had it
   */
  record Completion(
      long id,
      int attempt,
      State state,
      @Nullable String worker,
      @Nullable Result result,
      @Nullable String error,
      long startedAtMillis) {}

  /** An attempt that failed, or whose worker is gone. */
  record GivenUp(long id, int attempt, String error) {}

  /**
   * What follows on an attempt that was given up.
   *
   * @param state FAILED: {@code attempt} is the number of the next run; DEAD: attempts are used up;
   *     DONE or CANCELLED: it had ended before, and stays so
   */
  record GaveUp(long id, State state, int attempt) {}

  /**
   * How a task stands after somebody wanted it cancelled.
   *
   * @param state its end, CANCELLED unless it had ended otherwise before
   * @param news whether this very call ended it
   */
  record Cancellation(String kind, State state, boolean news) {}

  /**
   * How a task stands after somebody wanted it retried.
   *
   * @param state its end, or FAILED or PENDING if it has none
   * @param attempt the number of its next run; of an ended task the last
   * @param news whether this very call retried it
   * @param task unless it has ended
   */
  record RetryOutcome(State state, int attempt, boolean news, @Nullable Pending task) {}

  /** Which tasks; null is all. */
  record Filter(@Nullable String user, @Nullable State state, @Nullable String kind) {
    public static final Filter ALL = new Filter(null, null, null);
  }

  /**
   * Takes a new term for the queue of a server. The tasks of its older terms stay its own. One is
   * added to the attempt of those that may have been dispatched; those without attempts left end
   * DEAD. Where that takes more than some seconds, as with millions of tasks, the rest is left to
   * {@link #adopt}, and {@link Standing#terms} says so.
   */
  Future<Opened> open(String server);

  /** Cheap; to be looked at every second or so. */
  Future<Standing> standing(String server);

  /**
   * Adopts the terms that this server was given, or had before: one is added to the attempt of
   * those of their tasks that may have been dispatched, and all become readable by {@link
   * #unfinished}. What runs under the term in force goes on.
   *
   * @return all that the term in force has adopted, from its opening on
   */
  Future<List<AdoptedTerm>> adopt(String server, long term);

  /**
   * Tasks of a server without an outcome, in the order of their ids: a page after {@code afterId},
   * an empty one at the end.
   */
  Future<List<Pending>> unfinished(String server, long afterId, int limit);

  /**
   * As {@link #unfinished(String, long, int)}, but without the payloads of other kinds than these:
   * an empty {@link Custom} stands for each of them. So a page of tasks with large payloads takes
   * little room.
   */
  default Future<List<Pending>> unfinished(
      String server, Collection<String> kinds, long afterId, int limit) {
    return unfinished(server, afterId, limit)
        .map(page -> page.stream().map(task -> task.withPayloadOf(kinds)).toList());
  }

  /**
   * As {@link #unfinished(String, Collection, long, int)}, for who works under a term. Fails with
   * FENCED when that was over before the page was read to its end: then attempts in it may be such
   * as only a later term may send.
   */
  default Future<List<Pending>> unfinished(
      String server, long term, Collection<String> kinds, long afterId, int limit) {
    return unfinished(server, kinds, afterId, limit)
        .compose(
            page ->
                standing(server)
                    .compose(
                        now ->
                            now.term() == term
                                ? Future.succeededFuture(page)
                                : Future.failedFuture(
                                    new Refused(
                                        Failure.Kind.FENCED,
                                        "old-term",
                                        "Term %d of %s is over: %d is in force."
                                            .formatted(term, server, now.term())))));
  }

  /**
   * Accepts tasks, all or none, under the ids from {@code firstId} on in their order. With a key
   * that this user has used for the same tasks it answers the ids of then, and {@code firstId} is
   * not used.
   *
   * @param key null, or one that {@link IdempotencyKey} has let pass
   * @param tasks at least one; judged, with defaults filled in
   */
  Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> tasks);

  /**
   * As {@link #accept(String, long, String, String, long, List)}, of tasks in traces. These are for
   * people who look on: a store that has no room for them leaves them out.
   *
   * @param traceparents the place of each task's submission, in their order, null outside of a
   *     trace; empty where none is in one. They are no part of what a key stands for
   */
  default Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> tasks,
      List<@Nullable String> traceparents) {
    return accept(server, term, user, key, firstId, tasks);
  }

  /**
   * "Tasks of this scope up to this id, of the term that accepted them, may have been dispatched":
   * to be committed before they are sent, under each term again. Note ahead, a thousand at a time,
   * not for each task. The others up to this id are as they were; a store may take them for
   * dispatched, too, and then a take-over costs them an attempt.
   */
  Future<Void> noteDispatching(String server, long term, Scope scope, long throughId);

  /**
   * "Nothing that was dispatched under this term is outstanding, nor will more be": what {@link
   * #noteDispatching} recorded is void, so that the next term gives nothing up. Without it, or when
   * it is lost on the way, that stands.
   */
  Future<Void> noteDrained(String server, long term);

  /**
   * Ends the term, and gives all tasks of a server that lives to another one, who adopts them; what
   * {@link #noteDispatching} recorded is void, as after {@link #noteDrained}. Whoever works under
   * the term is refused from then on.
   *
   * @return false when the heir is dead or has no open queue: then the term goes on, drained
   */
  Future<Boolean> giveAway(String server, long term, String heir);

  /**
   * Records ends of tasks, whatever runs them.
   *
   * @return ids that were refused because their attempt is not the present one, or because they
   *     ended otherwise before; usually none
   */
  Future<List<Long>> complete(String server, long term, List<Completion> outcomes);

  /** Ends attempts, and says what follows on each, in the order given. */
  Future<List<GaveUp>> giveUp(String server, long term, List<GivenUp> attempts);

  /**
   * Cancels a task, unless it has ended. A worker that is at it is refused when it comes to commit.
   *
   * @return empty when the task is not of the term in force, nor of one that it has adopted; fails
   *     with NOT_FOUND when there is no such task
   */
  Future<Optional<Cancellation>> cancel(String server, long term, long id, String why);

  /**
   * Gives a DEAD task as many attempts again as it had at first. They go on counting, so that a
   * late result of an older one is refused.
   *
   * @param lastAttempt the last attempt of the dead task; if that is not its last, nothing changes
   * @return as {@link #cancel}
   */
  Future<Optional<RetryOutcome>> retry(String server, long term, long id, int lastAttempt);

  /**
   * Lets {@link #open} and {@link #unfinished} skip what is finished: to be called now and then, a
   * second apart or so.
   *
   * @param throughId no acceptance of this term up to this id is under way or to come
   */
  Future<Void> compact(String server, long term, long throughId);

  /** A task as the database knows it: RUNNING, and the worker of a run, its owner knows. */
  Future<Optional<Task>> read(long id);

  /** Several, in the order of their ids; unknown ids are left out. */
  Future<List<Task>> read(List<Long> ids);

  /** A page in the order of ids, after {@code after}. {@code RUNNING} finds nothing here. */
  Future<TaskPage> list(Filter filter, long after, int limit);
}
