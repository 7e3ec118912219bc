package dev.batuta.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.batuta.codec.Refused;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the API file says of publications is what is taken. */
class PublicationJsonTest {
  private static final Validator ONE = validator("Publication");
  private static final Validator ANYWHERE = validator("DirectMessage");
  private static final Validator MANY = validator("Publications");

  @Property(tries = 500)
  void whatIsPublishedInAChannelIsWhatTheSchemaTakes(@ForAll("bodies") JsonObject body) {
    assertThat(isTaken(body, PublicationJsonTest::inChannel)).isEqualTo(isValid(ONE, body));
  }

  @Property(tries = 500)
  void whatIsSentAnywhereIsWhatTheSchemaTakesWithOnePlace(@ForAll("bodies") JsonObject body) {
    boolean isOnePlace = body.containsKey("to") != body.containsKey("channel");
    assertThat(isTaken(body, PublicationJsonTest::anywhere))
        .isEqualTo(isOnePlace && isValid(ANYWHERE, body));
  }

  @Property(tries = 500)
  void whatIsPublishedAtOnceIsWhatTheSchemaTakes(
      @ForAll("bodies") JsonObject one,
      @ForAll("bodies") JsonObject other,
      @ForAll("values") Object odd,
      @ForAll("shapes") int shape) {
    JsonObject body = new JsonObject();
    switch (shape) {
      case 0 -> body.put("messages", odd);
      case 1 -> body.put("messages", new JsonArray().add(one).add(other));
      case 2 -> body.put("messages", new JsonArray().add(one)).put("user", odd);
      case 3 -> body.put("messages", new JsonArray().add(one).add(odd));
      default -> body.put("messages", new JsonArray().add(one)).put("other", odd);
    }
    assertThat(isTaken(body, PublicationJson::batch)).isEqualTo(isValid(MANY, body));
  }

  private static void inChannel(Buffer body) {
    PublicationJson.inChannel(ExactJson.object(body));
  }

  private static void anywhere(Buffer body) {
    PublicationJson.anywhere(ExactJson.object(body));
  }

  @Provide
  Arbitrary<JsonObject> bodies() {
    return Arbitraries.maps(
            Arbitraries.of("text", "text", "text", "user", "to", "channel", "other"), values())
        .ofMaxSize(4)
        .map(fields -> new JsonObject(Map.copyOf(fields)));
  }

  @Provide
  Arbitrary<Object> values() {
    return Arbitraries.of(
        "a", "a", "a", "", " ", "ação", 1, 1.5, true, new JsonObject(), new JsonArray());
  }

  @Provide
  Arbitrary<Integer> shapes() {
    return Arbitraries.integers().between(0, 4);
  }

  private static boolean isTaken(JsonObject body, Consumer<Buffer> reader) {
    try {
      reader.accept(body.toBuffer());
      return true;
    } catch (Refused refused) {
      assertThat(refused.failure().code()).isEqualTo("invalid-request");
      return false;
    }
  }

  private static boolean isValid(Validator validator, JsonObject body) {
    return Boolean.TRUE.equals(validator.validate(body).getValid());
  }

  private static Validator validator(String schema) {
    try (InputStream file = PublicationJsonTest.class.getResourceAsStream("/conf/openapi.yaml")) {
      JsonNode found = new YAMLMapper().readTree(file).at("/components/schemas/" + schema);
      assertThat(found.isMissingNode()).isFalse();
      return Validator.create(
          JsonSchema.of(new JsonObject(found.toString())),
          new JsonSchemaOptions()
              .setDraft(Draft.DRAFT202012)
              .setBaseUri("app://batuta")
              .setOutputFormat(OutputFormat.Flag));
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
