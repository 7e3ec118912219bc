package dev.batuta.gateway.http;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpHeaders;

/** What a client got. */
record Reply(int status, HttpHeaders headers, String body) {
  String contentType() {
    return headers.firstValue("Content-Type").orElse("");
  }

  JsonObject json() {
    return new JsonObject(body);
  }

  String text(String field) {
    return json().getString(field);
  }
}
