package dev.batuta.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the files say; that the database takes them, every test of a store says.
 *
 * <p>{@code procedures-before.txt} has the schema and the procedures of the version before, whose
 * servers go on in this version's database while they are replaced one by one, and when it is taken
 * back. It is written anew when a version is released, from its files.
 */
class ProceduresTest {
  private static final Path MIGRATIONS = Path.of("../conf/db/migration");
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern PROCEDURE =
      Pattern.compile(
          "^CREATE PROCEDURE (\\w+)\\((.*?)\\)\\n(?=BEGIN|\\w+: BEGIN|[A-Z]{6})",
          Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern TAKES_AWAY =
      Pattern.compile("\\b(DROP|RENAME|CHANGE|MODIFY)\\b|ADD COLUMN (?!.*DEFAULT).*NOT NULL");

  @Test
  void everyProcedureIsCalledAndWhatIsCalledIsThere() throws IOException {
    String sql = text(MIGRATIONS, "R__");
    Set<String> created = names("CREATE PROCEDURE (\\w+)", sql);
    Set<String> called = names("CALL (\\w+)\\(", sql + text(SOURCES, ""));
    called.remove("name"); // of a Javadoc

    assertThat(created).contains("accept_traced_tasks", "adopt_terms", "compact_tasks");
    called.addAll(proceduresBefore().keySet());
    assertThat(called).isEqualTo(created);
  }

  @Test
  void aServerOfTheVersionBeforeFindsItsProceduresAsItCallsThem() throws IOException {
    Map<String, String> now = procedures(text(MIGRATIONS, "R__"));

    assertThat(proceduresBefore()).hasSizeGreaterThan(30);
    assertThat(now)
        .as("a procedure with other parameters gets another name, and the old one stays")
        .containsAllEntriesOf(proceduresBefore());
  }

  @Test
  void aMigrationOnlyAddsToWhatTheVersionBeforeWrites() throws IOException {
    int before = Integer.parseInt(before().getFirst().replace("schema ", ""));
    List<Path> since;
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      since = files.filter(file -> version(file) > before).toList();
    }

    for (Path file : since) {
      assertThat(sql(Files.readString(file))).as(file.toString()).doesNotContainPattern(TAKES_AWAY);
    }
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

  private static List<String> before() throws IOException {
    try (InputStream file = ProceduresTest.class.getResourceAsStream("procedures-before.txt")) {
      return new String(requireNonNull(file).readAllBytes(), UTF_8).lines().toList();
    }
  }

  private static Map<String, String> proceduresBefore() throws IOException {
    return before().stream()
        .skip(1)
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf('(')),
                line -> line.substring(line.indexOf('(') + 1, line.length() - 1)));
  }

  /** Their parameters by name. */
  private static Map<String, String> procedures(String text) {
    return PROCEDURE
        .matcher(sql(text))
        .results()
        .collect(
            Collectors.toMap(
                found -> found.group(1), found -> found.group(2).strip().replaceAll("\\s+", " ")));
  }

  private static String sql(String text) {
    return text.replaceAll("--.*", "");
  }

  /** Of a migration that is not repeated; 0 for one that is. */
  private static int version(Path file) {
    Matcher name = Pattern.compile("V(\\d+)__.*").matcher(file.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
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
