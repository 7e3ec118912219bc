package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.TaskMessage;
import dev.batuta.identity.UserName;
import dev.batuta.orchestrator.Bounds;
import dev.batuta.orchestrator.TaskRules;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** The API file says the figures by which submissions are judged. */
class ContractFiguresTest {
  private final JsonNode components = components();

  @Test
  void aKeyHasTheSameBoundWhereverItIsGiven() {
    for (JsonNode key :
        new JsonNode[] {
          components.at("/parameters/IdempotencyKey/schema"),
          schema("NewTask").path("idempotencyKey"),
          schema("NewTasks").path("idempotencyKey")
        }) {
      assertThat(key.path("minLength").asInt()).isEqualTo(1);
      assertThat(key.path("maxLength").asInt()).isEqualTo(IdempotencyKey.MAX_CHARACTERS);
    }
  }

  @Test
  void theNumbersOfATaskHaveTheBoundsOfTheRules() {
    for (Bounds bounds :
        new Bounds[] {TaskRules.PRIORITY, TaskRules.TIMEOUT_MILLIS, TaskRules.ATTEMPTS}) {
      assertBounds(schema("NewTask").path(bounds.field()), bounds);
    }
    assertBounds(schema("ComputePayload").path("durationMillis"), TaskRules.DURATION_MILLIS);
    assertThat(TaskRules.ATTEMPTS.most()).isEqualTo(TaskRules.MAX_ATTEMPTS);
  }

  @Test
  void aBatchAndItsPayloadsAreAsLargeAsTheRulesAllow() {
    JsonNode tasks = schema("NewTasks").path("tasks");
    assertThat(tasks.path("minItems").asInt()).isEqualTo(1);
    assertThat(tasks.path("maxItems").asInt()).isEqualTo(TaskRules.MAX_BATCH);
    assertThat(components.at("/schemas/NewPayload/description").asText())
        .contains("at most " + TaskMessage.MAX_JSON_BYTES + " bytes");
  }

  @Test
  void aUserIsAsLongAsAUsersNameMayBe() {
    for (JsonNode user :
        new JsonNode[] {
          schema("QueryPayload").path("user"),
          schema("UpdatePayload").path("user"),
          schema("TransferPayload").path("from"),
          schema("TransferPayload").path("to")
        }) {
      assertThat(user.path("maxLength").asInt()).isEqualTo(UserName.MAX_CHARACTERS);
    }
  }

  private static void assertBounds(JsonNode schema, Bounds bounds) {
    assertThat(schema.path("minimum").asLong(-1)).as(bounds.field()).isEqualTo(bounds.least());
    assertThat(schema.path("maximum").asLong(-1)).as(bounds.field()).isEqualTo(bounds.most());
  }

  private JsonNode schema(String name) {
    return components.at("/schemas/" + name + "/properties");
  }

  private static JsonNode components() {
    try (InputStream file = Contract.class.getResourceAsStream("/conf/openapi.yaml")) {
      return new YAMLMapper().readTree(file).path("components");
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
