package dev.batuta.bus;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.hazelcast.cluster.Address;
import dev.batuta.codec.Done;
import dev.batuta.node.Cluster;
import dev.batuta.tracing.Tracing;
import io.netty.channel.socket.SocketChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.impl.VertxConnection;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A message that cannot be written is lost, and nothing else is. */
class UnwrittenTest {
  private static final String UNWRITTEN = "a message was not written";
  private static final String UNHANDLED = "Unhandled exception";

  private final String name = "test-" + UUID.randomUUID();
  private final List<String> addresses = new ArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Logger delivery = (Logger) LoggerFactory.getLogger(Delivery.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Cluster sender;
  private Cluster receiver;

  @BeforeEach
  void startTwoNodes() {
    sender = join("a");
    receiver = join("b");
    delivery.setLevel(Level.DEBUG);
    log.start();
    root.addAppender(log);
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
    delivery.setLevel(null);
    await(receiver.vertx().close());
    await(sender.vertx().close());
  }

  private Cluster join(String node) {
    Cluster cluster =
        await(
            Cluster.join(
                new Cluster.Options(node, name, "127.0.0.1", 0, 0, List.copyOf(addresses)),
                null,
                Tracing.passive()));
    Address address = cluster.hazelcast().getCluster().getLocalMember().getAddress();
    addresses.add(address.getHost() + ":" + address.getPort());
    return cluster;
  }

  /** The connection of the sender's bus to the receiver. */
  private VertxConnection connection() {
    try {
      Object bus = sender.vertx().eventBus();
      Field connections = bus.getClass().getDeclaredField("outboundConnections");
      connections.setAccessible(true);
      Object connection = ((Map<?, ?>) connections.get(bus)).get(receiver.registry().getNodeId());
      Field socket = Objects.requireNonNull(connection).getClass().getDeclaredField("socket");
      socket.setAccessible(true);
      return (VertxConnection) socket.get(connection);
    } catch (ReflectiveOperationException another) {
      throw new LinkageError("another version of Vert.x?", another);
    }
  }

  private List<String> logged() {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(text -> text.startsWith(UNWRITTEN) || text.startsWith(UNHANDLED))
        .toList();
  }

  @Test
  void nobodyIsToldThatAPromiseWasCompletedTwiceAndTheNextOnesArrive() {
    Set<Long> heard = ConcurrentHashMap.newKeySet();
    await(receiver.bus().listen("all", envelope -> heard.add(envelope.clock())));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              sender.bus().publish("all", new Done());
              return !heard.isEmpty();
            });

    SocketChannel channel = (SocketChannel) connection().channelHandlerContext().channel();
    channel
        .eventLoop()
        .execute(
            () -> {
              // What is written from here on fails, and the bus learns of it last.
              channel.shutdownOutput();
              sender.bus().publish("all", new Done());
            });

    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !logged().isEmpty());
    long before = sender.bus().clock().value();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              sender.bus().publish("all", new Done());
              return heard.stream().anyMatch(clock -> clock > before);
            });
    assertThat(logged()).allMatch(text -> text.startsWith(UNWRITTEN));
  }

  @Test
  void aPromiseThatIsCompletedTwiceElsewhereIsADefect() {
    StackTraceElement promise =
        new StackTraceElement("io.vertx.core.Promise", "fail", "Promise.java", 1);
    StackTraceElement write =
        new StackTraceElement("io.vertx.core.net.impl.VertxConnection", "write", null, 1);
    Delivery.uncaught(twice());
    Delivery.uncaught(twice(promise, promise, promise, promise));
    Delivery.uncaught(twice(promise, promise, promise, write));
    assertThat(logged())
        .extracting(text -> text.startsWith(UNHANDLED))
        .containsExactly(true, true, false);
  }

  private static Throwable twice(StackTraceElement... trace) {
    IllegalStateException error = new IllegalStateException("Promise already completed");
    error.setStackTrace(trace);
    return error;
  }

  @Test
  void aCallIsNeverMadeOnTheContextOfItsCallerWhichMayBeThatOfAConnection() {
    Context caller = sender.vertx().getOrCreateContext();
    Promise<List<Context>> contexts = Promise.promise();
    Promise<Throwable> thrown = Promise.promise();
    caller.runOnContext(
        on -> {
          Delivery.apart(
                  sender.vertx(), () -> Future.succeededFuture(sender.vertx().getOrCreateContext()))
              .onSuccess(of -> contexts.complete(List.of(of, Vertx.currentContext())));
          Delivery.apart(
                  sender.vertx(),
                  () -> {
                    throw new IllegalStateException("thrown");
                  })
              .onFailure(thrown::complete);
        });

    assertThat(await(contexts.future()).getFirst()).isNotSameAs(caller);
    assertThat(await(contexts.future()).getLast()).isSameAs(caller);
    assertThat(await(thrown.future())).hasMessage("thrown");
  }
}
