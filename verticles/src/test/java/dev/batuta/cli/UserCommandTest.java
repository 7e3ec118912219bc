package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.cli.client.FakeServer;
import dev.batuta.cli.client.FakeServer.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Passwords come by standard input, never as an argument. */
@Isolated("it replaces the standard input of this process")
class UserCommandTest {
  private static final String ADMIN = "{\"user\":\"ana\",\"roles\":[\"admin\"]}";

  private final InputStream before = System.in;
  private final CommandRun command = new CommandRun();

  @AfterEach
  void giveBack() {
    System.setIn(before);
  }

  @Test
  void setSendsTheLineThatWasPipedInAndSaysWhatTheUserMayNow() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, ADMIN))) {
      assertThat(set(server, "her sécret\n", "ana", "--role", "admin")).isZero();

      var asked = server.asked.getFirst();
      assertThat(asked.path()).isEqualTo("/api/v1/logins");
      assertThat(asked.body().path("password").asText()).isEqualTo("her sécret");
      assertThat(asked.body().path("user").asText()).isEqualTo("ana");
      assertThat(asked.body().path("roles")).hasToString("[\"admin\"]");
      assertThat(command.out.toString())
          .isEqualTo("the password of ana is set; roles: admin\n")
          .doesNotContain("sécret");
    }
  }

  @Test
  void withoutARoleThoseThatTheUserHasStay() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, ADMIN))) {
      assertThat(set(server, "her secret\n", "ana")).isZero();
      assertThat(server.asked.getFirst().body().has("roles")).isFalse();
    }
  }

  @Test
  void withoutAPasswordNothingIsAsked() throws IOException {
    try (var server = new FakeServer(asked -> new Reply(200, ADMIN))) {
      assertThat(set(server, "", "ana")).isEqualTo(2);
      assertThat(server.asked).isEmpty();
      assertThat(command.err.toString()).contains("Password is missing: type it, or pipe it in");
    }
  }

  private int set(FakeServer server, String input, String... arguments) {
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    var all = new String[arguments.length + 2];
    all[0] = "user";
    all[1] = "set";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return command.run(server, all);
  }
}
