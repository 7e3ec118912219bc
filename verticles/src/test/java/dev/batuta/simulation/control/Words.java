package dev.batuta.simulation.control;

import dev.batuta.clock.Rounds;
import dev.batuta.codec.ElectionMessage;
import java.util.stream.Collectors;

/** How messages and rounds read in a trace. */
final class Words {
  private Words() {}

  /** The first of its words, by which a story names it. */
  static String kind(ElectionMessage message) {
    String words = of(message);
    return words.contains(" ") ? words.substring(0, words.indexOf(' ')) : words;
  }

  static String of(ElectionMessage message) {
    return switch (message) {
      case ElectionMessage.Election _ -> "ELECTION";
      case ElectionMessage.Ok _ -> "OK";
      case ElectionMessage.Coordinator c ->
          "COORDINATOR %s, epoch %d%s"
              .formatted(c.server(), c.epoch(), c.acting() ? ", acting" : "");
      case ElectionMessage.HandOver _ -> "HAND OVER";
      case ElectionMessage.Released r -> "RELEASED epoch " + r.epoch() + ", " + r.reason();
      case ElectionMessage.AskElection _ -> "ASKS FOR AN ELECTION";
    };
  }

  static String of(Rounds.Effect.Held held) {
    return held.round()
        + ": "
        + held.adjustments().stream()
            .map(
                a ->
                    a.sample().server()
                        + (a.counted() ? " " : " (not counted) ")
                        + a.adjustmentMicros()
                        + " us")
            .collect(Collectors.joining(", "));
  }
}
