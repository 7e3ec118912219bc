package dev.batuta.linearizability;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked and was answered. It took effect at one instant between the two, both by the
 * client's monotonic clock; without an answer at any instant after the call, or never.
 *
 * @param task its id
 * @param payload QUERY, UPDATE or TRANSFER
 * @param answeredNanos {@link #NEVER} without an answer
 * @param result null when it is not known
 */
public record Operation(
    String task, Payload payload, long calledNanos, long answeredNanos, @Nullable Result result) {
  public static final long NEVER = Long.MAX_VALUE;

  /** Refuses what cannot be. */
  public Operation {
    if (answeredNanos < calledNanos) {
      throw new IllegalArgumentException("answered before it was called: " + task);
    }
  }

  /** The accounts that it reads or changes, the one whose balance it answers first. */
  List<String> users() {
    return switch (payload) {
      case Query(var user) -> List.of(user);
      case Update(var user, var operation, var amount) -> List.of(user);
      case Transfer(var from, var to, var amount) -> List.of(from, to);
      default -> throw new IllegalArgumentException(payload.kind() + " is not the ledger's");
    };
  }

  /** The account whose balance it answers. */
  String user() {
    return users().getFirst();
  }

  String shown() {
    return "task " + task + " " + payload;
  }
}
