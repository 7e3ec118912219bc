package dev.batuta.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens that {@code login} stored, one for each server's URL, in a file that only its owner
 * may read.
 */
public final class TokenStore {
  private final Path file;

  TokenStore(Path file) {
    this.file = file;
  }

  /** The store of this user: in the configuration folder of the system's kind. */
  public static TokenStore ofUser(Map<String, String> environment, String userHome, String system) {
    var xdg = environment.get("XDG_CONFIG_HOME");
    Path folder;
    if (xdg != null && !xdg.isBlank()) {
      folder = Path.of(xdg);
    } else if (system.startsWith("Mac")) {
      folder = Path.of(userHome, "Library", "Application Support");
    } else {
      folder = Path.of(userHome, ".config");
    }
    return new TokenStore(folder.resolve("batuta").resolve("tokens.json"));
  }

  /** The token for a server, if it has not expired. */
  Optional<String> find(String url, Instant now) {
    var entry = read().path(url);
    if (!entry.hasNonNull("token")) {
      return Optional.empty();
    }
    try {
      if (entry.hasNonNull("expiresAt")
          && !Instant.parse(entry.get("expiresAt").asText()).isAfter(now)) {
        return Optional.empty();
      }
    } catch (DateTimeException e) {
      return Optional.empty();
    }
    return Optional.of(entry.get("token").asText());
  }

  /** Keeps a token for servers of one cluster. */
  public void put(List<String> urls, String user, String token, String expiresAt)
      throws IOException {
    var all = read();
    for (var url : urls) {
      all.putObject(url).put("user", user).put("token", token).put("expiresAt", expiresAt);
    }
    ClusterFile.writeOwnerOnly(file, all.toPrettyString());
  }

  Path file() {
    return file;
  }

  private ObjectNode read() {
    try {
      return Output.JSON.readTree(Files.readString(file)) instanceof ObjectNode object
          ? object
          : Output.JSON.createObjectNode();
    } catch (NoSuchFileException e) {
      return Output.JSON.createObjectNode();
    } catch (IOException e) {
      throw Problem.failed(
          "token-file",
          "the stored tokens in "
              + file
              + " cannot be read: delete the file and log in again ("
              + e.getMessage()
              + ")");
    }
  }
}
