package dev.batuta.gateway.http;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One gateway for all tests of a class, and those who call its operations. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayCalls {
  static final String QUERY = "{\"kind\":\"QUERY\",\"payload\":{\"user\":\"22222222222\"}}";

  GatewayFixture gateway;
  String admin;
  String alice;
  String bob;

  @BeforeAll
  void start(@TempDir Path folder) {
    gateway = new GatewayFixture(folder);
    admin = gateway.token("admin", "admin");
    alice = gateway.token("alice", "password1");
    bob = gateway.token("bob", "password2");
  }

  @AfterAll
  void stop() {
    gateway.close();
  }

  Reply get(String path, @Nullable String token) {
    return call("GET", path, token, null);
  }

  Reply post(String path, @Nullable String token, @Nullable String body) {
    return call("POST", path, token, body);
  }

  Reply call(
      String method, String path, @Nullable String token, @Nullable String body, String... more) {
    return gateway.call(method, "/api/v1/" + path, token, body, more);
  }

  /** A task of alice's that does not run in the time of a test. */
  String later() {
    JsonObject task = new JsonObject(QUERY).put("notBefore", "2199-01-01T00:00:00Z");
    return post("tasks", alice, task.encode()).text("id");
  }
}
