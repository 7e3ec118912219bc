package dev.batuta.codec;

import dev.batuta.codec.ChatMessage.Op;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.ChatMessage.Replicate;
import dev.batuta.codec.ClockMessage.Poll;
import dev.batuta.codec.ClockMessage.Reading;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * A hundred messages as a cluster under work sends them: heartbeats, batches of tasks and their
 * outcomes, submissions, replication, chat, clock rounds. The same ones at each run.
 */
final class ClusterMix {
  private static final long NOW = 1_760_000_000_000L;
  private static final long INCARNATION = 0x5eed_1234_abcd_ef01L;

  private final Random random = new Random(1978);

  /** In a mixed order. */
  static List<Envelope> messages() {
    return new ClusterMix().build();
  }

  private List<Envelope> build() {
    List<Message> messages = new ArrayList<>();
    messages.addAll(times(30, this::heartbeat));
    messages.addAll(
        times(8, i -> Appended.record(WorkerAlive.class, "worker-" + i % 3, 4L, 180 + i)));
    messages.addAll(times(10, this::run));
    messages.addAll(times(10, this::report));
    messages.addAll(times(10, this::submit));
    messages.addAll(times(8, this::replicate));
    messages.addAll(times(16, this::publish));
    messages.addAll(times(4, i -> Appended.record(Poll.class, 7000L + i)));
    messages.addAll(times(4, i -> Appended.record(Reading.class, 7000L + i, (NOW + i) * 1000)));
    List<Envelope> mix = new ArrayList<>();
    for (Message message : messages) {
      mix.add(new Envelope("server-" + (1 + mix.size() % 3), 1_500_000L + mix.size(), message));
    }
    Collections.shuffle(mix, random);
    return List.copyOf(mix);
  }

  private static <T> List<T> times(int count, IntFunction<T> one) {
    List<T> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(one.apply(i));
    }
    return List.copyOf(list);
  }

  private Message heartbeat(int i) {
    return Appended.record(
        Heartbeat.class,
        "server-" + (1 + i % 3),
        INCARNATION + i % 3,
        "3f2504e0-4f89-41d3-9a0c-0305e82c330" + i % 3,
        4711L + i % 3,
        "http://127.0.0.1:8" + i % 3 + "80",
        List.of("server", "gateway"),
        1 + i % 3,
        NodeState.READY,
        -1200 + 77L * i,
        random.nextInt(900),
        (long) random.nextInt(40),
        true);
  }

  private Payload payload(int i) {
    String user = String.valueOf(11111111111L * (1 + i % 9));
    return i % 4 == 0
        ? Appended.record(Query.class, user)
        : Appended.record(Update.class, user, Operation.DEPOSIT, random.nextInt(500) + ".25");
  }

  private Message run(int batch) {
    long first = (12L << 32) + 1000L * batch;
    return Appended.record(
        Run.class,
        "server-1",
        12L,
        times(20, i -> Appended.record(Assignment.class, first + i, 1, 30_000L, payload(i))));
  }

  private Message report(int batch) {
    long first = (12L << 32) + 1000L * batch;
    return Appended.record(
        Report.class,
        "worker-" + batch % 3,
        4L,
        times(
            20,
            i ->
                Appended.record(
                    Outcome.class,
                    first + i,
                    1,
                    true,
                    Appended.record(Result.class, Status.OK, random.nextInt(100_000) + ".75", null),
                    null,
                    NOW + i,
                    NOW + i + 3)));
  }

  private Message submit(int batch) {
    return Appended.record(
        Submit.class,
        "ana",
        "batch-" + batch,
        times(5, i -> Appended.record(NewTask.class, payload(i), 5, 0L, 30_000L, 5)));
  }

  private Message replicate(int batch) {
    return Appended.record(
        Replicate.class,
        "server-2",
        times(
            10,
            i -> Appended.record(Op.class, "server-2", INCARNATION, 100L * batch + i, content())));
  }

  private Bytes content() {
    byte[] content = new byte[120];
    random.nextBytes(content);
    return Bytes.owning(content);
  }

  private Message publish(int i) {
    return Appended.record(
        Publish.class,
        "ana",
        "general",
        "A message of about one hundred bytes, which is what people write to each other in chats: "
            + i,
        "m-" + Long.toHexString(random.nextLong()));
  }
}
