package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Fetch;
import dev.batuta.codec.ChatMessage.Have;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ElectionMessage.Coordinator;
import dev.batuta.codec.ElectionMessage.Released;
import dev.batuta.codec.LendingMessage.ForeignMaster;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.Via;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of the version before a field was appended are still read; what they lack is empty. */
class OldVectorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/vectors-before");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "coordinator",
        "coordinator-empty",
        "fetch",
        "fetch-empty",
        "foreignMaster",
        "foreignMaster-empty",
        "have",
        "have-empty",
        "heartbeat",
        "heartbeat-empty",
        "register",
        "register-empty",
        "released",
        "released-empty",
        "run",
        "task",
        "task-empty"
      })
  void aMessageWithoutTheAppendedFieldsIsReadAsIfTheyWereEmpty(String name) throws IOException {
    Envelope expected = withoutAppended(Objects.requireNonNull(Samples.all().get(name)));
    Buffer json = Buffer.buffer(Files.readAllBytes(FOLDER.resolve(name + ".json")));
    assertThat(NamedForm.shared().fromJson(json)).isEqualTo(expected);
    byte[] named = Files.readAllBytes(FOLDER.resolve(name + ".msgpack"));
    assertThat(NamedForm.shared().fromMessagePack(named)).isEqualTo(expected);
    byte[] positional = Files.readAllBytes(FOLDER.resolve(name + ".positional.msgpack"));
    assertThat(PositionalForm.shared().decode(positional)).isEqualTo(expected);
  }

  private static Envelope withoutAppended(Envelope now) {
    Message before =
        switch (now.message()) {
          case Coordinator c ->
              new Coordinator(
                  c.server(), c.epoch(), c.acting(), c.previous(), c.reason(), "", List.of());
          case Released r -> new Released(r.server(), r.epoch(), r.reason(), "", List.of());
          case Heartbeat h -> withoutPorts(h);
          case Have h ->
              new Have(
                  h.server(),
                  h.vector(),
                  h.clock(),
                  h.complete(),
                  0,
                  false,
                  List.of(),
                  List.of(),
                  false);
          case Fetch f -> new Fetch(f.server(), f.vector(), f.limit());
          case Run r -> withoutTraces(r);
          case Task t -> withoutTrace(t);
          case Register r ->
              new Register(r.worker(), r.home(), r.registration(), r.credits(), r.kinds());
          case ForeignMaster m -> new ForeignMaster(m.name(), m.lends(), Via.BUS);
          default -> throw new AssertionError("nothing was appended to " + now.message());
        };
    return new Envelope(now.sender(), now.clock(), before);
  }

  private static Heartbeat withoutPorts(Heartbeat of) {
    return new Heartbeat(
        of.node(),
        of.incarnation(),
        of.member(),
        of.pid(),
        of.url(),
        of.roles(),
        of.rank(),
        of.state(),
        of.offsetMicros(),
        of.load(),
        of.requests(),
        of.database(),
        of.queued(),
        of.running(),
        of.workers(),
        of.borrowed(),
        List.of());
  }

  private static Run withoutTraces(Run of) {
    List<Assignment> tasks =
        of.tasks().stream()
            .map(
                task ->
                    new Assignment(task.id(), task.attempt(), task.timeoutMillis(), task.payload()))
            .toList();
    return new Run(of.master(), of.term(), tasks, of.registration());
  }

  private static Task withoutTrace(Task of) {
    return new Task(
        of.id(),
        of.user(),
        of.payload(),
        of.state(),
        of.attempt(),
        of.maxAttempts(),
        of.priority(),
        of.owner(),
        of.worker(),
        of.result(),
        of.error(),
        of.createdAtMillis(),
        of.startedAtMillis(),
        of.finishedAtMillis(),
        of.notBeforeMillis(),
        of.timeoutMillis(),
        of.idempotencyKey(),
        null);
  }
}
