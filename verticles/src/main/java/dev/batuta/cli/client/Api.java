package dev.batuta.cli.client;

import static dev.batuta.cli.client.Exchange.ANSWER;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Exchange.Ask;
import dev.batuta.codec.Text;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's REST interface, by whichever of its servers answers.
 *
 * <p>What cannot happen twice is repeated at the next server when one is away or silent: reading,
 * and a submission under its idempotency key, which stays the same. Other requests go on to the
 * next server only while nothing was sent. Every try is bounded in time, and so are all together.
 * Belongs to one thread; {@link #beginningAt} gives another one its own.
 */
public final class Api {
  private static final String UNREACHABLE = "unreachable";
  private static final String UNKNOWN = "unknown";
  private static final Duration ALL_TRIES = Duration.ofSeconds(45);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** For one request: stored, of the file, by a login before, by a new one; and none at first. */
  private static final int MOST_TOKENS = 5;

  /** The idempotency key in the body of a submission. */
  public static final String KEY = "idempotencyKey";

  private static final Set<Integer> AWAY = Set.of(408, 502, 503, 504);

  private final Exchange exchange;
  private final List<String> servers;
  private final TokenChoice tokens;
  private final OwnLogin login;
  private int preferred;

  Api(List<String> servers, TokenChoice tokens) {
    this(servers, tokens, OwnLogin.asDemonstration(), Optional.empty());
  }

  /**
   * @param login where no token is at hand
   * @param trust whose certificates it takes, empty for Java's own choice
   */
  Api(List<String> servers, TokenChoice tokens, OwnLogin login, Optional<SSLContext> trust) {
    this(new Exchange(trust), servers, tokens, login, 0);
  }

  private Api(
      Exchange exchange, List<String> servers, TokenChoice tokens, OwnLogin login, int preferred) {
    this.exchange = exchange;
    this.servers = servers;
    this.tokens = tokens;
    this.login = login;
    this.preferred = preferred;
  }

  /**
   * The same cluster by the same tokens, for another thread.
   *
   * @param server which one it asks first, counted from 0 and round again
   */
  public Api beginningAt(int server) {
    return new Api(exchange, servers, tokens, login, server);
  }

  /** An answer of status 2xx, and whose it is. */
  public record Answer(int status, JsonNode body, String server) {}

  /** Reads; {@code path} is below {@code /api/v1}. */
  public JsonNode get(String path) {
    return get(path, Duration.ZERO);
  }

  /** Reads what the server may hold back for some time. */
  public JsonNode get(String path, Duration held) {
    return answered(new Ask("GET", path, null, null, ANSWER.plus(held))).body();
  }

  /** Asks for a thing that must not happen twice. */
  public Answer post(String path, JsonNode body) {
    return answered(new Ask("POST", path, body, null, ANSWER));
  }

  /**
   * Asks for a thing that happens once for its key, however often it is asked for. The key goes by
   * a header, unless the body has it: a header carries ASCII only.
   */
  public Answer post(String path, JsonNode body, @Nullable String key, Duration held) {
    var once = key == null ? UUID.randomUUID().toString() : key;
    return answered(new Ask("POST", path, body, once, ANSWER.plus(held)));
  }

  /** Asks for a thing that, asked for again, is the same. */
  public JsonNode postAgain(String path) {
    return answered(new Ask("POST", path, null, UUID.randomUUID().toString(), ANSWER)).body();
  }

  /** An id as a segment of a path; there is none that a path cannot have. */
  public static String id(String text) {
    if (!Text.isAddressable(text)) {
      throw Problem.failed("not-found", "there is no id '" + text + "'");
    }
    return encoded(text);
  }

  /** Text as a value in a query, or a segment of a path if {@link Text#isAddressable}. */
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  public List<String> servers() {
    return servers;
  }

  private Answer answered(Ask ask) {
    long end = System.nanoTime() + ALL_TRIES.toNanos();
    boolean mayHaveHappened = false;
    while (true) {
      Optional<Problem> refusal = Optional.empty();
      for (int tried = 0; tried < servers.size(); tried++) {
        var server = servers.get(preferred % servers.size());
        try {
          var response = authorized(server, ask);
          if (response.statusCode() / 100 == 2) {
            return new Answer(response.statusCode(), parsed(server, response), server);
          }
          var problem = Problem.answered(response.statusCode(), response.body());
          if (!AWAY.contains(response.statusCode()) || !ask.repeatable()) {
            throw problem;
          }
          mayHaveHappened |= response.statusCode() == 504;
          refusal = Optional.of(problem);
        } catch (ConnectException | HttpConnectTimeoutException e) {
          // nothing was sent
        } catch (SSLHandshakeException e) {
          throw untrusted(server, e);
        } catch (IOException e) {
          if (!ask.repeatable()) {
            throw Problem.unsure(UNKNOWN, lost(server) + ": look whether it happened, then repeat");
          }
          mayHaveHappened = true;
        }
        preferred++;
      }
      boolean again = ask.key() != null && mayHaveHappened;
      if (!again || System.nanoTime() > end) {
        throw gaveUp(ask, again, refusal);
      }
      pause(PAUSE);
    }
  }

  private Problem gaveUp(Ask ask, boolean unknown, Optional<Problem> refusal) {
    if (unknown) {
      return Problem.unsure(
          UNKNOWN,
          "no server said within %d s whether it happened: repeat with --key %s, which makes it happen once"
              .formatted(ALL_TRIES.toSeconds(), ask.key()));
    }
    return refusal.orElseGet(
        () ->
            Problem.failed(
                UNREACHABLE,
                "no server answers at "
                    + String.join(", ", servers)
                    + ": start a cluster by ./batuta up, or name a server by --url"));
  }

  /** Whether the same may be answered later: nobody did now, or a server said that it cannot. */
  public static boolean mayPass(Problem problem) {
    return Set.of(UNREACHABLE, UNKNOWN).contains(problem.code())
        || problem.status() == 429
        || problem.status() >= 500;
  }

  private static Problem untrusted(String server, SSLHandshakeException e) {
    return Problem.failed(
        "untrusted",
        "%s does not show a certificate that is trusted here (%s): name the one of its authority by --ca"
            .formatted(server, e.getMessage()));
  }

  private static String lost(String server) {
    return server + " did not answer, or the connection was lost";
  }

  public static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while waiting");
    }
  }

  /** Sends with the best token, and with the next best while the server refuses one. */
  private HttpResponse<String> authorized(String server, Ask ask) throws IOException {
    var token = token(server);
    var response = exchange.send(server, ask, token);
    for (int tried = 1; response.statusCode() == 401 && tried < MOST_TOKENS; tried++) {
      var next = afterRefusal(server, token);
      if (next.isEmpty()) {
        if (token.isEmpty()) {
          throw loginFirst(server);
        }
        break;
      }
      token = next;
      response = exchange.send(server, ask, token);
    }
    return response;
  }

  private Optional<String> afterRefusal(String server, Optional<String> refused)
      throws IOException {
    refused.ifPresent(tokens::refused);
    var next = known(server);
    return next.isPresent() || tokens.chosen()
        ? next
        : login.instead(refused, who -> tokenFor(server, who));
  }

  private Optional<String> token(String server) {
    return known(server).or(login::token);
  }

  /** At hand without a login. Who is told by the environment logs in, unless a token is, too. */
  private Optional<String> known(String server) {
    return login.isTold() && !tokens.chosen() ? Optional.empty() : tokens.of(server, Instant.now());
  }

  static Problem loginFirst(String server) {
    return Problem.failed("unauthenticated", "log in first: ./batuta login --url " + server);
  }

  private Optional<String> tokenFor(String server, OwnLogin.Who who) throws IOException {
    if (who.demonstration() && !isDemonstration(server)) {
      return Optional.empty();
    }
    var response = exchange.send(server, loginOf(who.user(), who.password()), Optional.empty());
    if (response.statusCode() == 200) {
      return Optional.of(parsed(server, response).path("token").asText());
    }
    if (who.demonstration()) {
      return Optional.empty();
    }
    throw Problem.answered(response.statusCode(), response.body());
  }

  /** On this machine a demonstration cluster lets anyone in as the demonstration admin. */
  private boolean isDemonstration(String server) throws IOException {
    var host = URI.create(server).getHost();
    if (!Set.of("127.0.0.1", "localhost", "[::1]").contains(host)) {
      return false;
    }
    var cluster =
        exchange.send(server, new Ask("GET", "/cluster", null, null, ANSWER), Optional.empty());
    return cluster.statusCode() == 200
        && parsed(server, cluster).path("profile").asText().equals("demo");
  }

  /** A token for a password: {@code {token, expiresAt, roles}}. */
  public Answer login(String user, String password) {
    for (var server : servers) {
      try {
        var response = exchange.send(server, loginOf(user, password), Optional.empty());
        if (response.statusCode() != 200) {
          throw Problem.answered(response.statusCode(), response.body());
        }
        return new Answer(200, parsed(server, response), server);
      } catch (IOException e) {
        // the next one
      }
    }
    throw gaveUp(loginOf(user, ""), false, Optional.empty());
  }

  private static Ask loginOf(String user, String password) {
    var body = Output.JSON.createObjectNode().put("user", user).put("password", password);
    return new Ask("POST", "/login", body, null, ANSWER);
  }

  /** The server that gave the last answer has said that another one is better. */
  void avoidServer() {
    preferred++;
  }

  /** Opens a stream of events at the first server that gives one; the body is to be closed. */
  HttpResponse<InputStream> stream(String path, @Nullable String lastEventId) {
    Optional<Problem> refusal = Optional.empty();
    for (int tried = 0; tried < servers.size(); tried++) {
      var server = servers.get(preferred++ % servers.size());
      try {
        var token = token(server);
        var response = exchange.open(server, path, lastEventId, token);
        for (int tries = 1; response.statusCode() == 401 && tries < MOST_TOKENS; tries++) {
          var next = afterRefusal(server, token);
          if (next.isEmpty()) {
            break;
          }
          response.body().close();
          token = next;
          response = exchange.open(server, path, lastEventId, token);
        }
        if (response.statusCode() == 200) {
          preferred--;
          return response;
        }
        try (var body = response.body()) {
          refusal =
              Optional.of(
                  response.statusCode() == 401 && token.isEmpty()
                      ? loginFirst(server)
                      : Problem.answered(
                          response.statusCode(),
                          new String(body.readAllBytes(), StandardCharsets.UTF_8)));
        }
      } catch (IOException e) {
        // the next one
      }
    }
    throw gaveUp(new Ask("GET", path, null, null, ANSWER), false, refusal);
  }

  private static JsonNode parsed(String server, HttpResponse<String> response) {
    return Output.parsed(response.body())
        .orElseThrow(
            () ->
                Problem.unsure(
                    "bad-answer",
                    "%s answered %d with what is no JSON: is it a server of Batuta, of this version?"
                        .formatted(server, response.statusCode())));
  }
}
