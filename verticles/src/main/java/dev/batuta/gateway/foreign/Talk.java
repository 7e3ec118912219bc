package dev.batuta.gateway.foreign;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import io.vertx.core.json.JsonObject;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection of a client. Belongs to the event loop of its door. */
final class Talk {
  private final long number;
  private final Transport transport;
  private final String remoteHost;
  private final String localHost;
  private final DoorCounts counts;
  private final Consumer<String> write;
  private final Runnable answered;
  private final BooleanSupplier endsLines;

  /** The worker that spoke here last. */
  @Nullable String worker;

  /** The id of the master that spoke here last; another master has a connection of its own. */
  @Nullable String master;

  /**
   * @param number from 1 on, of no other connection of this door
   * @param localHost address of this machine to which the client came
   * @param write sends one message
   * @param answered is told of each message of the client that has its answer, or will have none
   * @param endsLines whether the client ends its messages with newlines, or with frames
   */
  Talk(
      long number,
      Transport transport,
      String remoteHost,
      String localHost,
      DoorCounts counts,
      Consumer<String> write,
      Runnable answered,
      BooleanSupplier endsLines) {
    this.number = number;
    this.transport = transport;
    this.remoteHost = remoteHost;
    this.localHost = localHost;
    this.counts = counts;
    this.write = write;
    this.answered = answered;
    this.endsLines = endsLines;
  }

  long number() {
    return number;
  }

  Transport transport() {
    return transport;
  }

  String remoteHost() {
    return remoteHost;
  }

  String localHost() {
    return localHost;
  }

  boolean endsLines() {
    return endsLines.getAsBoolean();
  }

  DoorCounts counts() {
    return counts;
  }

  void say(JsonObject message) {
    write.accept(message.encode());
    answered.run();
  }

  /** A message of the client has no answer. */
  void passOver() {
    answered.run();
  }

  /**
   * Says that something is refused, and counts it.
   *
   * @param code stable, for programs
   * @param why for people, made of nothing that a client sent
   */
  void refuse(String code, String why) {
    counts.refused(code);
    say(Words.nack(code, why));
  }
}
