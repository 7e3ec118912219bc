package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
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
      step(member, new WorkerInput.Closed(talk.number()));
    }
  }

  void present(Talk talk, Said.Present said) {
    String id = said.worker();
    String before = talk.worker;
    if (id != null && !id.equals(before) && isRefused(talk, id)) {
      return;
    }
    ForeignMember member = id == null ? unnamed(talk) : named(id);
    if (member == null) {
      talk.refuse("busy", "this node takes no more workers: try again, or another node");
      return;
    }
    if (before != null && !before.equals(member.name)) {
      closedFor(before, talk);
    }
    talk.worker = member.name;
    member.counts = talk.counts();
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

  /** The connection speaks for another worker now. */
  private void closedFor(String worker, Talk talk) {
    ForeignMember member = members.get(worker);
    if (member != null) {
      step(member, new WorkerInput.Closed(talk.number()));
    }
  }

  void result(Talk talk, Said.Result said) {
    result(talk, said, true);
  }

  /**
   * @param patient whether to wait for the end of the connection on which the worker asked: it may
   *     have been closed, and that not be seen yet
   */
  private void result(Talk talk, Said.Result said, boolean patient) {
    String id = said.worker();
    if (id == null) {
      String display = said.display();
      id = talk.worker != null ? talk.worker : display;
    }
    ForeignMember member = id == null ? null : members.get(id);
    boolean isAnothers = member != null && isAnothers(talk, member, said);
    if (isAnothers && patient) {
      timers.after(HANGING_UP_MILLIS, () -> result(talk, said, false));
      return;
    }
    if (member == null || isAnothers) {
      talk.refuse(Word.Reason.NOTHING_OUTSTANDING.code, Word.Reason.NOTHING_OUTSTANDING.sentence);
      return;
    }
    talk.worker = member.name;
    member.counts = talk.counts();
    step(member, new WorkerInput.Reported(talk.number(), said));
  }

  /**
   * Whether a worker asked on another connection that is open, and this one cannot know its task.
   */
  private boolean isAnothers(Talk talk, ForeignMember member, Said.Result said) {
    long speaks = member.core.talk();
    return speaks != 0
        && speaks != talk.number()
        && talks.containsKey(speaks)
        && (!member.named || !member.core.isTold(said.taskId()));
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
            new ForeignWorker(times, named, steps.knowsUpdate(name)),
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
    step(member, new WorkerInput.Assigned(run.tasks().getFirst()));
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
    if (members.remove(member.name, member)) {
      bus.withdraw(Addresses.worker(member.name));
    }
  }
}
