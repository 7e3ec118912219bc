package dev.batuta.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ForeignProgram;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README says of the bridge, from the very text. */
class BridgeReadmeTest extends BridgeFixture {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern PROGRAM = Pattern.compile("```python\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ADDRESS =
      Pattern.compile("^\\| `(batuta\\.[a-z.]+)` \\|", Pattern.MULTILINE);
  private static final Pattern REFUSAL = Pattern.compile("`(\\{\"type\": \"err\", [^`]*\\})`");

  private static List<String> all(Pattern pattern) throws IOException {
    List<String> found =
        pattern
            .matcher(Files.readString(README))
            .results()
            .map((MatchResult result) -> result.group(1))
            .toList();
    assertThat(found).as("of the README, by " + pattern).isNotEmpty();
    return found;
  }

  @Test
  void itsProgramLogsInSubmitsATaskAndReadsIt(@TempDir Path folder) throws IOException {
    Path program = Files.writeString(folder.resolve("bridge.py"), all(PROGRAM).getFirst());
    try (ForeignProgram client =
        ForeignProgram.python(program, Integer.toString(port(door)), alice())) {
      eventually(() -> client.printed("body").size() == 2);

      JsonObject login = client.printed("body").getFirst().getJsonObject("body");
      assertThat(login.getString("user")).isEqualTo("alice");
      assertThat(login.getString("expiresAt")).isNotEmpty();
      JsonObject task = client.printed("body").getLast().getJsonObject("body");
      assertThat(task.getString("kind")).isEqualTo("QUERY");
      assertThat(task.getString("id")).isNotEmpty();
    }
  }

  @Test
  void itsAddressesAreThoseThatTakeSomethingAndARefusalHasItsFields() throws IOException {
    JsonObject told = new JsonObject(all(REFUSAL).getFirst().replace("..", "0"));
    List<String> addresses = all(ADDRESS);
    assertThat(addresses)
        .containsExactlyInAnyOrder("batuta.login", TaskAddresses.SUBMIT, TaskAddresses.READ);
    try (Frames client = new Frames(port(door))) {
      for (String address : addresses) {
        client.send(
            new JsonObject().put("type", "send").put("address", address).put("replyAddress", "r"));
        JsonObject refused = client.error();
        assertThat(refused.getMap().keySet()).containsAll(told.getMap().keySet());
        assertThat(refused.getInteger("failureCode")).as(address).isEqualTo(401);
        assertThat(refused.getString("address")).isEqualTo("r");
        assertThat(refused.getString("sourceAddress")).isEqualTo(address);
      }
    }
  }
}
