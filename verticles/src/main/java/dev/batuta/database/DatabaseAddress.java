package dev.batuta.database;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Where the database is, and as whom to talk to it. */
public record DatabaseAddress(
    String host, int port, String database, String user, String password) {

  /**
   * Parses {@code mysql://user:password@host:port/database}; {@code mariadb://} means the same.
   *
   * @throws Refused INVALID, in words that do not tell the password
   */
  public static DatabaseAddress parse(String url) {
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme();
      String path = uri.getPath();
      boolean known = "mysql".equals(scheme) || "mariadb".equals(scheme);
      if (!known || uri.getHost() == null || path == null || !path.matches("/[A-Za-z0-9_]{1,64}")) {
        throw invalid();
      }
      String userInfo = uri.getRawUserInfo() == null ? "root" : uri.getRawUserInfo();
      int colon = userInfo.indexOf(':');
      String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
      String password = colon < 0 ? "" : decode(userInfo.substring(colon + 1));
      int port = uri.getPort() < 0 ? 3306 : uri.getPort();
      return new DatabaseAddress(uri.getHost(), port, path.substring(1), user, password);
    } catch (URISyntaxException | IllegalArgumentException _) {
      throw invalid();
    }
  }

  private static Refused invalid() {
    return new Refused(
        Kind.INVALID,
        "database-url",
        "database.url is not of the form mysql://user:password@host:port/database: correct it.");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same server and user with another password, for one that is kept in a file. */
  public DatabaseAddress withPassword(String other) {
    return new DatabaseAddress(host, port, database, user, other);
  }

  /** The same server, another database. */
  public DatabaseAddress withDatabase(String other) {
    return new DatabaseAddress(host, port, other, user, password);
  }

  /** What {@link #parse} reads, with the password: for files that only their owner reads. */
  public String url() {
    return "mysql://%s:%s@%s:%d/%s".formatted(encode(user), encode(password), host, port, database);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String jdbcUrl() {
    return "jdbc:mariadb://%s:%d/%s".formatted(host, port, database);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "mysql://%s@%s:%d/%s".formatted(user, host, port, database);
  }
}
