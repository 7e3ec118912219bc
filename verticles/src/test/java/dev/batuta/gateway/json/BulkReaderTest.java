package dev.batuta.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.json.BulkReader.Bulk;
import dev.batuta.gateway.services.Submission;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkReaderTest {
  @Property(tries = 3000)
  void whatItTakesTheTreeTakesForTheSame(@ForAll("bodies") String body) {
    Buffer bytes = Buffer.buffer(body);
    Bulk bulk = BulkReader.read(bytes.getBytes());
    if (bulk != null) {
      Submission tree = SubmissionJson.batch(ExactJson.object(bytes), null);
      assertThat(bulk.tasks()).isEqualTo(tree.tasks());
      assertThat(bulk.key()).isEqualTo(tree.key());
    }
  }

  @Provide
  Arbitrary<String> bodies() {
    return tasks()
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .flatMap(
            tasks ->
                Arbitraries.of(
                        "{\"tasks\":[%s]}", "{\"idempotencyKey\":\"k\",\"tasks\":[%s]}",
                        "{\"tasks\":[%s],\"idempotencyKey\":\"k\"}", "{\"tasks\":[%s]} ")
                    .map(form -> form.formatted(String.join(",", tasks))));
  }

  private static Arbitrary<String> tasks() {
    Arbitrary<String> kind =
        Arbitraries.of("QUERY", "UPDATE", "TRANSFER", "COMPUTE").map(name -> "\"" + name + "\"");
    Arbitrary<String> more =
        fields(
            List.of(
                field("priority", "0", "9", "10", "1.0", "\"1\""),
                field(
                    "notBefore",
                    "\"2026-12-31T23:59:59Z\"",
                    "\"2026-12-31T23:59:59.5+02:00\"",
                    "\"x\""),
                field("timeoutMillis", "1", "5000", "0", "86400001"),
                field("maxAttempts", "1", "100", "-1", "null")));
    return Combinators.combine(kind, payloads(), more, Arbitraries.of(true, false))
        .as(
            (name, payload, others, first) -> {
              String both =
                  first
                      ? "\"kind\":" + name + ",\"payload\":" + payload
                      : "\"payload\":" + payload + ",\"kind\":" + name;
              return "{" + both + (others.isEmpty() ? "" : "," + others) + "}";
            });
  }

  private static Arbitrary<String> payloads() {
    String[] names = {"\"a\"", "\"11111111111\"", "\"ü\"", "\" b\"", "\"c\\\"d\"", "\"\"", "7"};
    String[] amounts = {
      "\"0.01\"",
      "\"120.5\"",
      "\"7\"",
      "\"0\"",
      "\"0.00\"",
      "\"007\"",
      "\"1.005\"",
      "\"-1\"",
      "1.5",
      "\"99999999999999999.99\"",
      "\"100000000000000000\"",
      "\".5\"",
      "\"5.\"",
      "\"+1\""
    };
    return fields(
            List.of(
                field("user", names),
                field("from", names),
                field("to", names),
                field("amount", amounts),
                field("operation", "\"set\"", "\"deposit\"", "\"withdraw\"", "\"steal\""),
                field("durationMillis", "0", "86400000", "86400001", "1e3"),
                field("crash", "true", "false", "\"no\"")))
        .map(inside -> "{" + inside + "}");
  }

  /** Each with a fair chance to be missing. */
  private static Arbitrary<String> fields(List<Arbitrary<String>> fields) {
    List<Arbitrary<String>> all =
        fields.stream()
            .map(
                field ->
                    Arbitraries.frequencyOf(Tuple.of(1, field), Tuple.of(1, Arbitraries.just(""))))
            .toList();
    return Combinators.combine(all)
        .as(
            given ->
                given.stream().filter(each -> !each.isEmpty()).collect(Collectors.joining(",")));
  }

  private static Arbitrary<String> field(String name, String... values) {
    return Arbitraries.of(values).map(value -> "\"" + name + "\":" + value);
  }

  @Test
  void aPlainBulkIsReadHere() {
    String body =
        """
        {"tasks":[{"kind":"COMPUTE","payload":{"durationMillis":0}},
          {"payload":{"amount":"5","user":"u"},"kind":"UPDATE","priority":3},
          {"kind":"TRANSFER","payload":{"from":"a","to":"b","amount":"1.20"},"timeoutMillis":5},
          {"kind":"QUERY","payload":{"user":"u"},"notBefore":"2026-12-31T23:59:59Z"}]}\
        """;
    Bulk bulk = Objects.requireNonNull(BulkReader.read(Buffer.buffer(body).getBytes()));
    assertThat(bulk.tasks())
        .isEqualTo(SubmissionJson.batch(ExactJson.object(Buffer.buffer(body)), null).tasks());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tasks\":[{\"kind\":\"QUERY\",\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\"}}]}",
        "{\"tasks\":[{\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\",\"user\":\"v\"}}]}",
        "{\"tasks\":[{\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\"}}],\"tasks\":[]}",
        "{\"tasks\":[{\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\"}}]}{}",
        "{\"tasks\":[{\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\"}}",
        "{\"tasks\":[]}",
        "[]",
        ""
      })
  void whatIsMalformedIsNoBulkAndIsRefused(String body) {
    assertThat(BulkReader.read(Buffer.buffer(body).getBytes())).isNull();
    assertThatThrownBy(() -> SubmissionJson.batch(Buffer.buffer(body), null))
        .isInstanceOf(Refused.class);
  }
}
