package dev.batuta.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the files say; that the database takes them, every test of a store says. */
class ProceduresTest {
  private static final Path MIGRATIONS = Path.of("../conf/db/migration");
  private static final Path SOURCES = Path.of("src/main/java");

  /** What only servers of the version before call, while they are replaced one by one. */
  private static final Set<String> OF_BEFORE = Set.of("accept_tasks", "open_queue");

  @Test
  void everyProcedureIsCalledAndWhatIsCalledIsThere() throws IOException {
    String sql = text(MIGRATIONS, "R__");
    Set<String> created = names("CREATE PROCEDURE (\\w+)", sql);
    Set<String> called = names("CALL (\\w+)\\(", sql + text(SOURCES, ""));
    called.remove("name"); // of a Javadoc

    assertThat(created).contains("accept_traced_tasks", "adopt_terms", "compact_tasks");
    assertThat(created).as("for servers of the version before").containsAll(OF_BEFORE);
    called.addAll(OF_BEFORE);
    assertThat(called).isEqualTo(created);
  }

  @Test
  void aMigrationThatIsRepeatedDropsWhatItCreates() throws IOException {
    String sql = text(MIGRATIONS, "R__");

    assertThat(names("DROP PROCEDURE IF EXISTS (\\w+);", sql))
        .containsAll(names("CREATE PROCEDURE (\\w+)", sql));
  }

  @Test
  void anActHasOneVerb() throws IOException {
    String sql = text(MIGRATIONS, "R__").replaceAll("DROP PROCEDURE IF EXISTS \\w+;", "");
    Stream<String> statements =
        sql.lines().map(line -> line.replaceAll("settled_to|v_settled", ""));

    assertThat(Stream.concat(statements, methodsOfStores().stream()))
        .as("release, persist, compact, acknowledge, reconcile; retry; adopt; special kinds")
        .noneMatch(
            line -> line.matches("(?i).*(settle|absorb|revive|tr(y|ied) ?again|inherit|aside).*"));
  }

  private static Set<String> methodsOfStores() throws IOException {
    Set<String> methods = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(each -> each.toString().endsWith("Store.java")).toList()) {
        methods.addAll(names("^  (?:public )?[\\w<>]+ (\\w+)\\(", Files.readString(file)));
      }
    }
    assertThat(methods).as("the sources were read").contains("adopt", "retry", "compact");
    return methods;
  }

  private static Set<String> names(String pattern, String text) {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String text(Path folder, String prefix) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (file.getFileName().toString().startsWith(prefix)) {
          text.append(Files.readString(file));
        }
      }
    }
    return text.toString();
  }
}
