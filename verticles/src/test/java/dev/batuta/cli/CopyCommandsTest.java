package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code chat digest}, {@code chat export} and {@code sync}. */
final class CopyCommandsTest {
  private static final String SILENT =
      "{\"server\":\"s3\",\"code\":\"server-away\",\"detail\":\"There is nobody at s3\"}";

  private final CommandRun line = new CommandRun();

  @ParameterizedTest
  @CsvSource({"same, same, 0", "same, other, 1"})
  void theExitCodeSaysWhetherAllHoldTheSame(String one, String other, int exit) throws IOException {
    var body = "{\"servers\":[%s,%s]}".formatted(digest("s1", one), digest("s2", other));
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(line.run(server, "chat", "digest")).isEqualTo(exit);
    }
    assertThat(line.out.toString()).contains("s1", "s2", one, other);
  }

  @Test
  void aServerThatDoesNotAnswerLeavesItOpen() throws IOException {
    var body = "{\"servers\":[%s,%s]}".formatted(digest("s1", "same"), SILENT);
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(line.run(server, "chat", "digest")).isEqualTo(2);
    }
    assertThat(line.out.toString()).contains("There is nobody at s3");
  }

  @Test
  void anExportIsAnOpALineFromAllPagesOfTheFirstServerThatIsReady() throws IOException {
    var cluster =
        "{\"nodes\":[{\"name\":\"W1\",\"roles\":[\"worker\"],\"state\":\"ready\"},"
            + "{\"name\":\"s1\",\"roles\":[\"server\"],\"state\":\"gone\"},"
            + "{\"name\":\"s2\",\"roles\":[\"server\",\"gateway\"],\"state\":\"ready\"}]}";
    try (var server =
        new FakeServer(
            asked -> {
              if (asked.path().equals("/api/v1/cluster")) {
                return new Reply(200, cluster);
              }
              return asked.path().contains("after=a.b")
                  ? new Reply(200, "{\"items\":[{\"sequence\":2}],\"next\":null}")
                  : new Reply(200, "{\"items\":[{\"sequence\":1}],\"next\":\"a.b\"}");
            })) {
      assertThat(line.run(server, "chat", "export")).isZero();
      assertThat(server.asked).anyMatch(asked -> asked.path().contains("server=s2"));
    }
    assertThat(line.out).hasToString("{\"sequence\":1}\n{\"sequence\":2}\n");
  }

  @Test
  void syncSaysWhoComparedWithWhomAndWhatMoved() throws IOException {
    var body =
        "{\"servers\":[{\"server\":\"s1\",\"with\":\"s2\",\"moved\":7},%s]}".formatted(SILENT);
    try (var server = new FakeServer(asked -> new Reply(200, body))) {
      assertThat(line.run(server, "sync")).isEqualTo(2);
    }
    assertThat(line.out.toString().lines())
        .anyMatch(each -> each.matches("s1 +s2 +7"))
        .anyMatch(each -> each.contains("There is nobody at s3"));
  }

  private static String digest(String server, String digest) {
    return ("{\"server\":\"%s\",\"digest\":\"%s\",\"users\":1,\"channels\":1,\"channelMessages\":1,"
            + "\"directMessages\":0,\"complete\":true}")
        .formatted(server, digest);
  }
}
