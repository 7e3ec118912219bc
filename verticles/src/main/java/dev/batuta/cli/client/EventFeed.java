package dev.batuta.cli.client;

import dev.batuta.cli.client.ServerSentEvents.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Live events of a cluster, read by a thread of its own. When the server goes away the feed goes on
 * at the next one where it stopped, by the id of the last event.
 */
public final class EventFeed implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Stands behind the last event, so that who waits for the next one hears of the end at once. */
  private static final Event END = new Event("", null, "");

  private final Api api;
  private final String path;
  private final Consumer<String> remark;
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(1_000);
  private final AtomicReference<@Nullable Problem> end = new AtomicReference<>();
  private volatile @Nullable InputStream open;
  private volatile boolean closed;

  private EventFeed(Api api, String path, Consumer<String> remark) {
    this.api = api;
    this.path = path;
    this.remark = remark;
  }

  /** Follows {@code path}; {@code remark} is told when the connection is lost. */
  public static EventFeed follow(Api api, String path, Consumer<String> remark) {
    var feed = new EventFeed(api, path, remark);
    Thread.ofPlatform().daemon().name("events").start(feed::read);
    return feed;
  }

  /** The next event, empty when none came in time. */
  public Optional<Event> next(Duration patience) {
    try {
      var event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      var problem = end.get();
      if (problem != null && (event == null || event.equals(END))) {
        throw problem;
      }
      return Optional.ofNullable(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while following events");
    }
  }

  /** Ends the connection; events that were read before can still be taken. */
  @Override
  public void close() {
    closed = true;
    var stream = open;
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException e) {
        // it is gone already
      }
    }
  }

  private void read() {
    @Nullable String last = null;
    boolean connected = false;
    while (!closed) {
      var lines = new ServerSentEvents();
      try (var body = api.stream(path, last).body();
          var reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        open = body;
        connected = true;
        for (var line = reader.readLine(); line != null && !closed; line = reader.readLine()) {
          var event = lines.line(line);
          if (event.isPresent() && event.get().type().equals("end")) {
            remark.accept(event.get().json().path("detail").asText());
            api.avoidServer();
          } else if (event.isPresent()) {
            last = event.get().id() == null ? last : event.get().id();
            events.put(event.get());
          }
        }
      } catch (IOException e) {
        // said below
      } catch (InterruptedException e) {
        return;
      } catch (Problem e) {
        if (!connected || !Api.isUnreachable(e)) {
          end.set(e);
          finish();
          return;
        }
      }
      if (closed) {
        return;
      }
      remark.accept("connection lost, looking for a server ..");
      Api.pause(PAUSE);
    }
  }

  private void finish() {
    try {
      events.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
