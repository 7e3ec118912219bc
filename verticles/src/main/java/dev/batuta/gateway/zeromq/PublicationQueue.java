package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.DoorCounts;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is published, on its way to the thread of the sockets. Bounded: what comes faster than that
 * thread sends it is dropped, counted and told. Belongs to the context of the door.
 */
final class PublicationQueue implements Publisher.Topic {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationQueue.class);
  private static final int MOST = 65_536;
  private static final long MOST_BYTES = 16 << 20;
  private static final long TOLD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SocketThread sockets;
  private final SubscriptionPort port;
  private final DoorCounts counts;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();
  private long dropped;
  private long told;
  private long toldNanos;

  PublicationQueue(SocketThread sockets, SubscriptionPort port, DoorCounts counts) {
    this.sockets = sockets;
    this.port = port;
    this.counts = counts;
  }

  @Override
  public void publish(byte[] topic, boolean whole, byte[] body) {
    if (waiting.get() >= MOST || waitingBytes.get() >= MOST_BYTES) {
      drop();
      return;
    }
    waiting.incrementAndGet();
    waitingBytes.addAndGet(body.length);
    sockets.run(
        () -> {
          waiting.decrementAndGet();
          waitingBytes.addAndGet(-body.length);
          port.publish(topic, whole, body);
        });
  }

  private void drop() {
    counts.refused("too-slow");
    dropped++;
    long now = System.nanoTime();
    if (told == 0 || now - toldNanos > TOLD_EVERY_NANOS) {
      LOG.atWarn()
          .addKeyValue("port", port.settings().name())
          .addKeyValue("lost", dropped - told)
          .log("more is published than this port sends, and nobody heard the rest");
      told = dropped;
      toldNanos = now;
    }
  }
}
