package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bot} on a cluster whose servers die. */
class BotsTest {
  private static final int COUNT = 12;
  private static final Duration GOES_ON = Duration.ofSeconds(60);

  @TempDir Path data = Path.of("");

  private final List<JsonObject> printed = new CopyOnWriteArrayList<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void botsOfServersThatAreKilledGoOnElsewhereAndMissNothingAndSeeNothingTwice() throws Exception {
    try (RealCluster cluster = RealCluster.up(data);
        Client client = Client.anywhere()) {
      Process bots = bots();
      try {
        progress("from the start", -1);
        for (String server : List.of("server-1", "server-2", "server-3")) {
          int moves = last().getInteger("moves");
          cluster.killAndAwaitReturn(server);
          progress("without " + server, moves);
        }
        bots.toHandle().destroy(); // SIGTERM; that of the process would close what it prints, too
        assertThat(bots.waitFor(90, TimeUnit.SECONDS)).as("they end").isTrue();
      } finally {
        bots.destroyForcibly();
      }
      Awaitility.await("the summary").until(() -> last().getString("type").equals("total"));
      JsonObject total = last();
      System.out.println(total.encode());
      assertThat(errors).isEmpty();
      assertThat(bots.exitValue()).as(total.encode()).isZero();
      assertThat(total.getLong("missing")).isZero();
      assertThat(total.getLong("doubled")).isZero();
      assertThat(total.getLong("strange")).isZero();
      client.login(cluster.url());
      for (String url : cluster.serverUrls()) {
        assertStoredOnce(client, url, total);
      }
    }
  }

  /** Each server has all that was acknowledged and at most what was sent, each once. */
  private static void assertStoredOnce(Client client, String url, JsonObject total) {
    Awaitility.await("all messages at " + url)
        .atMost(GOES_ON)
        .until(() -> texts(client, url).size() >= total.getLong("acknowledged"));
    List<String> texts = texts(client, url);
    assertThat(texts).doesNotHaveDuplicates();
    assertThat((long) texts.size()).isLessThanOrEqualTo(total.getLong("sent"));
  }

  private static List<String> texts(Client client, String url) {
    List<String> texts = new ArrayList<>();
    for (String channel : List.of("bots", "bots-2")) {
      client
          .items(url, "/api/v1/channels/" + channel + "/messages")
          .forEach(message -> texts.add(message.getString("text")));
    }
    return texts;
  }

  private Process bots() throws IOException {
    List<String> command =
        List.of("bot", "--count", "" + COUNT, "--rate", "10", "--every", "500ms", "--json");
    Process process = RealCluster.launcher(data, command).start();
    Thread.ofVirtual()
        .start(
            () ->
                read(
                    process.inputReader(StandardCharsets.UTF_8),
                    out -> printed.add(new JsonObject(out))));
    Thread.ofVirtual().start(() -> read(process.errorReader(StandardCharsets.UTF_8), errors::add));
    return process;
  }

  private static void read(BufferedReader reader, Consumer<String> lines) {
    try (reader) {
      reader.lines().forEach(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonObject last() {
    return printed.getLast();
  }

  /**
   * Waits until some have gone to another server, and then until all have said and heard more.
   *
   * @param moves that there were before
   */
  private void progress(String when, int moves) {
    Awaitility.await("bots find servers " + when)
        .atMost(GOES_ON)
        .until(() -> !printed.isEmpty() && last().getInteger("moves") > moves);
    JsonObject before = last();
    Awaitility.await("bots talk " + when)
        .atMost(GOES_ON)
        .until(
            () ->
                last().getLong("acknowledged") > before.getLong("acknowledged") + COUNT
                    && last().getLong("seen") > before.getLong("seen") + COUNT);
  }
}
