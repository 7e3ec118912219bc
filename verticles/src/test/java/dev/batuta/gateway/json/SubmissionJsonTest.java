package dev.batuta.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.gateway.services.KnownKinds;
import dev.batuta.gateway.services.Submission;
import dev.batuta.orchestrator.TaskRules;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SubmissionJsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"12,5\"  | set      | payload.amount \"12,5\" is not a decimal number",
        "\"\"      | set      | payload.amount \"\" is not a decimal number",
        "\"1e400\" | set      | payload.amount \"1e400\" is not a decimal number",
        "\" 1\"    | set      | payload.amount \" 1\" is not a decimal number",
        "\"NaN\"   | set      | payload.amount \"NaN\" is not a decimal number",
        "true      | set      | payload.amount true is not a decimal number",
        "1e400     | set      | payload.amount 1E+400 is out of range",
        "1e99999   | set      | payload.amount 1E+99999 is out of range",
        "100000000000000000 | set | payload.amount 100000000000000000 is out of range",
        "\"1.005\" | set      | payload.amount 1.005 has more than 2 decimals",
        "1.005     | deposit  | payload.amount 1.005 has more than 2 decimals",
        "0.001     | deposit  | payload.amount 0.001 has more than 2 decimals",
        "-1        | set      | payload.amount -1 is negative; use one that is at least 0",
        "\"-0.01\" | withdraw | payload.amount -0.01 is negative; use one that is above 0",
        "0         | deposit  | payload.amount 0 is not above 0",
        "\"0.00\"  | withdraw | payload.amount 0.00 is not above 0",
        "null      | set      | payload.amount is missing",
        "1         | steal    | payload.operation \"steal\" is unknown; use set, deposit or withdraw",
      })
  void aWrongAmountOrOperationIsRefusedByNameAndValue(
      String amount, String operation, String sentence) {
    String body =
        "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"u\",\"operation\":\"%s\",\"amount\":%s}}"
            .formatted(operation, amount);
    assertRefused(body, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                        | kind is missing",
        "{`kind`:7}                                | kind is 7; send a text in quotes",
        "{`kind`:`TRANSFER`,`payload`:{`to`:`b`,`amount`:1}}    | payload.from is missing",
        "{`kind`:`TRANSFER`,`payload`:{`from`:`a`,`amount`:1}}  | payload.to is missing",
        "{`kind`:`TRANSFER`,`payload`:{`from`:`a`,`to`:`b`}}    | payload.amount is missing",
        "{`kind`:`TRANSFER`,`payload`:{`from`:`a`,`to`:`b`,`amount`:0}} | payload.amount 0 is not",
        "{`kind`:`TRANSFER`,`payload`:{`from`:`a`,`to`:`a`,`amount`:1}} | payload.to \"a\" is the one",
        "{`kind`:`TRANSFER`,`payload`:{`user`:`a`}}  | payload.user is unknown; use amount, from, to",
        "{`kind`:`COMPUTE`,`payload`:{}}             | payload.durationMillis is missing; use 0",
        "{`kind`:`COMPUTE`,`payload`:{`durationMillis`:-1}}   | payload.durationMillis is -1; use",
        "{`kind`:`COMPUTE`,`payload`:{`durationMillis`:86400001}} | payload.durationMillis is 86400001",
        "{`kind`:`COMPUTE`,`payload`:{`durationMillis`:1.5}}  | payload.durationMillis is 1.5; use",
        "{`kind`:`COMPUTE`,`payload`:{`durationMillis`:1,`crash`:`yes`}} | payload.crash is \"yes\"; use",
        "{`kind`:`EXTERNAL`}                         | payload is missing; send any JSON",
        "{`kind`:`OWN`,`payload`:[]}                 | payload is missing; send an object",
        "{`kind`:`QUERY`}                          | payload is missing",
        "{`kind`:`QUERY`,`payload`:[]}             | payload is missing",
        "{`kind`:`QUERY`,`payload`:{}}             | payload.user is missing",
        "{`kind`:`QUERY`,`payload`:{`user`:` `}}   | payload.user has 1 characters",
        "{`kind`:`QUERY`,`payload`:{`user`:`a\\u0000`}} | payload.user \"a\uFFFD\" has control",
        "{`kind`:`QUERY`,`payload`:{`user`:`a\\ud800`}} | The text at /payload/user has half",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`,`x`:1}}  | payload.x is unknown",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`colour`:1} | colour is unknown",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`priority`:10} | priority is 10; use a whole",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`priority`:1.5} | priority is 1.5; use a whole",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`maxAttempts`:0} | maxAttempts is 0; use a whole",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`timeoutMillis`:99999999999999999999} | timeoutMil",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`notBefore`:`soon`} | notBefore \"soon\" is not an",
        "{`kind`:`QUERY`,`payload`:{`user`:`u`},`idempotencyKey`:``} | idempotencyKey has 0 char",
      })
  void aWrongFieldIsRefusedByNameAndValue(String body, String sentence) {
    assertRefused(body.replace('`', '"'), sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{         | The body is not JSON (line 1, column",
        "[1]       | The body is not a JSON object",
        "nonsense  | The body is not JSON (line 1, column",
        "{} {}     | The body is not JSON",
        "{\"a\":1,\"a\":2} | Duplicate field 'a'",
      })
  void whatIsNotOneJsonObjectIsRefusedWithItsPlace(String body, String sentence) {
    assertThatThrownBy(() -> ExactJson.object(Buffer.buffer(body)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(sentence);
  }

  static Stream<String> beyondTheBounds() {
    return Stream.of(
        "{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}",
        "{\"a\":" + "[".repeat(1000),
        "{\"a\":" + "1".repeat(101) + "}",
        "{\"a\":1." + "1".repeat(101) + "}",
        "{\"a\":1e999999999999}",
        "{\"" + "n".repeat(257) + "\":1}");
  }

  @ParameterizedTest
  @MethodSource("beyondTheBounds")
  void whatIsBeyondTheBoundsIsRefusedByOneSentence(String body) {
    assertThatThrownBy(() -> ExactJson.object(Buffer.buffer(body)))
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.failure())
                    .isEqualTo(
                        new Failure(Failure.Kind.TOO_LARGE, "too-large", JsonBounds.SENTENCE)));
  }

  @Test
  void whatIsAtTheBoundsIsRead() {
    String deepest = "{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}";
    String longest = "{\"" + "n".repeat(256) + "\":" + "1".repeat(100) + "}";
    // The library has a bound of its own for texts; here the door's is the only one.
    String text = "{\"a\":\"" + "x".repeat(20_000_001) + "\"}";

    for (String body : List.of(deepest, longest, text)) {
      assertThat(ExactJson.object(Buffer.buffer(body)).size()).isEqualTo(1);
    }
  }

  @Test
  void ofExternalAnyJsonIsKeptWithExactNumbersUpToABound() {
    for (String json :
        List.of("null", "7", "\"a\"", "[1.50,1E+400,{}]", "{\"a\":[true,null],\"b\":\"\u00e9\"}")) {
      NewTask task =
          one("{\"kind\":\"EXTERNAL\",\"payload\":" + json + "}", null).tasks().getFirst();
      assertThat(task.payload()).isEqualTo(new External(json));
      JsonObject shown = TaskJson.accepted(7, task, null, "server-1");
      assertThat(shown.encode()).contains("\"payload\":" + json);
    }
    String most = "\"" + "x".repeat(16_382) + "\"";
    String body = "{\"kind\":\"EXTERNAL\",\"payload\":%s}";
    assertThat(one(body.formatted(most), null).tasks()).hasSize(1);
    assertRefused(body.formatted("[" + most + "]"), "payload has 16386 bytes as JSON; use at most");
  }

  @Test
  void kindsThatAreKnownAreReadAsTheyAre() {
    assertThat(
            one("{\"kind\":\"OWN\",\"payload\":{\"a\":1.50}}", null).tasks().getFirst().payload())
        .isEqualTo(new Custom("OWN", "{\"a\":1.50}"));
    assertThat(
            one(
                    "{\"kind\":\"TRANSFER\",\"payload\":{\"from\":\"a\",\"to\":\"b\",\"amount\":5}}",
                    null)
                .tasks()
                .getFirst()
                .payload())
        .isEqualTo(new Transfer("a", "b", "5.00"));
    assertThat(
            one("{\"kind\":\"COMPUTE\",\"payload\":{\"durationMillis\":86400000}}", null)
                .tasks()
                .getFirst()
                .payload())
        .isEqualTo(new Compute(86_400_000, false));
    KnownKinds kinds = new KnownKinds(List.of());
    kinds.taken(List.of("QUERY", "REMOTE"));
    assertThat(kinds.knows("REMOTE")).isTrue();
    assertThat(kinds.enumerated())
        .isEqualTo("QUERY, UPDATE, TRANSFER, COMPUTE, EXTERNAL or REMOTE");
    kinds.taken(List.of());
    assertThat(kinds.knows("REMOTE")).isFalse();
  }

  @Test
  void aFieldThatIsMissingHasItsDefault() {
    Submission read =
        one("{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"u\",\"amount\":120.5}}", null);

    assertThat(read.key()).isNull();
    assertThat(read.tasks())
        .containsExactly(new NewTask(new Update("u", Operation.SET, "120.50"), 0, 0, 0, 0));
  }

  @Test
  void aKeyMayBeGivenTwiceButNotTwoKeys() {
    String body = "{\"kind\":\"QUERY\",\"payload\":{\"user\":\"u\"},\"idempotencyKey\":\"k\"}";

    assertThat(one(body, "k").key()).isEqualTo("k");
    assertThatThrownBy(() -> one(body, "other")).hasMessageContaining("give one of them");
  }

  @Test
  void aBatchNamesTheTaskThatIsWrong() {
    JsonObject good = query("u");
    JsonObject bad = new JsonObject().put("kind", "QUERY").put("payload", new JsonObject());
    JsonObject body = new JsonObject().put("tasks", new JsonArray().add(good).add(bad));

    assertThatThrownBy(() -> SubmissionJson.batch(ExactJson.object(body.toBuffer()), null))
        .hasMessage("tasks[1].payload.user is missing.");
  }

  @Test
  void aBatchHasOneToTenThousandTasks() {
    JsonArray tasks = new JsonArray();
    for (int i = 0; i < TaskRules.MAX_BATCH; i++) {
      tasks.add(query("u" + i));
    }
    JsonObject body = new JsonObject().put("tasks", tasks);
    assertThat(SubmissionJson.batch(ExactJson.object(body.toBuffer()), null).tasks())
        .hasSize(TaskRules.MAX_BATCH);

    tasks.add(query("one more"));
    assertThatThrownBy(() -> SubmissionJson.batch(ExactJson.object(body.toBuffer()), null))
        .hasMessageContaining("tasks has 10001 elements; send at most 10000 at once");
    assertThatThrownBy(
            () -> SubmissionJson.batch(ExactJson.object(Buffer.buffer("{\"tasks\":[]}")), null))
        .hasMessageContaining("tasks is missing");
  }

  @Property
  void everyAmountOfTheLedgerIsReadExactlyAsNumberAndAsText(
      @ForAll @BigRange(min = "0.01", max = "99999999999999999.99") @Scale(2) BigDecimal amount) {
    String text = amount.toPlainString();
    for (String given : new String[] {text, "\"" + text + "\""}) {
      String body =
          "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"u\",\"operation\":\"deposit\",\"amount\":"
              + given
              + "}}";
      assertThat(one(body, null).tasks().getFirst().payload())
          .isEqualTo(new Update("u", Operation.DEPOSIT, text));
    }
  }

  @Property
  void anyTextAsAmountIsReadOrRefused(@ForAll @StringLength(max = 60) String text) {
    JsonObject body =
        new JsonObject()
            .put("kind", "UPDATE")
            .put("payload", new JsonObject().put("user", "u").put("amount", text));
    try {
      Submission read = SubmissionJson.one(ExactJson.object(body.toBuffer()), null);
      Update update = (Update) read.tasks().getFirst().payload();
      assertThat(new BigDecimal(update.amount())).isEqualByComparingTo(new BigDecimal(text));
    } catch (Refused refused) {
      assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.INVALID);
    }
  }

  @Property
  void whatIsSubmittedReadsTheSameAsWhatWasAccepted(
      @ForAll @StringLength(min = 1, max = 40) String user) {
    JsonObject given = query(user);
    try {
      NewTask task =
          SubmissionJson.one(ExactJson.object(given.toBuffer()), null).tasks().getFirst();
      JsonObject shown = TaskJson.accepted(7, task, null, "server-1");
      assertThat(shown.getJsonObject("payload")).isEqualTo(given.getJsonObject("payload"));
      assertThat(((Query) task.payload()).user()).isEqualTo(user);
    } catch (Refused refused) {
      assertThat(refused).hasMessageStartingWith("payload.user");
    }
  }

  private static JsonObject query(String user) {
    return new JsonObject().put("kind", "QUERY").put("payload", new JsonObject().put("user", user));
  }

  private static Submission one(String body, @org.jspecify.annotations.Nullable String key) {
    return SubmissionJson.one(ExactJson.object(Buffer.buffer(body)), key);
  }

  private static void assertRefused(String body, String sentence) {
    assertThatThrownBy(() -> one(body, null))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.INVALID);
              assertThat(refused.failure().message()).startsWith(sentence).endsWith(".");
            });
  }
}
