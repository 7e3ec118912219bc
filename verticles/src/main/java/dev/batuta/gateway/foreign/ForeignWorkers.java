package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Drop;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.codec.WorkerMessage.Run;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The foreign workers of a door, by their ids, or by their connections where they have none: who
 * says what on which connection, and what their masters tell them. For a master they are workers of
 * its farm like any other. Belongs to the event loop of the door.
 */
final class ForeignWorkers {
  private static final long HANGING_UP_MILLIS = 300;
  private static final int MAX_ID = 64;

  /** Of a node's name, in the names of workers that have no id. */
  private static final int MAX_NODE = 40;

  private final Timers timers;
  private final Bus bus;
  private final Places places;
  private final Predicate<String> isNode;
  private final Borrowed borrowed;
  private final WorkerTimes times;
  private final int maxWorkers;
  private final Map<String, ForeignMember> members = new HashMap<>();

  /** By the last task that each was given. */
  private final Map<String, ForeignMember> byTask = new HashMap<>();

  private final Map<Long, Talk> talks = new HashMap<>();
  private final WorkerSteps steps;
  private long unnamed;

  /**
   * @param farm what they say to their masters
   * @param master the server whose farm workers join
   * @param borrowed owners of workers that do not say whose they are
   * @param isNode whether a name is that of a node, which no foreign worker may take
   * @param maxWorkers that are known at once
   */
  ForeignWorkers(
      Timers timers,
      Bus bus,
      FarmLine farm,
      LedgerBatches ledger,
      Supplier<Optional<String>> master,
      Places places,
      Predicate<String> isNode,
      Borrowed borrowed,
      WorkerTimes times,
      int maxWorkers) {
    this.timers = timers;
    this.bus = bus;
    this.places = places;
    this.isNode = isNode;
    this.borrowed = borrowed;
    this.times = times;
    this.maxWorkers = maxWorkers;
    this.steps =
        new WorkerSteps(farm, ledger, new Disputes(bus), master, places, talks::get, this::forget);
  }

  // --- connections

  void opened(Talk talk) {
    talks.put(talk.number(), talk);
  }

  void closed(Talk talk) {
    talks.remove(talk.number());
    String worker = talk.worker;
    ForeignMember member = worker == null ? null : members.get(worker);
    if (member != null) {
      step(member, new WorkerInput.Closed(talk.number(), false));
    }
  }

  /**
   * A client sends nothing more on its connection.
   *
   * @param waits whether it waits for an answer, as far as can be seen, or may be gone. A worker
   *     without an id could not report what it would be told.
   */
  void ended(Talk talk, boolean waits) {
    String worker = talk.worker;
    ForeignMember member = worker == null ? null : members.get(worker);
    if (member != null && (!waits || !member.named)) {
      step(member, new WorkerInput.Closed(talk.number(), true));
    }
  }

  void present(Talk talk, Said.Present said) {
    String id = said.worker();
    if (id != null && !id.equals(talk.worker) && isRefused(talk, id)) {
      return;
    }
    ForeignMember member = id == null ? unnamed(talk) : named(id);
    if (member == null) {
      talk.refuse("busy", "this node takes no more workers: try again, or another node");
      return;
    }
    speaksFor(talk, member);
    member.asksOver = talk.transport();
    if (said.owner() != null && said.owner().length() <= MAX_ID) {
      member.owner = places.ownerOf(member.name, said.owner());
    }
    step(member, new WorkerInput.Asked(talk.number(), said.manner()));
  }

  /** Says so where a worker cannot have this id. */
  private boolean isRefused(Talk talk, String id) {
    if (id.codePointCount(0, id.length()) > MAX_ID
        || id.codePoints().anyMatch(c -> Character.isISOControl(c) || isNoText(c))) {
      talk.refuse("invalid-request", "the worker's id has to be 1 to 64 visible characters");
      return true;
    }
    ForeignMember known = members.get(id);
    boolean isTaken = known == null ? isNode.test(id) : !known.named;
    if (isTaken) {
      talk.refuse("name-taken", "the worker's id is taken: choose another");
    }
    return isTaken;
  }

  private static boolean isNoText(int c) {
    return c == 0xFFFD || Character.getType(c) == Character.SURROGATE;
  }

  /** A connection may have spoken for another worker, which says nothing more there then. */
  private void speaksFor(Talk talk, ForeignMember member) {
    ForeignMember before = talk.worker == null ? null : members.get(talk.worker);
    if (before != null && before != member) {
      step(before, new WorkerInput.Closed(talk.number(), true));
    }
    talk.worker = member.name;
    member.counts = talk.counts();
  }

  /**
   * A result. That of a worker whose other connection is open waits for a moment: it may have been
   * closed, and that not be seen yet.
   */
  void result(Talk talk, Said.Result said) {
    ForeignMember member = reporter(talk, said);
    if (member == null || isFrom(talk, member, said)) {
      report(talk, member, said);
    } else {
      long heardAt = member.core.heardAt();
      timers.after(HANGING_UP_MILLIS, () -> lateResult(talk, said, heardAt));
    }
  }

  /**
   * @param heardAt when the worker had been heard last: one that leaves its connections open, or
   *     does not know that they are broken, has been silent there
   */
  private void lateResult(Talk talk, Said.Result said, long heardAt) {
    ForeignMember member = reporter(talk, said);
    boolean isSilent = member != null && member.core.heardAt() == heardAt;
    if (member == null || isFrom(talk, member, said) || (isSilent && isFromItsHost(talk, member))) {
      report(talk, member, said);
    } else {
      refuse(talk, Word.Reason.OTHER_CONNECTION);
    }
  }

  private void report(Talk talk, @Nullable ForeignMember member, Said.Result said) {
    if (member == null) {
      refuse(talk, Word.Reason.NOTHING_OUTSTANDING);
    } else {
      speaksFor(talk, member);
      step(member, new WorkerInput.Reported(talk.number(), said));
    }
  }

  private static void refuse(Talk talk, Word.Reason reason) {
    talk.refuse(reason.code, reason.sentence);
  }

  /** Who reports: by its id, its connection, or else by the task that it was given. */
  private @Nullable ForeignMember reporter(Talk talk, Said.Result said) {
    if (said.worker() != null) {
      return members.get(said.worker());
    }
    if (talk.worker != null) {
      return members.get(talk.worker);
    }
    ForeignMember named = said.display() == null ? null : members.get(said.display());
    return named != null || said.taskId() == null ? named : byTask.get(said.taskId());
  }

  /**
   * Whether a worker has no other connection that is open, or this one knows both it and its task.
   */
  private boolean isFrom(Talk talk, ForeignMember member, Said.Result said) {
    long speaks = member.core.talk();
    boolean isNamed = member.name.equals(said.worker()) || member.name.equals(said.display());
    return speaks == talk.number()
        || !talks.containsKey(speaks)
        || (member.named && isNamed && member.core.isTold(said.taskId()));
  }

  /** Whether this may be one more connection of a worker; one that spoke for another is not. */
  private boolean isFromItsHost(Talk talk, ForeignMember member) {
    Talk open = talks.get(member.core.talk());
    return member.named
        && open != null
        && open.remoteHost().equals(talk.remoteHost())
        && (talk.worker == null || talk.worker.equals(member.name));
  }

  private @Nullable ForeignMember unnamed(Talk talk) {
    ForeignMember known = talk.worker == null ? null : members.get(talk.worker);
    String kind = talk.transport().name().toLowerCase(Locale.ROOT);
    return known != null
        ? known
        : join(unnamedPrefix() + kind + "." + ++unnamed, false, talk.remoteHost());
  }

  /** By which workers without an id are of this node, and short enough for the ledger. */
  private String unnamedPrefix() {
    String node = bus.node();
    return node.length() <= MAX_NODE
        ? node + "."
        : node.substring(0, MAX_NODE - 9) + "-" + Integer.toHexString(node.hashCode()) + ".";
  }

  private @Nullable ForeignMember named(String id) {
    ForeignMember known = members.get(id);
    return known != null ? known : join(id, true, id);
  }

  private @Nullable ForeignMember join(String name, boolean named, String from) {
    if (members.size() >= maxWorkers) {
      return null;
    }
    ForeignMember member =
        new ForeignMember(
            name,
            named,
            from,
            new ForeignWorker(times, named, steps.updates(name)),
            borrowed.ownerOf(name));
    members.put(name, member);
    member.served = bus.serve(Addresses.worker(name), envelope -> answer(member, envelope));
    return member;
  }

  /** Time has passed; to be called several times a second. */
  void tick() {
    for (ForeignMember member : List.copyOf(members.values())) {
      registerAnew(member);
      step(member, new WorkerInput.Tick());
    }
  }

  /**
   * A worker that is lent may come before it is known here whose it is, and one may go on over
   * another transport: then it registers anew, as what it is, as soon as it has nothing to do.
   */
  private void registerAnew(ForeignMember member) {
    String owner = member.owner.isEmpty() ? borrowed.ownerOf(member.name) : member.owner;
    long registration = member.registration;
    boolean isAnother = !owner.equals(member.owner) || member.asksOver != member.registeredOver;
    if (isAnother && member.core.isIdleUnder(registration)) {
      member.owner = owner;
      steps.leave(member, registration);
      step(member, new WorkerInput.Unheard(registration, true));
    }
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /** All say goodbye to their masters. */
  Future<Void> close() {
    List<Future<Void>> left = new ArrayList<>();
    for (ForeignMember member : List.copyOf(members.values())) {
      long registration = member.registration;
      left.add(registration == 0 ? Future.succeededFuture() : steps.leave(member, registration));
      forget(member);
    }
    return Future.join(left).<Void>mapEmpty().otherwiseEmpty();
  }

  // --- masters

  private Future<? extends Message> answer(ForeignMember member, Envelope envelope) {
    return switch (envelope.message()) {
      case Run run -> {
        step(member, new WorkerInput.Superseded(run.registration()));
        yield run(member, run);
      }
      case Drop(_, long registration, long id, int attempt) -> {
        if (member.core.isUnder(registration)) {
          step(member, new WorkerInput.Dropped(id, attempt));
        }
        yield Future.succeededFuture(new Done());
      }
      case Redirect(_, long registration, String target, _, List<String> failover) ->
          order(member, registration, new Word.Order.Redirect(target, failover), target);
      case Return(_, long registration) ->
          order(member, registration, new Word.Order.Return(), member.owner);
      default ->
          Future.failedFuture(
              Refused.invalid(
                  "unexpected-message",
                  envelope.message().getClass().getSimpleName() + " is not for a worker."));
    };
  }

  private Future<Done> run(ForeignMember member, Run run) {
    boolean accepted =
        run.tasks().size() == 1
            && member.core.accepts(run.registration(), run.term(), run.tasks().getFirst());
    if (!accepted) {
      return Future.failedFuture(
          fenced(member.name + " takes no such work under this registration and term now."));
    }
    Assignment task = run.tasks().getFirst();
    byTask.remove(member.task, member);
    member.task = Long.toString(task.id());
    byTask.put(member.task, member);
    step(member, new WorkerInput.Assigned(task));
    return Future.succeededFuture(new Done());
  }

  /** One that cannot be told where to go stays. */
  private Future<Done> order(ForeignMember member, long registration, Word.Order order, String to) {
    Talk talk = talks.get(member.core.talk());
    boolean canGo = talk == null || places.of(to, talk).isPresent();
    if (!member.core.isUnder(registration) || !canGo) {
      return Future.failedFuture(
          fenced(member.name + " cannot go to that master under this registration now."));
    }
    step(member, new WorkerInput.Ordered(order));
    return Future.succeededFuture(new Done());
  }

  private static Refused fenced(String why) {
    return new Refused(Failure.Kind.FENCED, "registration-refused", why);
  }

  private void step(ForeignMember member, WorkerInput input) {
    steps.step(member, input);
  }

  private void forget(ForeignMember member) {
    member.forgotten = true;
    byTask.remove(member.task, member);
    if (members.remove(member.name, member)) {
      bus.withdraw(Addresses.worker(member.name));
    }
  }
}
