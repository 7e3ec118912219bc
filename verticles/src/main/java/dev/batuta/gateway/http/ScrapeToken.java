package dev.batuta.gateway.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The token of who scrapes: unlike those of users it lasts, and opens metrics and nothing else. */
final class ScrapeToken {
  private final Optional<byte[]> token;

  /**
   * @param token empty where there is none
   */
  ScrapeToken(Optional<String> token) {
    this.token = token.map(ScrapeToken::bytes);
  }

  boolean exists() {
    return token.isPresent();
  }

  /** Whether a request brings it. */
  boolean comesWith(HttpServerRequest request) {
    String given = bearer(request);
    return given != null && token.isPresent() && MessageDigest.isEqual(token.get(), bytes(given));
  }

  /** The token of a request, of whatever kind; null where it brings none by that header. */
  static @Nullable String bearer(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
        ? header.substring(7).strip()
        : null;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
