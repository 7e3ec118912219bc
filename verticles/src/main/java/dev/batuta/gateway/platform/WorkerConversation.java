package dev.batuta.gateway.platform;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.WorkerMessage.Assignment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which one worker of the platform takes part in a farm: it is a member while it says
 * that it lives, and does one task at a time, which is sent to it and whose end it answers or
 * reports.
 *
 * <p>A worker that falls silent is dead, and what it has is given to others as a new attempt, also
 * when it still listens. One that fails what was to crash it, or hangs up on that, is taken to be
 * dead at once: else it would be given the next attempt too while it still listens. One that cannot
 * be connected to gives what it never got back as the same attempt. These two come again with a
 * heartbeat after a pause; else they would be the ones with the least to do, and draw all tasks to
 * themselves.
 *
 * <p>A pure core: no clock and no I/O. The state is changed in place; it belongs to one thread.
 * Time is in milliseconds that do not run back.
 */
final class WorkerConversation {
  /** Without a heartbeat for so long a worker is dead. */
  static final Duration SILENCE = Duration.ofSeconds(6);

  /** Beyond the duration of a task, within which its worker answers. */
  static final Duration ANSWER = Duration.ofSeconds(10);

  /** Within which a worker whose connection ended may report on another one. */
  static final Duration REPORT = Duration.ofSeconds(2);

  /** Silence after which nothing is known of a worker any more. */
  static final Duration FORGET = Duration.ofMinutes(10);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
  private static final Duration MAX_PAUSE = Duration.ofMinutes(1);

  /** What happens. */
  sealed interface Input {
    /** The worker registered, or sent a heartbeat. */
    record Heard() implements Input {}

    /** Time has passed; to come several times a second. */
    record Tick() implements Input {}

    /** Its master gives it a task. */
    record Assigned(Assignment task) implements Input {}

    /** Answer to {@link Effect.Execute}: there was no connection, so nothing of it came to it. */
    record Unreached(long id, int attempt) implements Input {}

    /** Answer to {@link Effect.Execute}: the connection ended, or what came on it was no answer. */
    record HungUp(long id, int attempt, String why) implements Input {}

    /** Answer to {@link Effect.Execute}. */
    record Answered(long id, int attempt, WorkerAnswer answer) implements Input {}

    /** On a connection of its own; answered by Accept or Refuse. */
    record Reported(long id, WorkerAnswer answer) implements Input {}

    /** The attempt is not wanted any more. */
    record Dropped(long id, int attempt, String why) implements Input {}

    /** The registration under which the attempt came is over: nobody waits for its end. */
    record Abandoned(long id, int attempt) implements Input {}
  }

  /** What is to be done, in this order. */
  sealed interface Effect {
    /** It is a member of a farm from now on. */
    record Join() implements Effect {}

    /**
     * It is none any more.
     *
     * @param begun whether what it has may have begun
     */
    record Quit(boolean begun, String why) implements Effect {}

    /**
     * Send a task to it; answered by Unreached, HungUp or Answered, unless it is hung up before.
     */
    record Execute(Assignment task) implements Effect {}

    /** Close the connection of the last Execute, if it is open. */
    record HangUp() implements Effect {}

    /** The attempt has ended: Done or Failed. */
    record End(long id, int attempt, WorkerAnswer how) implements Effect {}

    /** What was reported was expected, or is known. */
    record Accept() implements Effect {}

    /** What was reported is of no task that this worker has. */
    record Refuse() implements Effect {}

    /** Nothing needs to be known of it any more. */
    record Forget() implements Effect {}
  }

  /** The attempt that it has. */
  private static final class Running {
    final Assignment task;
    long deadlineMillis;
    String late;

    /** It will report: that the connection ends says nothing. */
    boolean received;

    Running(Assignment task, long deadlineMillis, String late) {
      this.task = task;
      this.deadlineMillis = deadlineMillis;
      this.late = late;
    }
  }

  private boolean member;
  private @Nullable Running running;
  private long heardMillis;
  private long comesAfterMillis;
  private long pauseMillis;

  /** The last task whose end it said itself; it may say so twice. */
  private long lastSaid;

  /**
   * With a worker that has not been heard yet.
   *
   * @param nowMillis since when it is known
   */
  WorkerConversation(long nowMillis) {
    heardMillis = nowMillis;
  }

  /** One step with one input; what is to be done, in this order. */
  List<Effect> step(long nowMillis, Input input) {
    List<Effect> effects = new ArrayList<>();
    switch (input) {
      case Input.Heard() -> heard(nowMillis, effects);
      case Input.Tick() -> tick(nowMillis, effects);
      case Input.Assigned(Assignment task) -> assign(nowMillis, task, effects);
      case Input.Unreached(long id, int attempt) -> {
        if (has(id, attempt) != null) {
          pauseMillis = Math.clamp(2 * pauseMillis, FIRST_PAUSE.toMillis(), MAX_PAUSE.toMillis());
          running = null;
          quit(false, "nobody listens at its address", effects);
          comesAfterMillis = nowMillis + pauseMillis;
        }
      }
      case Input.HungUp(long id, int attempt, String why) -> {
        Running now = has(id, attempt);
        if (now != null && !now.received) {
          hungUp(nowMillis, now, why, effects);
        }
      }
      case Input.Answered(long id, int attempt, WorkerAnswer answer) -> {
        Running now = has(id, attempt);
        if (now != null) {
          pauseMillis = 0;
          now.received |= answer instanceof WorkerAnswer.Received;
          said(nowMillis, now, answer, effects);
        }
      }
      case Input.Reported(long id, WorkerAnswer answer) -> {
        Running now = running;
        if (now != null && now.task.id() == id) {
          said(nowMillis, now, answer, effects);
          effects.add(new Effect.Accept());
        } else {
          effects.add(id == lastSaid ? new Effect.Accept() : new Effect.Refuse());
        }
      }
      case Input.Dropped(long id, int attempt, String why) -> {
        Running now = has(id, attempt);
        if (now != null) {
          end(now, new WorkerAnswer.Failed(why), effects);
        }
      }
      case Input.Abandoned(long id, int attempt) -> {
        if (has(id, attempt) != null) {
          running = null;
          effects.add(new Effect.HangUp());
        }
      }
    }
    return effects;
  }

  /** Whether it is a member of a farm. */
  boolean isMember() {
    return member;
  }

  private @Nullable Running has(long id, int attempt) {
    Running now = running;
    return now != null && now.task.id() == id && now.task.attempt() == attempt ? now : null;
  }

  private void heard(long nowMillis, List<Effect> effects) {
    heardMillis = nowMillis;
    if (!member && nowMillis >= comesAfterMillis) {
      member = true;
      effects.add(new Effect.Join());
    }
  }

  private void tick(long nowMillis, List<Effect> effects) {
    long silenceMillis = nowMillis - heardMillis;
    Running now = running;
    if (member && silenceMillis >= SILENCE.toMillis()) {
      boolean begun = now != null;
      if (begun) {
        running = null;
        effects.add(new Effect.HangUp());
      }
      quit(begun, "no heartbeat came", effects);
    } else if (now != null && nowMillis >= now.deadlineMillis) {
      end(now, new WorkerAnswer.Failed(now.late), effects);
    } else if (!member && silenceMillis >= FORGET.toMillis()) {
      effects.add(new Effect.Forget());
    }
  }

  private void quit(boolean begun, String why, List<Effect> effects) {
    member = false;
    effects.add(new Effect.Quit(begun, why));
  }

  private void assign(long nowMillis, Assignment task, List<Effect> effects) {
    if (!member) {
      return; // Its goodbye is on its way: what comes now was never begun.
    }
    if (running != null) {
      effects.add(
          new Effect.End(
              task.id(), task.attempt(), new WorkerAnswer.Failed("the worker has another task")));
      return;
    }
    long patienceMillis = patienceMillis(task);
    running =
        new Running(task, nowMillis + patienceMillis, "no answer within " + patienceMillis + " ms");
    effects.add(new Effect.Execute(task));
  }

  private static long patienceMillis(Assignment task) {
    long durationMillis = task.payload() instanceof Compute compute ? compute.durationMillis() : 0;
    long answerMillis = durationMillis + ANSWER.toMillis();
    return task.timeoutMillis() > 0 ? Math.min(task.timeoutMillis(), answerMillis) : answerMillis;
  }

  private void hungUp(long nowMillis, Running now, String why, List<Effect> effects) {
    if (isCrash(now.task)) {
      crashed(nowMillis, effects);
    } else {
      now.deadlineMillis = Math.min(now.deadlineMillis, nowMillis + REPORT.toMillis());
      now.late = why;
    }
  }

  private void said(long nowMillis, Running now, WorkerAnswer answer, List<Effect> effects) {
    if (answer instanceof WorkerAnswer.Received) {
      return;
    }
    lastSaid = now.task.id();
    if (answer instanceof WorkerAnswer.Failed && isCrash(now.task)) {
      crashed(nowMillis, effects);
    } else {
      end(now, answer, effects);
    }
  }

  private static boolean isCrash(Assignment task) {
    return task.payload() instanceof Compute compute && compute.crash();
  }

  private void crashed(long nowMillis, List<Effect> effects) {
    running = null;
    effects.add(new Effect.HangUp());
    quit(true, "a task has crashed it", effects);
    comesAfterMillis = nowMillis + FIRST_PAUSE.toMillis();
  }

  private void end(Running now, WorkerAnswer how, List<Effect> effects) {
    running = null;
    effects.add(new Effect.HangUp());
    effects.add(new Effect.End(now.task.id(), now.task.attempt(), how));
  }
}
