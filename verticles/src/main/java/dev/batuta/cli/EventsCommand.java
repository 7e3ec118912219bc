package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.EventFeed;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.ServerSentEvents.Event;
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
public final class EventsCommand extends ClientCommand {
  /** The present state of each kind comes first, and within this time. */
  private static final Duration PRESENT = Duration.ofSeconds(2);

  private static final Duration LONG = Duration.ofHours(1);

  @Option(names = "--follow", description = "Until Ctrl-C")
  boolean follow;

  @Option(
      names = "--types",
      paramLabel = "T",
      split = ",",
      description =
          "Only these, such as coordinator,clock,nodes,workers,tasks,lending,messages,trace")
  @Nullable List<String> types;

  @Override
  int run(Api api, Output output) {
    var path = types == null ? "/events" : "/events?types=" + Api.encoded(String.join(",", types));
    var feed = EventFeed.follow(api, path, output::remark);
    while (follow) {
      feed.next(LONG).ifPresent(event -> print(output, event));
    }
    var seen = new HashSet<String>();
    long end = System.nanoTime() + PRESENT.toNanos();
    while (System.nanoTime() < end && (types == null || seen.size() < types.size())) {
      feed.next(Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime())))
          .filter(event -> seen.add(event.type()))
          .ifPresent(event -> print(output, event));
    }
    return 0;
  }

  private static void print(Output output, Event event) {
    var object = Output.JSON.createObjectNode().put("type", event.type()).put("id", event.id());
    object.set("data", event.json());
    output.print(object, lines(event));
  }

  private static List<String> lines(Event event) {
    return event.type().equals("trace")
        ? TraceText.lines(event.json())
        : List.of(event.type() + "  " + event.data());
  }
}
