package dev.batuta.gateway.foreign;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.foreign.Said.Manner;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the cores of foreign workers their inputs, and carries out what they want done. Belongs to
 * the event loop of the door.
 */
final class WorkerSteps {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerSteps.class);

  private final FarmLine farm;
  private final LedgerBatches ledger;
  private final Disputes disputes;
  private final Supplier<Optional<String>> master;
  private final Places places;
  private final LongFunction<@Nullable Talk> talks;
  private final Consumer<ForeignMember> forget;
  private final LostTasks lostTasks = new LostTasks();
  private final KnownUpdates knownUpdates = new KnownUpdates();
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();

  /**
   * @param master the server whose farm workers join
   * @param talks open connections, by their numbers
   * @param forget is told of each that is gone
   */
  WorkerSteps(
      FarmLine farm,
      LedgerBatches ledger,
      Disputes disputes,
      Supplier<Optional<String>> master,
      Places places,
      LongFunction<@Nullable Talk> talks,
      Consumer<ForeignMember> forget) {
    this.farm = farm;
    this.ledger = ledger;
    this.disputes = disputes;
    this.master = master;
    this.places = places;
    this.talks = talks;
    this.forget = forget;
  }

  /** Milliseconds since 1970 that do not run back. */
  private long nowMillis() {
    return startMillis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
  }

  void step(ForeignMember member, WorkerInput input) {
    if (!member.forgotten) {
      member.core.step(nowMillis(), input).forEach(effect -> carryOut(member, effect));
    }
  }

  private void carryOut(ForeignMember member, WorkerEffect effect) {
    switch (effect) {
      case WorkerEffect.Say(long talk, Word word) -> say(member, talks.apply(talk), word);
      case WorkerEffect.PassOver(long talk) -> passOver(talks.apply(talk));
      case WorkerEffect.Register(long registration, List<String> kinds) ->
          register(member, registration, kinds);
      case WorkerEffect.Beat(long registration, int held, boolean leaving, boolean resting) ->
          beat(member, new WorkerAlive(member.name, registration, held, leaving, resting));
      case WorkerEffect.Leave(long registration) -> leave(member, registration);
      case WorkerEffect.Execute(long term, Assignment task) -> execute(member, term, task);
      case WorkerEffect.Report(long registration, Outcome outcome) ->
          report(member, registration, outcome);
      case WorkerEffect.Differs differs -> disputes.take(member, differs);
      case WorkerEffect.Lost lost -> lost(member, lost);
      case WorkerEffect.Shown(Updates updates) -> shown(member, updates);
      case WorkerEffect.Forget() -> forget.accept(member);
    }
  }

  // --- to the ledger and the farm

  private void execute(ForeignMember member, long term, Assignment task) {
    ledger
        .execute(member.master, term, member.name, task)
        .onSuccess(
            outcome -> {
              lostTasks.forget(task.id());
              step(
                  member,
                  new WorkerInput.Executed(task.id(), task.attempt(), outcome.orElse(null)));
            })
        .onFailure(
            error ->
                step(
                    member,
                    new WorkerInput.Failed(
                        task.id(), task.attempt(), String.valueOf(error.getMessage()))));
  }

  private void report(ForeignMember member, long registration, Outcome outcome) {
    farm.report(member.master, new Report(member.name, registration, List.of(outcome)));
  }

  private void register(ForeignMember member, long registration, List<String> kinds) {
    String to = master.get().orElse("");
    member.master = to;
    String home = member.owner.isEmpty() ? to : member.owner;
    Transport over = member.asksOver;
    Register asked = new Register(member.name, home, registration, 1, kinds, over.via);
    member
        .served
        .compose(served -> farm.register(to, asked))
        .onSuccess(
            welcome -> {
              member.registration = registration;
              member.registeredOver = over;
              step(member, new WorkerInput.Welcomed(registration, welcome.term()));
              if (member.forgotten) {
                leave(member, registration);
              }
            })
        .onFailure(
            error -> step(member, new WorkerInput.Rejected(registration, Refused.isFenced(error))));
  }

  private void beat(ForeignMember member, WorkerAlive alive) {
    long registration = alive.registration();
    farm.beat(member.master, alive)
        .onSuccess(done -> step(member, new WorkerInput.Heard(registration)))
        .onFailure(
            error -> step(member, new WorkerInput.Unheard(registration, Refused.isFenced(error))));
  }

  /** Says goodbye; what was not reported was never begun. */
  Future<Void> leave(ForeignMember member, long registration) {
    return farm.unregister(member.master, new Unregister(member.name, registration, true));
  }

  // --- to the worker

  private void say(ForeignMember member, @Nullable Talk talk, Word word) {
    if (talk == null) {
      return;
    }
    Manner manner = member.core.manner();
    switch (word) {
      case Word.Task(Assignment task) -> talk.say(Words.task(task, manner));
      case Word.NoTask() -> talk.say(Words.noTask(manner));
      case Word.Ack() -> talk.say(Words.ack());
      case Word.Nack(Word.Reason reason) -> talk.refuse(reason.code, reason.sentence);
      case Word.Go(Word.Order order) ->
          direction(member, talk, order)
              .ifPresentOrElse(talk::say, () -> talk.say(Words.noTask(manner)));
    }
  }

  private static void passOver(@Nullable Talk talk) {
    if (talk != null) {
      talk.passOver();
    }
  }

  private Optional<JsonObject> direction(ForeignMember member, Talk talk, Word.Order order) {
    return switch (order) {
      case Word.Order.Return() -> places.home(member.name, member.owner, talk).map(Words::goHome);
      case Word.Order.Redirect(String target, List<String> failover) -> {
        boolean asList = member.core.manner() == Manner.BY_WORKER_ID && !talk.endsLines();
        List<Endpoint> others =
            failover.stream().flatMap(each -> places.of(each, talk).stream()).toList();
        yield places
            .of(target, talk)
            .map(to -> Words.redirect(to, places.tellHome(member.name, talk), others, asList));
      }
    };
  }

  private void lost(ForeignMember member, WorkerEffect.Lost lost) {
    Assignment task = lost.task();
    boolean costs =
        !mayKnowNoUpdate(member, lost)
            && lostTasks.costsAttempt(task.id(), member.from, nowMillis());
    if (costs) {
      report(member, lost.registration(), lost.failed());
    }
    member.count("task-lost");
    LOG.atInfo()
        .addKeyValue("worker", member.name)
        .addKeyValue("task", task.id())
        .addKeyValue("attempt", task.attempt())
        .addKeyValue("givenUp", costs)
        .addKeyValue("why", lost.why().sentence)
        .log("a foreign worker lost a task");
  }

  /** What a worker that comes with this id has shown of UPDATEs. */
  Updates updates(String id) {
    return knownUpdates.of(id, nowMillis());
  }

  private void shown(ForeignMember member, Updates updates) {
    if (!member.named) {
      return; // its connection is all that it is known by
    }
    knownUpdates.note(member.name, updates, nowMillis());
    if (!updates.areGiven()) {
      LOG.atInfo()
          .addKeyValue("worker", member.name)
          .addKeyValue("hours", TimeUnit.MILLISECONDS.toHours(KnownUpdates.KEPT_MILLIS))
          .log("a foreign worker reports no UPDATE, and is given none for some hours");
    }
  }

  /** That is the worker's fault alone, and happens twice at most: it gets no further UPDATE. */
  private boolean mayKnowNoUpdate(ForeignMember member, WorkerEffect.Lost lost) {
    boolean askedInstead = lost.why() == Loss.ASKED_AGAIN || lost.why() == Loss.CAME_AGAIN;
    return member.named
        && askedInstead
        && lost.task().payload() instanceof Update
        && updates(member.name) != Updates.REPORTED;
  }
}
