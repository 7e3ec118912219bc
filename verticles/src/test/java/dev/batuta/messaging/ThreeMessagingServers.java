package dev.batuta.messaging;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage.CreateChannel;
import dev.batuta.codec.ChatMessage.CreateUser;
import dev.batuta.codec.ChatMessage.Created;
import dev.batuta.codec.ChatMessage.History;
import dev.batuta.codec.ChatMessage.Page;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.ChatMessage.Publish;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.replica.AckPolicy;
import dev.batuta.node.TestCluster;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * Three clustered nodes in one JVM; messaging starts and stops on each as a test says, with new
 * disks for each test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ThreeMessagingServers {
  static final List<String> SERVERS = List.of("s1", "s2", "s3");
  static final Duration PATIENCE = Duration.ofSeconds(50);

  final Path folder;
  final TestCluster cluster = TestCluster.start("s1", "s2", "s3");
  private final Map<String, MessagingVerticle> running = new HashMap<>();
  private final Map<String, String> deployed = new HashMap<>();
  private int test;

  ThreeMessagingServers(Path folder) {
    this.folder = folder;
  }

  @BeforeAll
  void awaitCluster() {
    cluster.awaitAll();
  }

  @BeforeEach
  void newDisks() {
    test++;
  }

  @AfterEach
  void stopAll() {
    List.copyOf(deployed.keySet()).forEach(this::stop);
  }

  @AfterAll
  void close() {
    cluster.close();
  }

  /** A server of a new cluster counts for nothing yet if it is stopped before it met all others. */
  void startAll() {
    SERVERS.forEach(this::start);
    Awaitility.await().atMost(PATIENCE).until(() -> SERVERS.stream().allMatch(this::isComplete));
  }

  boolean isComplete(String server) {
    return verticle(server).log().filter(OpLog::complete).isPresent();
  }

  void start(String server) {
    TestCluster.TestNode node = cluster.node(server);
    var verticle =
        new MessagingVerticle(
            node.bus(),
            new MessagingSettings(
                server,
                disk(server),
                SERVERS,
                AckPolicy.MAJORITY,
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10)),
            System::currentTimeMillis,
            Optional::empty);
    deployed.put(server, await(node.vertx().deployVerticle(verticle)));
    running.put(server, verticle);
  }

  void stop(String server) {
    String id = deployed.remove(server);
    running.remove(server);
    if (id != null) {
      await(cluster.node(server).vertx().undeploy(id));
    }
  }

  Path disk(String server) {
    return folder.resolve("test" + test).resolve(server);
  }

  void erase(String server) {
    try (Stream<Path> files = Files.list(disk(server))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void geral(String server) {
    await(ask(server, new CreateUser("ana"), Created.class));
    await(ask(server, new CreateChannel("Geral"), Created.class));
    awaitEqual();
  }

  Posted publish(String server, String text, String id) {
    return await(ask(server, new Publish("ana", "geral", text, id), Posted.class));
  }

  /** Asks from another node than the server's own, so that it goes over the wire. */
  <M extends Message> Future<M> ask(String server, Message message, Class<M> answer) {
    Bus bus = cluster.node(server.equals("s1") ? "s2" : "s1").bus();
    return bus.request(Addresses.messaging(server), message, answer, PATIENCE);
  }

  List<Posted> history(String server) {
    List<Posted> all = new ArrayList<>();
    Page page = await(ask(server, new History("geral", null, 7), Page.class));
    all.addAll(page.items());
    while (page.next() != null) {
      page = await(ask(server, new History("geral", page.next(), 7), Page.class));
      all.addAll(page.items());
    }
    return all;
  }

  String digest(String server) {
    return await(verticle(server).digest());
  }

  MessagingVerticle verticle(String server) {
    MessagingVerticle verticle = running.get(server);
    assertThat(verticle).isNotNull();
    return Objects.requireNonNull(verticle);
  }

  void awaitEqual() {
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> running.keySet().stream().map(this::digest).distinct().count() == 1);
  }

  Feed.Subscription subscribe(
      String server, @Nullable String position, List<String> texts, List<String> positions) {
    Feed feed = await(verticle(server).feed());
    return feed.subscribe(
        position,
        new MessageFilter.Channels(),
        (message, at) -> {
          texts.add(message.text());
          positions.add(at.get());
        });
  }

  static void refused(ThrowingCallable call, Failure.Kind kind, String code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().code()).isEqualTo(code);
              assertThat(refused.failure().kind()).isEqualTo(kind);
            });
  }
}
