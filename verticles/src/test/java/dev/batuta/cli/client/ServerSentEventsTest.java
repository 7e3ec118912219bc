package dev.batuta.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.client.ServerSentEvents.Event;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ServerSentEventsTest {
  @Test
  void linesMakeEventsAndTheIdStays() {
    var parser = new ServerSentEvents();
    var events = new ArrayList<Event>();
    for (var line :
        """
        : welcome

        event: clock
        id: 7
        data: {"a":1}

        event: tasks
        data: one
        data: two

        retry: 10

        """
            .split("\n", -1)) {
      Optional<Event> event = parser.line(line);
      event.ifPresent(events::add);
    }
    assertThat(events)
        .containsExactly(new Event("clock", "7", "{\"a\":1}"), new Event("tasks", "7", "one\ntwo"));
  }
}
