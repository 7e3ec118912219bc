package dev.batuta.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.ServerSentEvents.Event;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints live events. */
@Command(
    name = "events",
    description = "Prints the present state of each kind of event; with --follow what comes after.")
final class EventsCommand extends ClientCommand {
  private static final Duration FIRST = Duration.ofSeconds(3);
  private static final Duration QUIET = Duration.ofMillis(700);
  private static final Duration LONG = Duration.ofHours(1);

  @Option(names = "--follow", description = "Until Ctrl-C")
  boolean follow;

  @Option(
      names = "--types",
      paramLabel = "T",
      split = ",",
      description = "Only these, such as coordinator,clock,nodes,tasks,messages")
  @Nullable List<String> types;

  @Override
  int run(Api api, Output output) {
    var path = types == null ? "/events" : "/events?types=" + Api.encoded(String.join(",", types));
    var feed = EventFeed.follow(api, path, output::remark);
    var seen = new HashSet<String>();
    var patience = follow ? LONG : FIRST;
    while (true) {
      var event = feed.next(patience);
      if (event.isEmpty() && follow) {
        continue;
      }
      if (event.isEmpty() || (!seen.add(event.get().type()) && !follow)) {
        return 0;
      }
      print(output, event.get());
      patience = follow ? LONG : QUIET;
    }
  }

  private static void print(Output output, Event event) {
    var object = Output.JSON.createObjectNode().put("type", event.type()).put("id", event.id());
    object.set("data", data(event));
    output.print(object, List.of(event.type() + "  " + event.data()));
  }

  /** What an event says, as JSON. */
  static JsonNode data(Event event) {
    try {
      return Output.JSON.readTree(event.data());
    } catch (JsonProcessingException e) {
      return Output.JSON.getNodeFactory().textNode(event.data());
    }
  }
}
