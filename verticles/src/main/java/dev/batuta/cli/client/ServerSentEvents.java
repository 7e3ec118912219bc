package dev.batuta.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts the lines of a {@code text/event-stream} together to events (HTML standard, section 9.2).
 */
public final class ServerSentEvents {

  /** One event; the id is that of the last event that had one. */
  public record Event(String type, @Nullable String id, String data) {
    /** What it says, as JSON; text that is none is a JSON string. */
    public JsonNode json() {
      return Output.parsed(data).orElseGet(() -> Output.JSON.getNodeFactory().textNode(data));
    }
  }

  private final StringBuilder data = new StringBuilder();
  private String type = "";
  private @Nullable String id;
  private @Nullable String lastId;

  /** Where to go on from: the id of the last block that was whole, null before the first. */
  @Nullable String lastId() {
    return lastId;
  }

  /** Takes a line without its end; an event when the line ends one. */
  Optional<Event> line(String line) {
    if (line.isEmpty()) {
      return dispatch();
    }
    int colon = line.indexOf(':');
    var field = colon < 0 ? line : line.substring(0, colon);
    var value = colon < 0 ? "" : line.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field) {
      case "event" -> type = value;
      case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
      case "id" -> id = value;
      default -> {
        // comments, and fields of later versions
      }
    }
    return Optional.empty();
  }

  private Optional<Event> dispatch() {
    lastId = id;
    var event =
        data.isEmpty()
            ? Optional.<Event>empty()
            : Optional.of(new Event(type.isEmpty() ? "message" : type, id, data.toString()));
    data.setLength(0);
    type = "";
    return event;
  }
}
