package dev.batuta.gateway.platform;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.json.ExactJson;
import dev.batuta.gateway.json.LengthPrefixed;
import dev.batuta.gateway.platform.WorkerConversation.Input;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a worker, over which it is sent a task and answers. What becomes of it is heard
 * once, and nothing after it is closed. Belongs to one event loop.
 */
final class ExecuteCall {
  private static final String ENDED = "the worker's connection ended without an answer";

  private final Assignment task;
  private final String worker;
  private final HeldBytes.Share room;
  private final LengthPrefixed answer;
  private final Consumer<Input> heard;
  private @Nullable NetSocket socket;
  private boolean over;

  /**
   * @param worker the id by which it calls itself
   * @param maxBytes of an answer
   * @param room for an answer that is not complete
   * @param heard is told Unreached, HungUp or Answered
   */
  ExecuteCall(
      Assignment task, String worker, int maxBytes, HeldBytes.Share room, Consumer<Input> heard) {
    this.task = task;
    this.worker = worker;
    this.room = room;
    this.answer = new LengthPrefixed(maxBytes, room);
    this.heard = heard;
  }

  void open(NetClient client, SocketAddress worker, Buffer frame) {
    client
        .connect(worker)
        .onSuccess(connected -> send(connected, frame))
        .onFailure(error -> tell(new Input.Unreached(task.id(), task.attempt())));
  }

  private void send(NetSocket connected, Buffer frame) {
    if (over) {
      connected.close();
      return;
    }
    socket = connected;
    connected.handler(this::read);
    connected.exceptionHandler(broken -> hungUp(ENDED));
    connected.closeHandler(closed -> hungUp(ENDED));
    connected.write(frame);
  }

  private void read(Buffer piece) {
    if (over) {
      return;
    }
    try {
      answer.feed(piece);
      Optional<Buffer> frame = answer.next();
      if (frame.isPresent()) {
        ObjectNode said = ExactJson.object(frame.get());
        WorkerAnswer how = WorkerAnswer.ofExecution(said, task.id(), worker);
        tell(new Input.Answered(task.id(), task.attempt(), how));
      }
    } catch (Refused noAnswer) {
      hungUp("what the worker answered is no answer: " + noAnswer.getMessage());
    }
  }

  private void hungUp(String why) {
    tell(new Input.HungUp(task.id(), task.attempt(), why));
  }

  private void tell(Input input) {
    if (!over) {
      close();
      heard.accept(input);
    }
  }

  /** Nothing more is heard of it. */
  void close() {
    over = true;
    room.giveBack();
    if (socket != null) {
      socket.close();
    }
  }
}
