package dev.batuta.cli.client;

import dev.batuta.cli.client.ServerSentEvents.Event;
import dev.batuta.codec.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Live events of a cluster, read by threads of its own. When the server goes away or says nothing
 * any more, the feed goes on at the next one where it stopped, by the id of the last event; from
 * now where none has what that names any more. Once it was open it is ended by a refusal only that
 * will not pass.
 */
public final class EventFeed implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A server says something every 4 s; one that hangs keeps its connections, and is silent. */
  private static final Duration SILENCE = Duration.ofSeconds(12);

  /** So often at least, and once at each server, a place is asked for in vain. */
  static final int MOST_LOST = 3;

  /** Stands behind the last event, so that who waits for the next one hears of the end at once. */
  private static final Event END = new Event("", null, "");

  private final Api api;
  private final String path;
  private final Consumer<String> remark;
  private final Duration silence;
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(1_000);
  private final CountDownLatch placed = new CountDownLatch(1);
  private final AtomicReference<@Nullable Problem> end = new AtomicReference<>();
  private final AtomicInteger openings = new AtomicInteger();
  private volatile @Nullable InputStream open;
  private volatile long heardNanos;
  private volatile boolean silent;
  private volatile boolean closed;

  private EventFeed(Api api, String path, Consumer<String> remark, Duration silence) {
    this.api = api;
    this.path = path;
    this.remark = remark;
    this.silence = silence;
  }

  /**
   * Follows {@code path}; {@code remark} is told when the connection is lost.
   *
   * @param api for this feed only
   */
  public static EventFeed follow(Api api, String path, Consumer<String> remark) {
    return follow(api, path, remark, SILENCE);
  }

  /**
   * @param silence after which a server is taken to hang
   */
  static EventFeed follow(Api api, String path, Consumer<String> remark, Duration silence) {
    var feed = new EventFeed(api, path, remark, silence);
    Thread.ofVirtual().name("events").start(feed::read);
    Thread.ofVirtual().name("events-watch").start(feed::watch);
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
      throw interrupted();
    }
  }

  /**
   * Waits until the feed has a place in the stream: of what happens from then on it misses nothing.
   *
   * @return whether it got one in time
   */
  public boolean awaitPlace(Duration patience) {
    try {
      boolean got = placed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
      var problem = end.get();
      if (problem != null) {
        throw problem;
      }
      return got;
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static Problem interrupted() {
    Thread.currentThread().interrupt();
    return Problem.unsure("interrupted", "interrupted while following events");
  }

  /** Whether a server gives events now. */
  public boolean isOpen() {
    return open != null;
  }

  /** How often a server began to give events. */
  public int openings() {
    return openings.get();
  }

  /** Goes on at the next server, where it stopped; one that is hung up is not waited for. */
  public void move() {
    silent = true;
    cut();
  }

  /** Ends the connection; events that were read before can still be taken. */
  @Override
  public void close() {
    closed = true;
    cut();
  }

  private void cut() {
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
    int timesLost = 0;
    while (!closed) {
      boolean isLost = false;
      var lines = new ServerSentEvents();
      try (var body = api.stream(path, last).body();
          var reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        opened(body);
        for (var line = reader.readLine(); line != null && !closed; line = reader.readLine()) {
          heardNanos = System.nanoTime();
          var event = lines.line(line);
          if (event.isPresent() && event.get().type().equals("end")) {
            var end = event.get().json();
            isLost = end.path("code").asText().equals(ErrorCode.POSITION_LOST.code());
            remark.accept(end.path("detail").asText());
            api.avoidServer();
          } else if (event.isPresent()) {
            events.put(event.get());
          }
          last = lines.lastId() == null ? last : lines.lastId();
          if (last != null) {
            placed.countDown();
          }
        }
      } catch (IOException e) {
        // said below
      } catch (InterruptedException e) {
        return;
      } catch (Problem e) {
        if (openings.get() == 0 || !passes(e)) {
          finish(e);
          return;
        }
      }
      if (open != null) {
        timesLost = isLost ? timesLost + 1 : 0;
      }
      open = null;
      if (closed) {
        return;
      }
      if (timesLost >= Math.max(MOST_LOST, api.servers().size())) {
        remark.accept(
            "no server has the place where this stopped: going on from now, what came meanwhile is in the history");
        timesLost = 0;
        last = null;
      }
      if (silent) {
        api.avoidServer();
      }
      remark.accept("connection lost, looking for a server ..");
      Api.pause(PAUSE);
    }
  }

  private void opened(InputStream body) {
    heardNanos = System.nanoTime();
    silent = false;
    openings.incrementAndGet();
    open = body;
  }

  /** A channel that was there may not have reached the next server yet. */
  private static boolean passes(Problem refusal) {
    return Api.mayPass(refusal) || refusal.status() == 404;
  }

  private void watch() {
    while (!closed && end.get() == null) {
      Api.pause(silence.dividedBy(4));
      boolean waits = events.remainingCapacity() == 0; // for who takes the events
      if (open != null && !waits && System.nanoTime() - heardNanos > silence.toNanos()) {
        move();
      }
    }
  }

  private void finish(Problem problem) {
    end.set(problem);
    placed.countDown();
    try {
      events.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
