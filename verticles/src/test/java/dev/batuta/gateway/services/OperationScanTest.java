package dev.batuta.gateway.services;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService.Operations;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.identity.Caller;
import dev.batuta.messaging.replica.Content;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of the chat that another system is given. */
class OperationScanTest {
  private static final Caller DOOR = Caller.ofDoor("zeromq");
  private static final long LONG_AGO = 1_600_000_000_000L;

  @Test
  void ofMoreThanMayBeGivenTheOldestAreAndTheRestIsReadFromThere(@TempDir Path folder) {
    try (ServerFixture server = new ServerFixture(folder, Set.of())) {
      ChatService chat = server.gateway().services().chat();
      await(chat.register(DOOR, "eva"));
      await(chat.createChannel(DOOR, "old"));
      for (int hour : new int[] {5, 1, 4, 2, 3}) {
        long millis = LONG_AGO + hour * 3_600_000L;
        await(chat.publish(DOOR, "old", new Saying("eva", "hour " + hour, "id" + hour, millis)));
      }
      Servers servers = new Servers(server.node().bus(), server.node().membership()::servers);
      OperationScan scan = new OperationScan(servers, Duration.ofSeconds(5), 3);
      Operations first = await(scan.since(0));
      assertThat(texts(first)).containsExactly("hour 1", "hour 2", "hour 3");
      assertThat(first.complete()).isFalse();
      Operations second = await(scan.since(first.items().getLast().timeMillis()));
      assertThat(texts(second)).startsWith("hour 3", "hour 4", "hour 5");
      Operations last = await(scan.since(LONG_AGO + 6 * 3_600_000L));
      assertThat(last.complete()).isTrue();
      assertThat(last.items()).hasSize(2).noneMatch(Content.Said.class::isInstance);
    }
  }

  @Test
  void manyWhoAskAtOnceAreServedAfterEachOtherAndFurtherOnesToldToWait(@TempDir Path folder) {
    try (ServerFixture server = new ServerFixture(folder, Set.of())) {
      ChatService chat = server.gateway().services().chat();
      await(chat.register(DOOR, "eva"));
      Promise<List<Future<Operations>>> allAsked = Promise.promise();
      server
          .node()
          .vertx()
          .runOnContext(
              nothingIsAnsweredMeanwhile ->
                  allAsked.complete(
                      IntStream.range(0, 9).mapToObj(i -> chat.operations(DOOR, 0)).toList()));
      List<Future<Operations>> asked = await(allAsked.future());
      await(Future.join(asked).otherwiseEmpty());
      assertThat(asked.subList(0, 8))
          .allSatisfy(each -> assertThat(each.result().items()).hasSize(1));
      assertThat(((Refused) asked.getLast().cause()).failure().kind()).isEqualTo(Kind.BUSY);
      assertThat(await(chat.operations(DOOR, 0)).complete()).isTrue();
    }
  }

  private static List<String> texts(Operations operations) {
    return operations.items().stream()
        .filter(Content.Said.class::isInstance)
        .map(Content.Said.class::cast)
        .map(Content.Said::text)
        .toList();
  }
}
