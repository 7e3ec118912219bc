package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A batch of {@code events.trace} for people: a line for each send and receive. */
final class TraceText {
  private TraceText() {}

  static List<String> lines(JsonNode batch) {
    var lines = new ArrayList<String>();
    for (var event : batch.path("events")) {
      var received = text(event, "event").equals("receive");
      lines.add(
          "trace  [%s] %s %s %s%s at %s"
              .formatted(
                  text(event, "clock"),
                  text(event, "node"),
                  received ? "receives" : "sends",
                  text(event, "type"),
                  received ? " of " + text(event, "sender") + " [" + text(event, "sent") + "]" : "",
                  text(event, "address")));
    }
    long dropped = batch.path("dropped").asLong();
    if (dropped > 0) {
      lines.add("trace  %d more at %s did not fit".formatted(dropped, text(batch, "node")));
    }
    return lines;
  }
}
