package dev.batuta.cli.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs in where nobody types a password: as the environment says, else, at a demonstration cluster
 * of this machine, as its admin. Threads share what it got, and a token that has expired is
 * replaced by one login.
 */
final class OwnLogin {
  private static final Who ADMIN = new Who("admin", "admin", true);

  private final @Nullable String user;
  private final Supplier<String> password;
  private @Nullable String token;

  /** Who logs in; the demonstration admin is let in by a demonstration cluster only. */
  record Who(String user, String password, boolean demonstration) {}

  /** Asks a server; empty when it is none that lets in. */
  @FunctionalInterface
  interface Ask {
    Optional<String> token(Who who) throws IOException;
  }

  private OwnLogin(@Nullable String user, Supplier<String> password) {
    this.user = user;
    this.password = password;
  }

  /** As the demonstration admin only. */
  static OwnLogin asDemonstration() {
    return new OwnLogin(null, () -> "");
  }

  /**
   * As {@code BATUTA_USER} with {@code BATUTA_PASSWORD}, or with the first line of {@code
   * BATUTA_PASSWORD_FILE}, which is read at each login; else as the demonstration admin.
   */
  static OwnLogin of(Map<String, String> environment) {
    var user = environment.get("BATUTA_USER");
    if (user == null || user.isBlank()) {
      return asDemonstration();
    }
    var password = environment.get("BATUTA_PASSWORD");
    if (password != null) {
      return new OwnLogin(user, () -> password);
    }
    var file = environment.get("BATUTA_PASSWORD_FILE");
    if (file == null || file.isBlank()) {
      throw Problem.unsure(
          "no-input",
          "BATUTA_USER is '%s' without a password: set BATUTA_PASSWORD or BATUTA_PASSWORD_FILE"
              .formatted(user));
    }
    return new OwnLogin(user, () -> firstLine(Path.of(file)));
  }

  private static String firstLine(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException | UncheckedIOException e) {
      throw Problem.unsure(
          "no-input",
          "%s cannot be read (%s): write the password of BATUTA_USER there"
              .formatted(file, e.getMessage()));
    }
  }

  /** Whether the environment says who logs in: then no other token is taken in its place. */
  boolean isTold() {
    return user != null;
  }

  synchronized Optional<String> token() {
    return Optional.ofNullable(token);
  }

  /** Another token than one that was refused, empty when there is none to be had. */
  synchronized Optional<String> instead(Optional<String> refused, Ask ask) throws IOException {
    if (token == null || refused.equals(token())) {
      token = null; // also when asking fails
      token = ask.token(user == null ? ADMIN : new Who(user, password.get(), false)).orElse(null);
    }
    return token();
  }
}
