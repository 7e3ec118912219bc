package dev.batuta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.batuta.codec.ErrorCode;
import dev.batuta.codec.ErrorCode.Reach;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
  /** Put together where they are made: of a kind of name, and of a status. */
  private static final Set<String> COMPUTED = Set.of("user-not-found", "channel-not-found");

  @Test
  void everyCodeThatTheSourcesMakeIsInTheCatalogue() throws IOException {
    Map<String, Set<String>> made = new TreeMap<>(MadeCodes.ofMainSources());

    assertThat(made).as("the sources were read").containsKeys("key-reused", "busy", "too-slow");
    made.keySet().removeAll(codes(_ -> true));
    assertThat(made).as("codes that ErrorCode does not have, and who makes them").isEmpty();
  }

  @Test
  void everyCodeOfTheCatalogueIsMadeSomewhere() throws IOException {
    Set<String> idle = codes(_ -> true);
    idle.removeAll(MadeCodes.ofMainSources().keySet());
    idle.removeAll(COMPUTED);

    assertThat(idle).isEmpty();
  }

  @Test
  void theApiFileListsTheCodesThatAServerMayAnswerWith() throws IOException {
    Map<String, String> catalogue =
        Arrays.stream(ErrorCode.values())
            .filter(code -> code.reach() == Reach.ANSWER)
            .collect(Collectors.toMap(ErrorCode::code, ErrorCode::meaning));

    assertThat(listed()).isEqualTo(new TreeMap<>(catalogue));
  }

  @Test
  void theDatabaseMakesNoCodeOfWhatItsStoresAreAbout() throws IOException {
    Set<String> made = new TreeSet<>();
    MadeCodes.ofMainSources()
        .forEach(
            (code, files) -> {
              if (files.stream().anyMatch(file -> file.contains("/batuta/database/"))) {
                made.add(code);
              }
            });
    made.removeIf(code -> code.startsWith("database-"));

    assertThat(made)
        .containsExactlyInAnyOrder(
            "outcome-unknown", "interrupted", "migration-failed", "newer-schema", "port-taken");
  }

  private static Set<String> codes(Predicate<ErrorCode> which) {
    return Arrays.stream(ErrorCode.values())
        .filter(which)
        .map(ErrorCode::code)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, String> listed() throws IOException {
    try (InputStream in = ErrorCodeTest.class.getResourceAsStream("/conf/openapi.yaml")) {
      JsonNode codes =
          new YAMLMapper()
              .readTree(Objects.requireNonNull(in))
              .at("/components/schemas/Problem/properties/code/x-codes");
      Map<String, String> listed = new TreeMap<>();
      codes.properties().forEach(each -> listed.put(each.getKey(), each.getValue().asText()));
      return listed;
    }
  }
}
