package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import java.time.Duration;

/**
 * What somebody is told who searches where it does not work now.
 *
 * @param server its name
 */
record SearchRefusal(String server) {
  Refused unavailable(String why) {
    return Refused.unavailable(
        "search-unavailable",
        "%s cannot search its messages now (%s): use another server. It tries again by itself."
            .formatted(server, why));
  }

  Refused opening() {
    return Refused.unavailable(
        "search-unavailable",
        "%s is opening its index of messages: try again in a second.".formatted(server));
  }

  Refused busy() {
    return Refused.busy(
        "search-busy",
        "More searches wait on %s than it takes: try again in a second.".formatted(server),
        Duration.ofSeconds(1));
  }

  Refused slow() {
    return Refused.busy(
        "search-busy",
        "%s did not get through its messages in time: try again in a second.".formatted(server),
        Duration.ofSeconds(1));
  }
}
