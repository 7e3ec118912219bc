package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.bus.Addresses;
import dev.batuta.bus.Requests;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Inherit;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.simulation.dispatch.Link;
import dev.batuta.simulation.dispatch.ModelTaskStore;
import dev.batuta.simulation.dispatch.StoreModel;
import dev.batuta.task.Kinds;
import dev.batuta.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How a queue is compacted and closed, and what the next start finds. */
class OwnQueueTest {
  private final Deque<Runnable> turns = new ArrayDeque<>();
  private final List<Assignment> sent = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Promise<Void> opening = Promise.promise();
  private final OrchestratorSettings settings =
      OrchestratorSettings.of(1000, 1, Duration.ofSeconds(1), Duration.ofSeconds(2));
  private Future<Void> giving = Future.succeededFuture();
  private int opened;
  private int compacted;
  private boolean compacts = true;
  private long now = 1;

  /** Opens when {@link #opening} is completed. */
  private final TaskStore store =
      new ModelTaskStore(new StoreModel(), Link.INSTANT) {
        @Override
        public Future<Opened> open(String server) {
          return opening.future().compose(now -> super.open(server));
        }

        @Override
        public Future<Boolean> giveAway(String server, long term, String heir) {
          return giving.compose(now -> super.giveAway(server, term, heir));
        }

        @Override
        public Future<Void> compact(String server, long term, long throughId) {
          compacted++;
          return compacts ? super.compact(server, term, throughId) : Future.failedFuture("away");
        }
      };

  /** Nothing happens by time. */
  private final Timers timers =
      new Timers() {
        @Override
        public long nowMillis() {
          return 1;
        }

        @Override
        public void after(long millis, Runnable action) {}

        @Override
        public void next(Runnable action) {
          turns.add(action);
        }

        @Override
        public long random(long bound) {
          return 0;
        }
      };

  /** Workers that take what they are sent. */
  private final Requests workers =
      new Requests() {
        @Override
        public <M extends Message> Future<M> request(
            String address, Message message, Class<M> answer, Duration timeout) {
          if (message instanceof Run run) {
            sent.addAll(run.tasks());
          }
          if (message instanceof Inherit) {
            told.add(address);
          }
          return Promise.<M>promise().future();
        }
      };

  private final OwnQueue queue =
      new OwnQueue(
          timers,
          workers,
          "s",
          store,
          settings,
          () -> now,
          Tracing.passive(),
          new OwnQueue.Listener() {
            @Override
            public void finished(List<Finish> tasks) {}

            @Override
            public void opened() {
              opened++;
            }
          });

  private void turn() {
    while (!turns.isEmpty()) {
      turns.remove().run();
    }
  }

  /** Two tasks with one attempt each, of which a worker with one credit has the first. */
  private void sendOneOfTwo() {
    openQueue();
    queue.answerWorker(new Register("w", "s", 1, 1, Kinds.COMMON));
    submitTwo();
    assertThat(sent).hasSize(1);
    queue.drain();
    turn();
  }

  /** Three seconds without workers, in which another server has some. */
  private void relieve(String heir) {
    for (int i = 0; i <= 12; i++) {
      now += 250;
      queue.relieve(() -> Optional.of(heir));
      turn();
    }
  }

  private void openQueue() {
    opening.complete();
    queue.open();
  }

  private void submitTwo() {
    NewTask task = new NewTask(new Compute(0, false), 0, 0, 0, 1);
    new Admission(timers, "s", store, settings, queue, Tracing.passive())
        .submit(new Submit("u", null, Collections.nCopies(2, task)));
    turn();
  }

  @Test
  void tasksThatNobodyTakesGoToAServerWithWorkersAndTheQueueGoesOnEmpty() {
    openQueue();
    submitTwo();
    long heirs = store.open("heir").result().term();
    relieve("heir");
    assertThat(told).containsExactly(Addresses.tasks("heir"));
    assertThat(opened).isEqualTo(2);
    assertThat(queue.load()).isZero();
    store.adopt("heir", heirs);
    assertThat(store.unfinished("heir", 0, 10).result())
        .extracting(TaskStore.Pending::attempt)
        .containsExactly(1, 1);
    queue.answerWorker(new Register("w", "s", 1, 1, Kinds.COMMON));
    submitTwo();
    assertThat(sent).as("the next ones are its own").hasSize(1);
    relieve("heir");
    assertThat(queue.load()).isEqualTo(2);
  }

  @Test
  void anHeirThatIsGoneLeavesTheTasksWhereTheyAre() {
    openQueue();
    submitTwo();
    relieve("nobody");
    assertThat(told).isEmpty();
    assertThat(opened).as("a term for each try: after 2 and after 3 seconds").isEqualTo(3);
    assertThat(queue.load()).isEqualTo(2);
    assertThat(reopened()).containsEntry(State.PENDING, 2L);
  }

  @Test
  void whoAsksIsToldWhyThereIsNoTerm() {
    Register register = new Register("w", "s", 1, 1, Kinds.COMMON);
    queue.open();
    assertThat(code(queue.answerWorker(register))).isEqualTo("database-unreachable");
    opening.complete();
    submitTwo();
    store.open("heir");
    Promise<Void> late = Promise.promise();
    giving = late.future();
    relieve("heir");
    assertThat(code(queue.answerWorker(register))).isEqualTo("queue-moving");
    late.complete();
    assertThat(told).hasSize(1);
    assertThat(opened).isEqualTo(2);
    assertThat(queue.current()).isPresent();
  }

  private static String code(Future<?> answer) {
    return ((Refused) answer.cause()).failure().code();
  }

  @Test
  void tasksThatStayAreSpokenOf() {
    Logger logger = (Logger) LoggerFactory.getLogger(OwnQueue.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      openQueue();
      submitTwo();
      relieve("nobody");
      assertThat(log.list)
          .extracting(ILoggingEvent::getMessage)
          .contains("the tasks stay here: the other server is dead, or has no open queue");
      log.list.clear();
      giving = Future.failedFuture(new Refused(Failure.Kind.BUSY, "busy", "others hold it"));
      relieve("nobody");
      assertThat(log.list)
          .extracting(ILoggingEvent::getMessage)
          .contains("the tasks are not given away yet")
          .doesNotContain("no term for the queue yet");
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void aServerThatStopsGivesNothingAway() {
    openQueue();
    submitTwo();
    store.open("heir");
    queue.drain();
    relieve("heir");
    assertThat(opened).isEqualTo(1);
    assertThat(queue.load()).isEqualTo(2);
  }

  private Map<State, Long> reopened() {
    return store.open("s").result().counts();
  }

  @Test
  void aStartAfterADrainedCloseCostsNoAttempts() {
    sendOneOfTwo();
    Outcome outcome = new Outcome(sent.getFirst().id(), 1, false, null, null, 0, 0);
    queue.answerWorker(new Report("w", 1, List.of(outcome)));
    turn();
    assertThat(queue.close().succeeded()).isTrue();
    assertThat(reopened())
        .containsEntry(State.DONE, 1L)
        .containsEntry(State.PENDING, 1L)
        .containsEntry(State.DEAD, 0L);
  }

  @Test
  void aStartAfterACloseInTheMiddleGivesUpWhatMayRun() {
    sendOneOfTwo();
    queue.close();
    assertThat(reopened()).containsEntry(State.DEAD, 2L).containsEntry(State.PENDING, 0L);
  }

  @Test
  void whatEndsAfterTheLastSubmissionIsCompactedToo() {
    sendOneOfTwo();
    queue.compact();
    queue.compact();
    assertThat(compacted).isEqualTo(1);
    Outcome outcome = new Outcome(sent.getFirst().id(), 1, false, null, null, 0, 0);
    queue.answerWorker(new Report("w", 1, List.of(outcome)));
    turn();
    compacts = false;
    queue.compact();
    compacts = true;
    queue.compact();
    queue.compact();
    assertThat(compacted).as("again after the end, and after the failure").isEqualTo(3);
  }

  @Test
  void nobodyIsServedAfterAClose() {
    sendOneOfTwo();
    queue.close();
    assertThat(queue.answerWorker(new Register("v", "s", 1, 1, Kinds.COMMON)).failed()).isTrue();
    turn();
    assertThat(sent).hasSize(1);
  }

  @Test
  void aQueueThatIsClosedWhileItOpensBeginsNoTerm() {
    queue.open();
    queue.close();
    opening.complete();
    turn();
    assertThat(opened).isZero();
    assertThat(queue.current()).isEmpty();
  }
}
