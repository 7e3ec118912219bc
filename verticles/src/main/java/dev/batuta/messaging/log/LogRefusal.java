package dev.batuta.messaging.log;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.nio.file.Path;

/**
 * What somebody is told whom the log of a server cannot serve.
 *
 * @param server its name
 */
record LogRefusal(String server) {
  static final String STOPPING = "server-stopping";
  static final String UNWRITTEN = "message-log-unwritten";

  Refused stopping() {
    return new Refused(
        Kind.UNAVAILABLE,
        STOPPING,
        "The message log of %s is closed: ask another server.".formatted(server));
  }

  /** Nothing of it is on the disk. */
  Refused unwritten(Throwable failure) {
    return new Refused(
        Kind.UNAVAILABLE,
        UNWRITTEN,
        "%s takes no messages now (%s): use another server. It goes on by itself; where its disk is full or broken, once there is room or it is mended."
            .formatted(server, failure.getMessage()));
  }

  /** The disk failed when it was asked to keep it for good. */
  Refused unknown(Throwable failure) {
    return new Refused(
        Kind.UNKNOWN,
        "message-log-unknown",
        "The disk of %s failed while it took the message (%s): it may be kept or lost. Repeat with the same message id."
            .formatted(server, failure.getMessage()));
  }

  Refused damaged(Throwable failure) {
    return new Refused(
        Kind.UNAVAILABLE,
        "message-log-damaged",
        "The message log of %s is damaged (%s): use another server. It is set aside, and this server fetches all from the others."
            .formatted(server, failure.getMessage()));
  }

  /** The same id as of another message. */
  static Refused reused() {
    return new Refused(
        Kind.CONFLICT,
        "key-reused",
        "The message id was used with another text or receiver: use a new one, or repeat the same"
            + " message.");
  }

  Refused busy() {
    return new Refused(
        new Failure(
            Kind.BUSY,
            "messages-busy",
            "More messages wait for the disk of %s than it takes: try again in a second."
                .formatted(server),
            1000));
  }

  Refused unusable(Path path, Exception failure) {
    return new Refused(
        Kind.UNAVAILABLE,
        "message-log",
        "The message log %s cannot be used (%s): free or mend the disk."
            .formatted(path, failure.getMessage()));
  }
}
